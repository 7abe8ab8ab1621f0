"""Selects of conversations: what they list, and what stands in them when a modal opens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

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
from bot.sandbox.page.inputs import element
from bot.sandbox.page.look import Look
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.conversations import offered, preselected
from bot.sandbox.slack.methods import METHODS
from bot.sandbox.slack.model import Channel, View
from bot.sandbox.slack.stand_in import Slack

SELECT: dict[str, Any] = {"type": "conversations_select", "default_to_current_conversation": True}
PUBLIC = Channel(id="C1", name="a")
PRIVATE = Channel(id="G1", name="b", kind="private")
DIRECT = Channel(id="D1", name="directmessage", kind="im")
SHARED = Channel(id="C2", name="c", shared_with=("T0OTHER",))
PLAIN = {"type": "plain_text", "text": "T"}
BUTTON = {"type": "button", "action_id": "again", "text": PLAIN}


def modal(**more: Any) -> dict[str, Any]:
    part = {**SELECT, "action_id": "c", **more}
    block = {"type": "input", "block_id": "c", "label": PLAIN, "element": part}
    return {"type": "modal", "title": PLAIN, "submit": PLAIN, "blocks": [block]}


@pytest.mark.parametrize(
    ("more", "ids"),
    [
        ({}, ["C1", "G1", "D1", "C2"]),
        ({"filter": {"include": ["public"]}}, ["C1", "C2"]),
        ({"filter": {"include": ["im", "private"]}}, ["G1", "D1"]),
        ({"filter": {"exclude_bot_users": True}}, ["C1", "G1", "C2"]),
        ({"filter": {"exclude_external_shared_channels": True}}, ["C1", "G1", "D1"]),
        ({"type": "channels_select"}, ["C1", "C2"]),
        ({"type": "multi_channels_select"}, ["C1", "C2"]),
    ],
)
def test_a_filter_decides_what_is_listed(more: dict[str, Any], ids: list[str]) -> None:
    part = {**SELECT, **more}
    assert [one.id for one in (PUBLIC, PRIVATE, DIRECT, SHARED) if offered(part, one)] == ids


def test_the_current_conversation_stands_in_the_field_where_the_bot_asked_for_it() -> None:
    assert preselected(SELECT, PUBLIC) == "C1"
    assert preselected({**SELECT, "type": "multi_conversations_select"}, PUBLIC) == ["C1"]
    assert preselected({"type": "conversations_select"}, PUBLIC) is None
    assert preselected(SELECT, None) is None
    assert preselected({**SELECT, "initial_conversation": "C9"}, PUBLIC) is None
    assert preselected({**SELECT, "initial_conversations": ["C9"]}, PUBLIC) is None
    assert preselected({**SELECT, "filter": {"include": ["im"]}}, PUBLIC) is None


class Bench:
    """A workspace whose bot keeps the trigger ids it gets."""

    def __init__(self, slack: Slack, got: list[str]) -> None:
        self.slack, self.got = slack, got

    def open(self, method: str = "views.open", **more: Any) -> View:
        arguments = Arguments({"trigger_id": self.got[-1], "view": modal(**more)})
        METHODS[method].act(self.slack, arguments)
        view = self.slack.workspace.views.top("U0ANA")
        assert view is not None
        return view

    def home(self) -> View:
        blocks = [{"type": "actions", "block_id": "h", "elements": [BUTTON]}]
        return self.slack.workspace.views.publish("U0ANA", {"type": "home", "blocks": blocks})


def chosen(view: View) -> Any:
    (typed,) = view.state["c"].values()
    return typed.get("selected_conversation") or typed.get("selected_conversations")


@pytest.fixture
async def bench(served: Callable[[ASGIApp], AbstractAsyncContextManager[str]]) -> AsyncIterator[Bench]:
    got: list[str] = []

    async def receive(request: Request) -> Response:
        text = (await request.body()).decode()
        if "trigger_id" in text:
            tail = text.split("trigger_id", 1)[1].removeprefix("=").removeprefix("%22%3A+%22")
            got.append(tail.replace("%22", "&").split("&", 1)[0])
        return Response()

    async with served(Starlette(routes=[Route("/slack/events", receive, methods=["POST"])])) as url:
        clock = SandboxClock()
        slack = Slack(SandboxConfig(bot_url=url), clock, Journal(clock.now), Faults())
        await slack.start()
        yield Bench(slack, got)
        await slack.stop()


async def test_a_modal_knows_where_its_command_was_typed(bench: Bench) -> None:
    await bench.slack.people.command("U0ANA", "C0PAYLOAD", "/caption", "")
    view = bench.open()
    assert chosen(view) == "C0PAYLOAD"
    views = bench.slack.workspace.views
    assert chosen(views.update(view, modal(action_id="other"))) == "C0PAYLOAD"
    await bench.slack.people.submit("U0ANA", view.id)
    await bench.slack.people.command("U0ANA", "C0DEMO", "/caption", "")
    bench.open()
    pushed = views.push("U0ANA", modal(type="multi_conversations_select"))
    assert chosen(pushed) == ["C0DEMO"]


async def test_a_message_and_a_button_in_it_lead_to_their_channel(bench: Bench) -> None:
    blocks = [{"type": "actions", "block_id": "b", "elements": [BUTTON]}]
    message = bench.slack.workspace.post("C0DEMO", "U0CAPTION", "x", blocks=blocks)
    people = bench.slack.people
    await people.press("U0ANA", block_id="b", action_id="again", channel_id="C0DEMO", ts=message.ts)
    view = bench.open()
    assert chosen(view) == "C0DEMO"
    await people.submit("U0ANA", view.id)
    await people.shortcut("U0ANA", "caption_message", channel_id="C0DEMO", ts=message.ts)
    view = bench.open()
    assert chosen(view) == "C0DEMO"
    await people.submit("U0ANA", view.id, {"c": {"c": "C0PAYLOAD"}})
    assert bench.slack.triggers.redeem(bench.got[-1]) == ("U0ANA", "C0DEMO")


async def test_from_home_and_from_a_global_shortcut_there_is_no_current_conversation(bench: Bench) -> None:
    home = bench.home()
    await bench.slack.people.press("U0ANA", block_id="h", action_id="again", view_id=home.id)
    assert chosen(bench.open()) is None
    await bench.slack.people.shortcut("U0ANA", "caption_video")
    assert chosen(bench.open()) is None


async def test_the_page_lists_what_the_filter_leaves(bench: Bench) -> None:
    bench.slack.workspace.add_channel("not-anas", members={"U0BEN"}, channel_id="C0BEN")
    look = Look(workspace=bench.slack.workspace, viewer="U0ANA")
    view = bench.home()
    part = {"type": "conversations_select", "action_id": "c", "filter": {"include": ["im", "private"]}}
    html = element(part, "b", look.scene_of_view(view))
    assert ">board-films</li>" in html
    assert ">Caption Bot (direct messages)</li>" in html
    assert "captions-demo" not in html
    assert "not-anas" not in element({**part, "filter": {}}, "b", look.scene_of_view(view))
