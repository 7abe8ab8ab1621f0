"""What a person can mend is said where they are looking, and what they typed is not lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from slack_bolt.context.async_context import AsyncBoltContext

from bot.errors import NotConnected
from handlers import slack
from handlers.modals import Modals
from handlers.replying import promised

PERSON = {"team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}}
FORM = {
    "callback_id": "caption_modal",
    "blocks": [{"type": "section"}, {"type": "input", "block_id": "video"}],
}


class Told:
    def __init__(self) -> None:
        self.said: list[str] = []

    async def respond(self, url: str, text: str, _blocks: Any, **_more: Any) -> None:
        self.said.append(f"{url} {text}")

    async def post(self, _token: str, channel: str, text: str, _blocks: Any) -> None:
        self.said.append(f"{channel} {text}")


async def answered(body: dict[str, Any]) -> tuple[Any, list[str]]:
    """Return the answer to a request whose workspace has not connected Mux, and what followed it."""
    told = Told()

    async def token_of(_team_id: str) -> str:
        return "xoxb-1"

    modals = Modals(
        store=None,
        slack=told,
        token_of=token_of,
        account_of=token_of,
        poll_in_seconds=30.0,
        looked=lambda _account: None,
    )
    context = AsyncBoltContext()
    answer = await slack._failing(modals)(NotConnected(), body, context)
    assert answer.status == 200
    if (work := promised(context)) is not None:
        await work()
    return json.loads(answer.body) if answer.body else None, told.said


async def test_a_command_is_answered_with_what_was_typed():
    answer, _ = await answered({"command": "/caption", "text": "abc en", "team_id": "T1"})

    assert answer["response_type"] == "ephemeral"
    assert "Connect Mux" in answer["text"]
    assert "/caption abc en" in answer["text"]


async def test_a_form_stays_open_with_the_sentence_at_its_first_field():
    answer, _ = await answered({"type": "view_submission", "view": FORM, **PERSON})

    assert "Connect Mux" in answer["errors"]["video"]


async def test_a_list_is_empty():
    assert (await answered({"type": "block_suggestion", **PERSON}))[0] == {"options": []}


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"type": "block_actions", "response_url": "https://r.test"}, "https://r.test "),
        ({"type": "block_actions"}, "U1 "),
        ({"type": "message_action", "response_url": "https://r.test"}, "https://r.test "),
        ({"type": "shortcut"}, "U1 "),
    ],
)
async def test_a_click_is_answered_in_private(body, where):
    answer, said = await answered({**PERSON, **body})

    assert answer is None
    assert [each for each in said if each.startswith(where) and "Connect Mux" in each]


async def test_an_event_is_answered_by_nothing():
    assert await answered({"type": "event_callback"}) == (None, [])
