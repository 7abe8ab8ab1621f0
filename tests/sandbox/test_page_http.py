from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faults import Faults
from bot.sandbox.journal import Journal
from bot.sandbox.media import load_clips
from bot.sandbox.mux import Estate
from bot.sandbox.page.live import Live
from bot.sandbox.page.look import Look
from bot.sandbox.page.offers import Offers, Shortcut
from bot.sandbox.page.routes import Page, page_of
from bot.sandbox.page.snapshot import Difference, Snapshot, take
from bot.sandbox.page.videos import Video, videos_at, what_adding_needs
from bot.sandbox.slack.model import File, Message
from bot.sandbox.slack.stand_in import Slack

Served = Callable[[ASGIApp], AbstractAsyncContextManager[str]]
VIDEOS = [Video(asset_id="asset01", title="Studio <tour>", about="0:53 · ready")]


def words(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


EVERYTHING = Offers(
    global_shortcuts=(Shortcut(callback_id="caption_video", label="Caption a video"),),
    message_shortcuts=(Shortcut(callback_id="caption_message", label="Caption this"),),
    home=True,
)
OPTIONS = [{"text": words("English"), "value": "en"}, {"text": words("Spanish"), "value": "es"}]
MODAL: dict[str, Any] = {
    "type": "modal",
    "title": words("Caption a video"),
    "submit": words("Start"),
    "blocks": [
        {
            "type": "input",
            "block_id": "video",
            "label": words("Video"),
            "element": {"type": "external_select", "action_id": "v", "min_query_length": 0},
        },
        {
            "type": "input",
            "block_id": "language",
            "label": words("Language"),
            "optional": True,
            "dispatch_action": True,
            "element": {"type": "static_select", "action_id": "v", "options": OPTIONS},
        },
    ],
}


@dataclass
class Bot:
    """Keeps what Slack sent and answers as it is told."""

    got: list[dict[str, Any]] = field(default_factory=list)
    answer: Any = ""

    async def __call__(self, request: Request) -> Response:
        body = await request.body()
        if request.headers["content-type"] == "application/json":
            sent = json.loads(body)
        else:
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            sent = json.loads(form["payload"]) if "payload" in form else form
        self.got.append(sent)
        return Response(self.answer) if isinstance(self.answer, str) else JSONResponse(self.answer)


@dataclass
class Desk:
    """A person in front of the page."""

    slack: Slack
    page: Page
    bot: Bot
    browser: httpx.AsyncClient
    offers: Offers = EVERYTHING

    async def do(self, act: str, **body: Any) -> httpx.Response:
        return await self.browser.post(f"/_page/{act}", json={"as": "U0ANA", **body})

    def shown(self, viewer: str = "U0ANA", place: str = "C0DEMO", thread: str = "") -> Snapshot:
        look = Look(workspace=self.slack.workspace, viewer=viewer, offers=self.offers)
        return take(look, place, thread, VIDEOS)

    def post(self, text: str = "hello", **more: Any) -> Message:
        return self.slack.workspace.post(
            more.pop("channel", "C0DEMO"), more.pop("author", "U0CAPTION"), text, **more
        )


@pytest.fixture
async def desk(served: Served) -> AsyncIterator[Desk]:
    bot, clock = Bot(), SandboxClock()
    door: Callable[[Request], Awaitable[Response]] = bot.__call__
    async with served(Starlette(routes=[Route("/slack/events", door, methods=["POST"])])) as url:
        slack = Slack(SandboxConfig(bot_url=url), clock, Journal(clock.now), Faults())
        page = Page(slack, lambda: VIDEOS, missing="Install something.", offers=EVERYTHING)
        await slack.start()
        transport = httpx.ASGITransport(Starlette(routes=page.routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:3030") as browser:
            yield Desk(slack, page, bot, browser)
        await slack.stop()


async def test_the_page_is_readable_before_its_script_runs(desk: Desk) -> None:
    desk.post("*Captions* are ready")
    answer = await desk.browser.get("/?as=U0BEN&in=C0DEMO")
    assert "<strong>Captions</strong> are ready" in answer.text
    assert "Studio &lt;tour&gt;" in answer.text
    assert 'data-insert="/caption asset01"' in answer.text
    assert "Install something." in answer.text
    assert 'data-as="U0BEN" data-in="C0DEMO"' in answer.text


async def test_the_policy_allows_nothing_from_elsewhere_and_nothing_inline(desk: Desk) -> None:
    answer = await desk.browser.get("/?as=nobody&in=nowhere&thread=1.0")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'self'; ")
    assert "unsafe" not in policy
    assert "<style" not in answer.text
    assert " style=" not in answer.text
    assert answer.text.count("<script") == answer.text.count('<script type="module" src="')
    assert 'data-as="U0ANA" data-in="C0DEMO" data-thread=""' in answer.text


async def test_static_files_are_revalidated_and_the_icon_exists(desk: Desk) -> None:
    first = await desk.browser.get("/_page/static/app.js")
    assert first.status_code == 200
    assert first.headers["x-content-type-options"] == "nosniff"
    again = await desk.browser.get("/_page/static/app.js", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    icon = await desk.browser.get("/favicon.ico", follow_redirects=True)
    assert icon.headers["content-type"] == "image/svg+xml"
    assert (await desk.browser.get("/_page/static/../routes.py")).status_code == 404


async def test_a_command_reaches_the_bot_and_its_answer_is_private(desk: Desk) -> None:
    desk.bot.answer = {"response_type": "ephemeral", "text": "Here is *help*"}
    assert (await desk.do("say", **{"in": "C0DEMO", "text": "/caption help me"})).status_code == 200
    assert desk.bot.got[0]["command"] == "/caption"
    assert desk.bot.got[0]["text"] == "help me"
    (item,) = desk.shown().lists["messages"].values()
    assert "Only visible to you" in item.html
    assert "Here is <strong>help</strong>" in item.html
    assert desk.shown("U0BEN").lists["messages"] == {}


async def test_plain_words_are_posted_as_the_persons_message(desk: Desk) -> None:
    await desk.do("say", **{"in": "C0DEMO", "text": "is a < b & c?", "thread": ""})
    (item,) = desk.shown("U0BEN").lists["messages"].values()
    assert "is a &lt; b &amp; c?" in item.html
    assert "Ana Costa" in item.html
    assert "APP" not in item.html
    assert desk.bot.got == []


async def test_a_reply_goes_into_the_thread_and_counts(desk: Desk) -> None:
    parent = desk.post("card")
    await desk.do("say", **{"in": "C0DEMO", "text": "thanks", "thread": parent.ts})
    await desk.do("say", **{"in": "C0DEMO", "text": "a lot", "thread": parent.ts})
    shown = desk.shown(thread=parent.ts)
    assert "2 replies" in shown.lists["messages"][parent.ts].html
    assert "Last reply" in shown.lists["messages"][parent.ts].html
    assert len(shown.lists["messages"]) == 1
    assert len(shown.lists["thread-messages"]) == 3
    assert "2 replies" not in shown.lists["thread-messages"][parent.ts].html


async def test_a_deleted_parent_leaves_a_gravestone_over_its_thread(desk: Desk) -> None:
    parent = desk.post("card")
    desk.post("reply", thread_ts=parent.ts)
    alone = desk.post("alone")
    desk.slack.workspace.delete(parent)
    desk.slack.workspace.delete(alone)
    messages = desk.shown().lists["messages"]
    assert list(messages) == [parent.ts]
    assert "This message was deleted." in messages[parent.ts].html
    assert "1 reply<" in messages[parent.ts].html


async def test_an_edit_is_marked_and_a_card_is_not(desk: Desk) -> None:
    plain, card = desk.post("one"), desk.post("two")
    block = {"type": "section", "block_id": "b", "text": words("three")}
    desk.slack.workspace.update(plain, text="uno", blocks=[], metadata=None)
    desk.slack.workspace.update(card, text="x", blocks=[block], metadata=None)
    messages = desk.shown().lists["messages"]
    assert "(edited)" in messages[plain.ts].html
    assert "(edited)" not in messages[card.ts].html


async def test_a_message_shows_its_command_and_files(desk: Desk) -> None:
    desk.slack.workspace.files["F1"] = File(
        id="F1", name="a b.srt", title="English", owner="U0ANA", content=b"x" * 2048, completed=True
    )
    desk.post("done", files=["F1", "F2"], command="/caption asset01")
    (item,) = desk.shown().lists["messages"].values()
    assert "/caption asset01" in item.html
    assert 'href="/files/U0ANA/F1/a%20b.srt"' in item.html
    assert "a b.srt · SRT captions · 2 KB" in item.html


async def test_a_pressed_button_reaches_the_bot_with_its_own_value(desk: Desk) -> None:
    button = {"type": "button", "action_id": "cancel", "text": words("Cancel"), "value": "job1"}
    message = desk.post(blocks=[{"type": "actions", "block_id": "b", "elements": [button]}])
    where = {"channel": "C0DEMO", "ts": message.ts}
    answer = await desk.do("act", source=where, block="b", action="cancel", raw={"value": "forged"}, state={})
    assert answer.status_code == 200
    (payload,) = desk.bot.got
    assert payload["type"] == "block_actions"
    assert payload["actions"][0]["value"] == "job1"
    gone = await desk.do("act", source=where, block="b", action="other")
    assert gone.json() == {"error": "This button or field is gone."}
    assert (await desk.do("act", source={**where, "ts": "1.0"}, block="b", action="x")).status_code == 400


async def test_a_modal_is_filled_in_refused_and_submitted(desk: Desk) -> None:
    view = desk.slack.workspace.views.open("U0ANA", MODAL)
    empty = await desk.do("submit", view=view.id, state={})
    assert empty.status_code == 200
    html = desk.shown().regions["modal"].html
    assert "Please complete this required field." in html
    assert desk.bot.got == []
    chosen = {"text": words("Studio tour"), "value": "asset01"}
    state = {"video": {"v": {"options": [chosen]}}, "language": {"v": {"options": [OPTIONS[1]]}}}
    desk.bot.answer = {"response_action": "errors", "errors": {"video": "It has captions."}}
    await desk.do("submit", view=view.id, state=state)
    html = desk.shown().regions["modal"].html
    assert "It has captions." in html
    assert 'value="Studio tour"' in html
    desk.bot.answer = ""
    await desk.do("submit", view=view.id, state=state)
    assert desk.bot.got[-1]["view"]["state"]["values"]["video"]["v"]["selected_option"] == chosen
    assert desk.shown().regions["modal"].html == ""
    gone = await desk.do("submit", view=view.id, state=state)
    assert gone.json() == {"error": "This window is gone."}


async def test_a_field_that_dispatches_keeps_the_others_as_typed(desk: Desk) -> None:
    view = desk.slack.workspace.views.open("U0ANA", MODAL)
    chosen = {"text": words("Studio tour"), "value": "asset01"}
    raw = {"options": [OPTIONS[0]]}
    state = {"video": {"v": {"options": [chosen]}}, "language": {"v": raw}}
    await desk.do("act", source={"view": view.id}, block="language", action="v", raw=raw, state=state)
    values = desk.bot.got[0]["view"]["state"]["values"]
    assert values["video"]["v"]["selected_option"] == chosen
    assert desk.bot.got[0]["actions"][0]["selected_option"] == OPTIONS[0]
    theirs = await desk.do("act", **{"as": "U0BEN"}, source={"view": view.id}, block="language", action="v")
    assert theirs.status_code == 400


async def test_options_come_from_the_bot_and_are_escaped(desk: Desk) -> None:
    view = desk.slack.workspace.views.open("U0ANA", MODAL)
    desk.bot.answer = {"options": [{"text": words("<b>"), "value": "x"}]}
    answer = await desk.do("suggest", source={"view": view.id}, block="video", action="v", query="st")
    assert "&lt;b&gt;" in answer.json()["html"]
    assert desk.bot.got[0]["value"] == "st"


async def test_stacked_modals_close_one_by_one_or_all_at_once(desk: Desk) -> None:
    views = desk.slack.workspace.views
    views.open("U0ANA", MODAL)
    top = views.push("U0ANA", {**MODAL, "title": words("Second")})
    assert 'aria-label="Back"' in desk.shown().regions["modal"].html
    assert "Second" in desk.shown().regions["modal"].html
    await desk.do("close", view=top.id, all=False)
    assert "Caption a video" in desk.shown().regions["modal"].html
    top = views.push("U0ANA", MODAL)
    await desk.do("close", view=top.id, all=True)
    assert views.stack("U0ANA") == []


async def test_an_error_that_names_no_field_is_shown_above_the_form(desk: Desk) -> None:
    views = desk.slack.workspace.views
    view = views.open("U0ANA", {**MODAL, "submit": None})
    views.show_errors(view, {"elsewhere": "Broken"})
    html = desk.shown().regions["modal"].html
    assert "elsewhere: Broken" in html
    assert 'type="submit"' not in html


async def test_a_file_field_uploads_what_was_chosen(desk: Desk) -> None:
    element = {"type": "file_input", "action_id": "v", "max_files": 1}
    block = {"type": "input", "block_id": "glossary", "label": words("Glossary"), "element": element}
    view = desk.slack.workspace.views.open("U0ANA", {**MODAL, "blocks": [block]})
    broken = {"name": "terms.txt", "base64": "!"}
    answer = await desk.do("submit", view=view.id, state={"glossary": {"v": {"files": [broken]}}})
    assert answer.json() == {"error": "The file is not whole."}
    whole = {**broken, "base64": base64.b64encode(b"Mux").decode()}
    await desk.do("submit", view=view.id, state={"glossary": {"v": {"files": [whole]}}})
    (sent,) = desk.bot.got[0]["view"]["state"]["values"]["glossary"]["v"]["files"]
    assert desk.slack.workspace.files[sent["id"]].content == b"Mux"


async def test_shortcuts_and_the_home_tab_reach_the_bot(desk: Desk) -> None:
    message = desk.post()
    await desk.do("shortcut", name="caption_video")
    await desk.do("shortcut", name="caption_message", channel="C0DEMO", ts=message.ts)
    await desk.do("home")
    kinds = [sent["type"] for sent in desk.bot.got]
    assert kinds == ["shortcut", "message_action", "event_callback"]
    assert "has not published" in desk.shown(place="home").regions["home"].html
    desk.slack.workspace.views.publish(
        "U0ANA", {"type": "home", "blocks": [{"type": "header", "text": words("Yours")}]}
    )
    assert "Yours" in desk.shown(place="home").regions["home"].html


async def test_the_bot_hears_which_of_its_tabs_is_opened(desk: Desk) -> None:
    home = {"type": "home", "blocks": [{"type": "header", "text": words("Yours")}]}
    view = desk.slack.workspace.views.publish("U0ANA", home)
    await desk.do("home", **{"in": "home"})
    await desk.do("home", **{"in": "D0ANA"})
    first, second = (sent["event"] for sent in desk.bot.got)
    assert (first["tab"], first["view"]["hash"]) == ("home", view.hash)
    assert (second["tab"], "view" in second) == ("messages", False)


async def test_a_button_on_home_carries_the_view_with_its_hash(desk: Desk) -> None:
    button = {"type": "button", "action_id": "again", "text": words("Again")}
    home = {"type": "home", "blocks": [{"type": "actions", "block_id": "b", "elements": [button]}]}
    view = desk.slack.workspace.views.publish("U0ANA", home)
    assert (await desk.do("act", source={"view": view.id}, block="b", action="again")).status_code == 200
    (sent,) = desk.bot.got
    assert (sent["view"]["type"], sent["view"]["hash"]) == ("home", view.hash)
    assert sent["container"] == {"type": "view", "view_id": view.id}
    answer = await desk.do("act", source={"view": view.id}, block="b", action="again", **{"as": "U0BEN"})
    assert answer.json()["error"] == "This window is gone."


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"in": "C0NONE", "text": "x"}, "There is no such channel."),
        ({"text": "x"}, "The request lacks in."),
        ({"as": "U0NONE", "in": "C0DEMO", "text": "x"}, "There is no such person."),
    ],
)
async def test_an_act_that_makes_no_sense_is_answered_with_a_sentence(
    desk: Desk, body: dict[str, Any], sentence: str
) -> None:
    answer = await desk.do("say", **body)
    assert answer.status_code == 400
    assert answer.json()["error"] == sentence


