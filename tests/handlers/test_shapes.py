"""What does not look like a request of Slack's reaches no listener; what Slack adds does no harm."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.shapes import is_slacks, is_storable
from tests.fuzz import seeds


@pytest.mark.parametrize(
    "body",
    [seeds.COMMAND, *seeds.INTERACTIONS, *seeds.EVENTS],
    ids=str,
)
def test_what_slack_sends_is_heard_also_with_fields_that_nobody_knows_yet(body: dict[str, Any]):
    assert is_slacks(body)
    assert is_slacks({**body, "brand_new": {"deep": [1, None]}})


@pytest.mark.parametrize("name", ["command", "team_id", "channel_id", "user_id", "trigger_id"])
@pytest.mark.parametrize("wrong", [None, "", 7, []])
def test_a_command_without_what_it_needs_is_not_heard(name: str, wrong: Any):
    assert not is_slacks({**seeds.COMMAND, name: wrong})


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": "unknown"},
        {"type": ["block_actions"]},
        {**seeds.INTERACTIONS[0], "actions": []},
        {**seeds.INTERACTIONS[0], "user": "U1"},
        {**seeds.INTERACTIONS[0], "actions": [{"value": "j1"}]},
        {"type": "event_callback", "event": None},
    ],
)
def test_what_is_bent_is_not_heard(body: dict[str, Any]):
    assert not is_slacks(body)


@given(st.text())
def test_any_text_that_people_can_type_can_be_stored(text: str):
    assert is_storable({"a": [text]}) == ("\x00" not in text)


@pytest.mark.parametrize("text", ["\x00", "a\ud800", "\udfff"])
def test_text_that_no_database_takes_is_not_heard(text: str):
    assert not is_storable({"deep": [{text: 1}]})
    assert not is_slacks({**seeds.COMMAND, "text": text})


async def test_a_signed_body_that_is_not_slacks_is_refused_in_words(doors: Any):
    refused = await doors.slack(b"payload=%7B%22type%22%3A%22odd%22%7D", "application/x-www-form-urlencoded")
    assert (refused.status_code, refused.json()) == (400, {"error": "the body is not what Slack sends"})


async def test_slacks_check_of_the_certificate_is_answered(doors: Any):
    for raw, status in ((b"ssl_check=1&token=abc", 200), (b"ssl_check=0&token=abc", 401)):
        asked = await doors.http.post("/slack/events", content=raw)
        assert asked.status_code == status
