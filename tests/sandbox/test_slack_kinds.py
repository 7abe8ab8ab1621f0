"""Members, an admin, a guest and somebody from another company: where they are, and what the bot learns."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faults import Faults
from bot.sandbox.journal import Journal
from bot.sandbox.page.look import Look
from bot.sandbox.page.messages import message_item
from bot.sandbox.page.offers import Offers
from bot.sandbox.page.snapshot import take
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.methods import METHODS
from bot.sandbox.slack.model import Refusal
from bot.sandbox.slack.stand_in import Slack

PLAIN = {"type": "plain_text", "text": "T"}
NAME = {"type": "plain_text_input", "action_id": "n"}
MODAL = {
    "type": "modal",
    "title": PLAIN,
    "submit": PLAIN,
    "blocks": [{"type": "input", "block_id": "n", "optional": True, "label": PLAIN, "element": NAME}],
}
BUTTON = {"type": "button", "action_id": "go", "text": PLAIN}
ROW = {"type": "actions", "block_id": "b", "elements": [BUTTON]}


class Bench:
    """A workspace, and what its bot was sent."""

    def __init__(self, slack: Slack, got: list[dict[str, Any]]) -> None:
        self.slack, self.got = slack, got
        self.workspace, self.people = slack.workspace, slack.people

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        return METHODS[method].act(self.slack, Arguments(arguments))

    def user(self, user_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.call("users.info", user=user_id)["user"]
        return found

    def look(self, user_id: str) -> Look:
        return Look(workspace=self.workspace, viewer=user_id, offers=Offers(home=True))


@pytest.fixture
async def bench(served: Callable[[ASGIApp], AbstractAsyncContextManager[str]]) -> AsyncIterator[Bench]:
    got: list[dict[str, Any]] = []

    async def receive(request: Request) -> Response:
        text = (await request.body()).decode()
        if text.startswith("{"):
            got.append(json.loads(text))
        else:
            form = {name: values[0] for name, values in parse_qs(text).items()}
            got.append(json.loads(form["payload"]) if "payload" in form else form)
        return Response()

    async with served(Starlette(routes=[Route("/slack/events", receive, methods=["POST"])])) as url:
        clock = SandboxClock()
        scopes = (*SandboxConfig().slack_scopes, "users:read", "channels:read", "groups:read")
        config = replace(SandboxConfig(bot_url=url), slack_scopes=scopes)
        slack = Slack(config, clock, Journal(clock.now), Faults())
        await slack.start()
        yield Bench(slack, got)
        await slack.stop()


async def test_everybody_is_in_the_channels_that_are_open_to_them(bench: Bench) -> None:
    seen = {one: {channel.id for channel in bench.look(one).channels()} for one in bench.workspace.people}
    everything = {"C0DEMO", "C0PAYLOAD", "C0ANNOUNCE", "G0BOARD", "C0LUMEN"}
    assert seen == {
        "U0ANA": everything,
        "U0BEN": everything,
        "U0ADA": everything,
        "U0GIL": {"C0DEMO"},
        "U0KAI": {"C0LUMEN"},
    }


async def test_users_info_tells_the_kinds_apart(bench: Bench) -> None:
    flags = ("is_admin", "is_restricted", "is_stranger", "team_id")
    assert {one: tuple(bench.user(one)[flag] for flag in flags) for one in bench.workspace.people} == {
        "U0ANA": (False, False, False, "T0SANDBOX"),
        "U0BEN": (False, False, False, "T0SANDBOX"),
        "U0ADA": (True, False, False, "T0SANDBOX"),
        "U0GIL": (False, True, False, "T0SANDBOX"),
        "U0KAI": (False, False, False, "T0LUMEN"),
    }


async def test_somebody_from_elsewhere_is_a_stranger_once_no_channel_is_shared(bench: Bench) -> None:
    bench.workspace.kick("C0LUMEN")
    assert bench.user("U0KAI")["is_stranger"]
    assert not bench.user("U0GIL")["is_stranger"]


async def test_a_shared_channel_says_with_whom(bench: Bench) -> None:
    shared = bench.call("conversations.info", channel="C0LUMEN")["channel"]
    assert (shared["is_shared"], shared["is_ext_shared"]) == (True, True)
    assert shared["shared_team_ids"] == ["T0SANDBOX", "T0LUMEN"]
    own = bench.call("conversations.info", channel="C0DEMO")["channel"]
    assert (own["is_ext_shared"], own["shared_team_ids"]) == (False, ["T0SANDBOX"])


async def test_acts_of_somebody_from_elsewhere_name_their_company(bench: Bench) -> None:
    message = bench.workspace.post("C0LUMEN", "U0CAPTION", "x", blocks=[ROW])
    await bench.people.command("U0KAI", "C0LUMEN", "/caption", "help")
    await bench.people.press("U0KAI", block_id="b", action_id="go", channel_id="C0LUMEN", ts=message.ts)
    command, press = bench.got
    assert (command["user_id"], command["team_id"]) == ("U0KAI", "T0SANDBOX")
    assert (press["user"]["team_id"], press["team"]["id"]) == ("T0LUMEN", "T0SANDBOX")
    view = bench.workspace.views.open("U0KAI", MODAL)
    await bench.people.submit("U0KAI", view.id)
    submission = bench.got[-1]
    assert submission["team"] == {"id": "T0LUMEN", "domain": "lumen-studio"}
    assert (submission["view"]["team_id"], submission["view"]["app_installed_team_id"]) == (
        "T0LUMEN",
        "T0SANDBOX",
    )


async def test_messages_and_events_of_a_shared_channel_say_so(bench: Bench) -> None:
    bench.people.say("U0KAI", "C0LUMEN", "hello")
    (said,) = bench.call("conversations.history", channel="C0LUMEN")["messages"]
    assert said["team"] == "T0LUMEN"
    for channel, shared in (("C0LUMEN", True), ("C0DEMO", False)):
        await bench.people.event({"type": "link_shared", "channel": channel})
        assert bench.got[-1]["is_ext_shared_channel"] is shared


async def test_nobody_from_elsewhere_has_a_place_outside_the_shared_channel(bench: Bench) -> None:
    with pytest.raises(Refusal, match="not_in_channel"):
        await bench.people.command("U0KAI", "C0DEMO", "/caption", "")
    with pytest.raises(Refusal, match="channel_not_found"):
        bench.call("chat.postMessage", channel="U0KAI", text="hello")
    with pytest.raises(Refusal, match="not_in_channel"):
        bench.people.say("U0GIL", "C0PAYLOAD", "hello")
    shown = take(bench.look("U0KAI"), "home", "", [])
    assert shown.place == "C0LUMEN"
    assert "Caption Bot home" not in shown.regions["places"].html


async def test_the_page_says_who_is_what(bench: Bench) -> None:
    shown = take(bench.look("U0ANA"), "C0LUMEN", "", [])
    places = shown.regions["places"].html
    assert "<span>Ada</span><small>admin</small>" in places
    assert "<span>Gil</span><small>guest</small>" in places
    assert "<span>Kai</span><small>Lumen Studio</small>" in places
    assert "5 members · shared with Lumen Studio" in shown.regions["title"].html
    message = bench.people.say("U0KAI", "C0LUMEN", "hello")
    html = message_item(message, bench.look("U0ANA"), place="channel")
    assert '<span class="company">Lumen Studio</span>' in html