async def test_an_archived_channel_says_so(desk: Desk) -> None:
    desk.slack.workspace.archive("C0DEMO")
    answer = await desk.do("say", **{"in": "C0DEMO", "text": "x"})
    assert answer.json()["error"] == "This channel is archived: nobody can post here."
    assert "archived" in desk.shown().regions["title"].html


async def test_a_channel_without_the_bot_says_so_and_dms_have_tabs(desk: Desk) -> None:
    assert "is not in this channel" in desk.shown(place="C0ANNOUNCE").regions["title"].html
    assert 'class="tabs"' in desk.shown(place="D0ANA").regions["title"].html
    assert desk.shown(place="D0BEN").place == "C0DEMO"


async def test_a_page_that_was_away_gets_everything_and_one_that_was_not_gets_the_news(desk: Desk) -> None:
    kept = desk.post("one")
    told = Difference()
    assert set(told.since(desk.shown())) == {"regions", "lists"}
    assert told.since(desk.shown()) == {}
    desk.slack.workspace.update(kept, text="changed", blocks=[], metadata=None)
    added = desk.post("two")
    news = told.since(desk.shown())["lists"]["messages"]
    assert news["order"] == [kept.ts, added.ts]
    assert set(news["changed"]) == {kept.ts, added.ts}
    desk.slack.workspace.delete(kept)
    assert told.since(desk.shown())["lists"]["messages"] == {"order": [added.ts], "changed": {}}
    assert set(Difference().since(desk.shown())) == {"regions", "lists"}


