"""Whoever the operator did not admit is answered where they look, and nothing is started."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.rules.admission import Admission
from bot.rules.form import CaptionForm
from bot.ui import caption_modal

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def admission() -> Admission:
    return Admission(users=frozenset({"U1", "U9"}), channels=frozenset({"C1", "D1"}))


def interaction(kind: str, *, user: str = "U2", team: str = "T1", home: str = "T1", **more: Any) -> bytes:
    body = {
        "type": kind,
        "team": {"id": team},
        "user": {"id": user, "team_id": home},
        "trigger_id": "1.2.3",
        **more,
    }
    return urlencode({"payload": json.dumps(body)}).encode()


def form(channel: str) -> dict[str, Any]:
    built = caption_modal.build(CaptionForm(channel_id=channel))
    chosen = {"channel": {"caption_channel": {"selected_conversation": channel}}}
    return {**built, "id": "V1", "state": {"values": chosen}}


async def test_a_command_of_somebody_else_is_answered_privately_and_makes_no_job(doors):
    before = await doors.counts()
    answer = await doors.command("assetOne1234", user_id="U2")
    assert answer.status_code == 200
    assert answer.json()["response_type"] == "ephemeral"
    assert "ALLOWED_USERS: `U2`" in str(answer.json()["blocks"])
    assert await doors.counts() == before


async def test_the_list_of_channels_holds_for_those_who_are_admitted_too(doors):
    refused = await doors.command("assetOne1234", user_id="U1", channel_id="C2")
    assert "may not be used in this channel" in refused.json()["text"]
    taken = await doors.command("assetOne1234", user_id="U1", channel_id="C1")
    assert "Captioning" in taken.json()["text"]
    assert (await doors.counts())["job"] == 1


async def test_help_is_for_those_who_are_admitted(doors):
    assert "limited to certain people" in (await doors.command("help", user_id="U2")).json()["text"]
    assert "/caption" in (await doors.command("help", user_id="U1")).json()["text"]


async def test_a_button_of_somebody_else_is_answered_privately_and_moves_nothing(doors):
    answer = await doors.press("job_cancel", "abc", user="U2")
    assert "limited to certain people" in answer["text"]
    assert (await doors.counts())["audit"] == 0


async def test_a_form_of_somebody_else_says_so_at_its_first_field(doors):
    sent = await doors.slack(interaction("view_submission", view=form("C1")), FORM)
    errors = sent.json()["errors"]
    assert sent.json()["response_action"] == "errors"
    assert "ALLOWED_USERS: U2" in next(iter(errors.values()))


async def test_a_form_may_not_report_in_a_channel_that_is_closed(doors):
    sent = await doors.slack(interaction("view_submission", user="U1", view=form("C2")), FORM)
    assert "ALLOWED_CHANNELS: C2" in next(iter(sent.json()["errors"].values()))
    assert (await doors.counts())["job"] == 0


async def test_a_search_of_somebody_else_finds_nothing(doors):
    found = await doors.slack(interaction("block_suggestion", action_id="caption_video", value="a"), FORM)
    assert found.json() == {"options": []}


@pytest.mark.parametrize(
    ("kind", "callback"), [("shortcut", "caption_video"), ("message_action", "caption_message")]
)
async def test_a_shortcut_of_somebody_else_opens_nothing_and_says_why(doors, kind, callback):
    sent = await doors.slack(
        interaction(kind, callback_id=callback, channel={"id": "C1"}, response_url="http://127.0.0.1/x"), FORM
    )
    assert (sent.status_code, doors.told.views) == (200, [])
    (answer,) = doors.told.answers
    assert "limited to certain people" in answer["text"]


async def test_an_event_is_nobodys_wish_and_passes(doors):
    event = {"type": "event_callback", "event": {"type": "app_home_opened", "user": "U2"}}
    answer = await doors.slack(json.dumps(event).encode(), "application/json")
    assert "limited" not in answer.text


class TestOtherOrganizations:
    @pytest.fixture
    def admission(self) -> Admission:
        return Admission()

    async def test_a_press_from_a_channel_shared_with_them_is_turned_away(self, doors):
        body = interaction(
            "block_actions",
            home="T2",
            actions=[{"action_id": "job_cancel", "value": "abc"}],
            response_url="http://127.0.0.1/x",
        )
        assert (await doors.slack(body, FORM)).status_code == 200
        (answer,) = doors.told.answers
        assert "People of other organizations" in answer["text"]

    async def test_within_one_enterprise_people_of_another_workspace_are_members(self, doors):
        body = interaction(
            "block_actions",
            home="T2",
            enterprise={"id": "E1"},
            actions=[{"action_id": "job_cancel", "value": "abc"}],
            response_url="http://127.0.0.1/x",
        )
        assert (await doors.slack(body, FORM)).status_code == 200
        assert "organizations" not in doors.told.answers[-1]["text"]
