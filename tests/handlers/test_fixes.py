"""The doors that mend captions answer in private, and lose nothing when Slack does not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.errors import OutcomeUnknown, SlackRefused
from bot.rules.request import CaptionRequest
from bot.store.database import Database
from bot.ui import fix_modal, mend_buttons
from handlers.fixes import Fixes
from handlers.modals import Modals
from handlers.replying import promised
from tests.handlers.completed import completed

REFUSED = SlackRefused("expired_trigger_id", method="views.open")


@dataclass
class Slack:
    """Remembers what it is told; `error` is raised for every view instead."""

    error: Exception | None = None
    views: list[Any] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    async def views_open(self, _token: str, _trigger_id: str, view: Any) -> None:
        await self.views_update(_token, "", view)

    async def views_update(self, _token: str, _view_id: str, view: Any, _hash: str = "") -> None:
        if self.error is not None:
            raise self.error
        self.views.append(view)

    async def respond(self, _url: str, text: str, _blocks: Any, **_more: Any) -> None:
        self.said.append(text)


@dataclass
class Door:
    """Fixes with a store, and a finished job with a track in it."""

    fixes: Fixes
    slack: Slack
    job_id: str
    acked: list[dict[str, Any]] = field(default_factory=list)

    async def ack(self, **answer: Any) -> None:
        self.acked.append(answer)

    async def press(self, action_id: str, *, value: str = "", user: str = "U1", view: Any = None) -> None:
        body = {
            "type": "block_actions",
            "team": {"id": "T1"},
            "user": {"id": user},
            "channel": {"id": "C1"},
            "trigger_id": "1.1",
            "response_url": "https://hooks.example",
            "actions": [{"action_id": action_id, "value": value or self.job_id}],
            **({} if view is None else {"view": view}),
        }
        context: Any = {}
        await self.fixes.pressed(self.ack, body, context)
        work = promised(context)
        if work is not None:
            await work()

    async def submit(self, view: dict[str, Any], *, user: str = "U1", **values: str) -> dict[str, Any]:
        filled = {name: {f"caption_{name}": {"value": value}} for name, value in values.items()}
        body = {
            "type": "view_submission",
            "team": {"id": "T1"},
            "user": {"id": user},
            "view": {**view, "id": "V1", "state": {"values": filled}},
        }
        await self.fixes.submitted(self.ack, body)
        return self.acked[-1]


async def always(_team_id: str) -> str:
    return "default"


def done(tx: Any) -> str:
    request = CaptionRequest(asset_id="a1", language_code="en")
    return completed(tx, request, request_key="act1", track_id="t1").job.id


@pytest.fixture
async def door(sqlite_store: Database) -> Door:
    slack: Any = Slack()
    modals = Modals(
        store=sqlite_store,
        slack=slack,
        token_of=always,
        account_of=always,
        poll_in_seconds=30.0,
        looked=lambda _account: None,
    )
    fixes = Fixes(modals=modals, public_url="", can_sign=False)
    return Door(fixes, slack, await sqlite_store.transaction(done))


async def test_the_form_opens_grows_and_is_sent(door: Door) -> None:
    await door.press(mend_buttons.FIX)
    (view,) = door.slack.views
    await door.press(fix_modal.ADD_ROW, view={**view, "id": "V1", "hash": "h"})
    grown = door.slack.views[-1]
    assert sum(block.get("block_id", "").startswith("find_") for block in grown["blocks"]) == 4
    assert await door.submit(grown, find_0="mucks", replace_0="Mux") == {}
    joined = await door.submit({**grown, "id": "V2"}, find_0="mucks", replace_0="Mux")
    assert joined == {}


async def test_mistakes_are_told_at_their_fields(door: Door) -> None:
    await door.press(mend_buttons.FIX)
    answer = await door.submit(door.slack.views[0], find_0="same", replace_0="same")
    assert (answer["response_action"], set(answer["errors"])) == ("errors", {"replace_0"})


async def test_another_fix_under_way_is_told_in_place_of_the_form(door: Door) -> None:
    await door.press(mend_buttons.FIX)
    (view,) = door.slack.views
    await door.submit(view, find_0="mucks", replace_0="Mux")
    body = {
        "team": {"id": "T1"},
        "user": {"id": "U1"},
        "view": {
            **view,
            "id": "V2",
            "state": {
                "values": {
                    "find_0": {"caption_find_0": {"value": "other"}},
                    "replace_0": {"caption_replace_0": {"value": "words"}},
                }
            },
        },
    }
    await door.fixes.submitted(door.ack, body)
    assert door.acked[-1]["response_action"] == "update"
    assert "other words are being fixed" in str(door.acked[-1]["view"])


async def test_who_may_not_is_told_and_gets_no_form(door: Door) -> None:
    await door.press(mend_buttons.FIX, user="U2")
    assert door.slack.views == []
    assert "is not yours" in door.slack.said[-1]
    await door.press(mend_buttons.FIX)
    answer = await door.submit(door.slack.views[0], user="U2", find_0="a", replace_0="b")
    # A form says nothing of the channel that it was opened from, so a stranger learns nothing.
    assert "There is no such job here" in str(answer["view"])


@pytest.mark.parametrize("error", [REFUSED, OutcomeUnknown("broke off"), TimeoutError()])
async def test_a_form_that_does_not_open_is_told(door: Door, error) -> None:
    door.slack.error = error
    await door.press(mend_buttons.FIX)
    assert "could not be opened in time" in door.slack.said[-1]


@pytest.mark.parametrize("error", [REFUSED, OutcomeUnknown("broke off")])
async def test_a_form_that_does_not_grow_stays_as_it_is(door: Door, error) -> None:
    await door.press(mend_buttons.FIX)
    view = door.slack.views[0]
    door.slack.error = error
    await door.press(fix_modal.ADD_ROW, view={**view, "id": "V1"})
    assert door.slack.said == []


async def test_presses_that_mend_are_answered_in_private(door: Door) -> None:
    await door.press(mend_buttons.RESTORE)
    assert "no previous captions" in door.slack.said[-1]
    await door.press(mend_buttons.PHRASES)
    assert "Nothing was added" in door.slack.said[-1]
    before = len(door.slack.said)
    await door.press("fix_something_else")
    assert len(door.slack.said) == before
    assert len(door.acked) == 3