def read(event: bytes) -> tuple[str, dict[str, Any]]:
    fields = dict(line.split(": ", 1) for line in event.decode().strip().split("\n"))
    return fields["event"], json.loads(fields["data"])


async def test_a_stream_begins_with_everything_and_brings_what_is_new(desk: Desk) -> None:
    desk.post("before")
    stream = Live(desk.slack.workspace).stream("U0ANA", desk.shown)
    name, first = read(await anext(stream))
    assert name == "state"
    assert len(first["lists"]["messages"]["changed"]) == 1
    desk.post("after")
    _, second = read(await anext(stream))
    assert len(second["lists"]["messages"]["changed"]) == 1
    assert second["place"] == "C0DEMO"
    desk.slack.workspace.toast("U0BEN", "not yours")
    desk.slack.workspace.toast("U0ANA", "late")
    assert read(await anext(stream)) == ("toast", {"text": "late"})
    await stream.aclose()
    assert desk.slack.workspace.changes._queues == []


async def test_a_toast_missed_while_asleep_is_shown_on_return(desk: Desk) -> None:
    heard = desk.slack.workspace.changes.seq
    desk.slack.workspace.toast("U0ANA", "operation_timeout")
    stream = Live(desk.slack.workspace).stream("U0ANA", desk.shown, heard=heard)
    assert read(await anext(stream)) == ("toast", {"text": "operation_timeout"})
    await stream.aclose()


async def test_a_quiet_stream_beats_and_ends_when_the_page_is_closed(desk: Desk) -> None:
    live = Live(desk.slack.workspace, look_seconds=0.001, heartbeat_seconds=0.003)
    stream = live.stream("U0ANA", desk.shown)
    assert read(await anext(stream))[0] == "state"
    assert read(await anext(stream)) == ("beat", {})
    live.close()
    assert [event async for event in stream] == []


async def test_the_stream_is_served_as_server_sent_events(desk: Desk, served: Served) -> None:
    async with served(Starlette(routes=desk.page.routes())) as url, httpx.AsyncClient() as browser:
        address = f"{url}/_page/stream?as=U0BEN&in=C0DEMO"
        async with browser.stream("GET", address, headers={"Last-Event-ID": "0"}) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            lines = answer.aiter_lines()
            assert await anext(lines) == "event: state"
        desk.page.close()
    assert desk.slack.workspace.changes._queues == []


async def test_the_videos_at_mux_are_listed_with_what_they_are_good_for() -> None:
    clock = SandboxClock()
    config = SandboxConfig(webhooks=False)
    journal, faults = Journal(clock.now), Faults()
    estate = Estate(config, clock, journal, faults, load_clips())
    videos = {video.asset_id: video for video in videos_at(estate.first)}
    assert "two speakers" in videos["twoChairs4Kd8w02"].about
    assert "captions: en" in videos["annualMeeting9Xp6h04"].about
    assert videos["liveTownHall8Rb1j06"].about == "live"
    page = page_of(Slack(config, clock, journal, faults), estate)
    transport = httpx.ASGITransport(Starlette(routes=page.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:3030") as browser:
        shown = (await browser.get("/")).text
    assert "twoChairs4Kd8w02" in shown
    assert "Northwind production: two chairs" in shown
    await estate.first.close()


def test_what_adding_a_video_needs_is_said_beforehand(tmp_path: Path) -> None:
    bare = SandboxConfig()
    assert "pip install 'caption-bot[local-captions]'" in what_adding_needs(bare, recogniser=False)
    assert "--caption-model" in what_adding_needs(bare, recogniser=True)
    assert what_adding_needs(SandboxConfig(caption_model=tmp_path), recogniser=True) == ""


async def test_an_app_without_shortcuts_or_home_shows_none(desk: Desk) -> None:
    parent = desk.post()
    desk.post("reply", thread_ts=parent.ts)
    assert "Caption this" in desk.shown().lists["messages"][parent.ts].html
    assert 'data-shortcut="caption_video"' in (await desk.browser.get("/")).text
    desk.offers = Offers(global_shortcuts=(), message_shortcuts=())
    shown = desk.shown(place="home", thread=parent.ts)
    assert shown.place == "C0DEMO"
    assert "data-shortcut" not in shown.lists["messages"][parent.ts].html
    assert "<details" not in shown.lists["thread-messages"][parent.ts].html
    assert "home" not in shown.regions["places"].html
    assert 'class="tabs"' not in desk.shown(place="D0ANA").regions["title"].html


async def test_a_file_is_attached_to_a_message_with_its_name_and_size(desk: Desk) -> None:
    async def attach(content: bytes = b"x" * 3_000_000, **query: str) -> httpx.Response:
        about = {"as": "U0ANA", "in": "C0DEMO", "name": "cut <1>.mp4", "text": "a & b", **query}
        headers = {"Content-Type": "video/mp4"}
        return await desk.browser.post("/_page/share", params=about, content=content, headers=headers)

    assert (await attach()).status_code == 200
    (item,) = desk.shown().lists["messages"].values()
    assert "cut &lt;1&gt;.mp4</strong><small>MP4 video · 2.9 MB" in item.html
    assert "a &amp; b" in item.html
    (message,) = desk.slack.workspace.channels["C0DEMO"].messages.values()
    assert (await attach(thread=message.ts)).status_code == 200
    assert message.reply_count == 1
    assert (await attach(b"")).json() == {"error": "This file is empty."}
    assert (await attach(**{"in": "C0NONE"})).json() == {"error": "There is no such channel."}
    (page,) = [(await desk.browser.get("/?as=U0ANA&in=C0DEMO")).text]
    assert page.count("data-attach") == 2


async def test_a_file_that_does_not_fit_into_memory_is_refused(desk: Desk) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(300):
            yield bytes(1024 * 1024)

    about = {"as": "U0ANA", "in": "C0DEMO", "name": "a.mp4"}
    answer = await desk.browser.post(
        "/_page/share", params=about, content=endless(), headers={"Content-Type": "video/mp4"}
    )
    assert answer.json() == {"error": "The sandbox takes files of up to 200 MB."}
