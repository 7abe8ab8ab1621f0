"""The external upload, with Slack's own client: every step can go wrong in Slack's own ways."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faults import Fault, FaultKind, Faults
from bot.sandbox.journal import Journal
from bot.sandbox.slack import api, control
from bot.sandbox.slack.sharing import MOST_FILE_BYTES
from bot.sandbox.slack.stand_in import Slack

SRT = b"1\n00:00:00,000 --> 00:00:01,000\nHi\n"
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "*hi*"}}


@dataclass(kw_only=True)
class Desk:
    slack: Slack
    url: str
    web: AsyncWebClient
    http: aiohttp.ClientSession

    async def put(self, content: bytes = SRT, name: str = "en.srt", **more: Any) -> str:
        asked = await self.web.files_getUploadURLExternal(filename=name, length=len(content), **more)
        async with self.http.post(asked["upload_url"], data=content) as answer:
            assert answer.status == 200
        return str(asked["file_id"])

    async def complete(self, *ids: str, **more: Any) -> Any:
        return await self.web.files_completeUploadExternal(files=[{"id": one} for one in ids], **more)

    async def refused(self, call: Any) -> Any:
        with pytest.raises(SlackApiError) as caught:
            await call
        return caught.value.response

    async def error(self, call: Any) -> str:
        return str((await self.refused(call))["error"])

    async def passed(self, seconds: float = 1.0) -> None:
        self.slack.clock.advance(seconds)
        await self.web.api_test()

    async def info(self, file_id: str) -> Any:
        return (await self.web.files_info(file=file_id))["file"]

    def throw(self, kind: FaultKind, target: str, **more: Any) -> None:
        self.slack.faults.add(Fault(kind=kind, target=target, **more))

    def shown(self, channel: str = "C0DEMO") -> list[Any]:
        return self.slack.workspace.history(channel)


@pytest.fixture
async def desk(served: Callable[[ASGIApp], AbstractAsyncContextManager[str]]) -> AsyncIterator[Desk]:
    box: dict[str, ASGIApp] = {}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await box["app"](scope, receive, send)

    box["app"] = Starlette()
    async with served(app) as url, aiohttp.ClientSession() as http:
        clock = SandboxClock()
        config = replace(SandboxConfig(public_url=url), limits=False)
        slack = Slack(config, clock, Journal(clock.now), Faults())
        box["app"] = Starlette(routes=[*api.routes(slack), *control.routes(slack)])
        web = AsyncWebClient(config.slack_bot_token, base_url=f"{url}/api/", retry_handlers=[], timeout=5)
        yield Desk(slack=slack, url=url, web=web, http=http)
        await slack.stop()


async def test_several_files_are_one_message_in_the_thread(desk: Desk) -> None:
    parent = await desk.web.chat_postMessage(channel="C0DEMO", text="card")
    ids = [await desk.put(name=name) for name in ("en.srt", "en.vtt", "en.txt")]
    where = {"channel_id": "C0DEMO", "thread_ts": parent["ts"]}
    done = await desk.complete(*ids, initial_comment="Files", **where)
    assert [file["shares"] for file in done["files"]] == [{}, {}, {}]
    assert (await desk.info(ids[0]))["shares"] == {}
    await desk.passed()
    stamps = {(await desk.info(one))["shares"]["public"]["C0DEMO"][0]["ts"] for one in ids}
    thread = (await desk.web.conversations_replies(channel="C0DEMO", ts=parent["ts"]))["messages"]
    assert [message["ts"] for message in thread[1:]] == list(stamps)
    assert [file["name"] for file in thread[1]["files"]] == ["en.srt", "en.vtt", "en.txt"]
    assert thread[1]["text"] == "Files"


async def test_blocks_go_with_the_files_unless_there_is_a_comment(desk: Desk) -> None:
    first, second = await desk.put(), await desk.put()
    await desk.complete(first, channel_id="C0DEMO", blocks=json.dumps([SECTION]))
    await desk.complete(second, channel_id="C0DEMO", blocks="nonsense", initial_comment="words")
    await desk.passed()
    assert [(one.text, len(one.blocks)) for one in desk.shown()] == [("words", 0), ("", 1)]
    third = await desk.put()
    refusal = await desk.refused(desk.complete(third, channel_id="C0DEMO", blocks="[{}]"))
    assert refusal["error"] == "invalid_blocks"
    assert (await desk.complete(third))["ok"]


async def test_a_file_without_a_channel_stays_private(desk: Desk) -> None:
    only = await desk.put()
    await desk.complete(only)
    await desk.passed()
    assert (await desk.info(only))["shares"] == {}
    assert desk.shown() == []


@pytest.mark.parametrize("name", ["captions-demo", "#captions-demo", "U0ANA"])
async def test_a_channel_id_is_neither_a_name_nor_a_person(desk: Desk, name: str) -> None:
    refusal = await desk.refused(desk.complete(await desk.put(), channel_id=name))
    assert refusal["error"] == "invalid_arguments"
    sentence = "[ERROR] input must match regex pattern: ^[CGDZ][A-Z0-9]{8,}$ [json-pointer:/channel_id]"
    assert refusal["response_metadata"]["messages"] == [sentence]


async def test_a_list_of_channels_may_name_people_and_has_an_end(desk: Desk) -> None:
    only = await desk.put()
    assert await desk.error(desk.complete(only, channels=["captions-demo"])) == "invalid_arguments"
    many = ["C0DEMO"] * 101
    assert await desk.error(desk.complete(only, channels=many)) == "channels_limit_exceeded"
    await desk.complete(only, channels=["U0ANA"])
    await desk.passed()
    assert list((await desk.info(only))["shares"]["private"]) == ["D0ANA"]


async def test_where_the_bot_is_no_member_nothing_is_uploaded(desk: Desk) -> None:
    only = await desk.put()
    assert await desk.error(desk.complete(only, channel_id="C0ANNOUNCE")) == "not_in_channel"
    assert await desk.error(desk.complete(only, channel_id="G0BOARD")) == "channel_not_found"
    assert await desk.error(desk.complete(only, channel_id="C0NONE")) == "channel_not_found"
    assert await desk.error(desk.web.files_info(file=only)) == "file_not_found"


async def test_what_is_refused_at_the_door(desk: Desk) -> None:
    ask: Any = desk.web.files_getUploadURLExternal
    for more, error in (
        ({"length": 0}, "missing_argument"),
        ({"length": "-1"}, "invalid_arguments"),
        ({"length": "many"}, "invalid_arguments"),
        ({"length": MOST_FILE_BYTES + 1}, "file_upload_size_restricted"),
        ({"length": 1, "alt_txt": "x" * 1_001}, "alt_txt_too_large"),
        ({"length": 1, "snippet_type": "srt"}, "unknown_snippet_type"),
        ({"length": 1_000_001, "snippet_type": "text"}, "snippet_too_large"),
        ({"length": 1, "filename": ""}, "invalid_arguments"),
    ):
        assert await desk.error(ask(**{"filename": "a.srt", **more})) == error


async def test_administrators_can_forbid_uploads(desk: Desk) -> None:
    async def allow(what: str) -> int:
        address = f"{desk.url}/_sandbox/slack/uploads_allowed"
        async with desk.http.post(address, json={"allowed": what}) as answer:
            return answer.status

    ask = desk.web.files_getUploadURLExternal
    assert await allow("none") == 200
    assert await desk.error(ask(filename="a.png", length=1)) == "file_uploads_disabled"
    assert await allow("images") == 200
    refusal = await desk.refused(ask(filename="a.srt", length=1))
    assert refusal["error"] == "file_uploads_except_images_disabled"
    assert (await ask(filename="a.png", length=1))["ok"]
    assert await allow("some") == 400
    address = f"{desk.url}/_sandbox/slack/share_file?user_id=U0ANA&channel_id=C0DEMO&name=a.mp4"
    async with desk.http.post(address, data=b"x", headers={"Content-Type": "video/mp4"}) as answer:
        assert (await answer.json())["error"] == "file_uploads_except_images_disabled"


async def test_an_address_takes_its_bytes_once_and_for_an_hour(desk: Desk) -> None:
    async def post(url: str, content: bytes) -> int:
        async with desk.http.post(url, data=content) as answer:
            return answer.status

    asked = await desk.web.files_getUploadURLExternal(filename="a.srt", length=2)
    assert [await post(asked["upload_url"], body) for body in (b"1", b"123", b"12", b"12")] == [
        400,
        400,
        200,
        400,
    ]
    late = await desk.web.files_getUploadURLExternal(filename="a.srt", length=2)
    desk.slack.clock.advance(3_600)
    assert await post(late["upload_url"], b"12") == 400
    assert await desk.error(desk.complete(late["file_id"])) == "file_not_found"
    assert await post(f"{desk.url}/upload/v1/none", b"") == 400


async def test_a_list_with_one_wrong_file_completes_none(desk: Desk) -> None:
    good = await desk.put()
    complete: Any = desk.web.files_completeUploadExternal
    listed = [{"id": good, "title": "New"}, {"id": "F0NONE"}]
    assert await desk.error(complete(files=listed)) == "file_not_found"
    assert desk.slack.workspace.files[good].title == "en.srt"
    assert await desk.error(desk.complete(good, good)) == "file_not_found"
    assert (
        await desk.error(desk.web.api_call("files.completeUploadExternal", params={"files": '["x"]'}))
        == "invalid_arguments"
    )
    assert (await desk.complete(good))["ok"]
    assert await desk.error(desk.complete(good)) == "file_not_found"


async def test_an_answer_can_be_lost_after_the_effect(desk: Desk) -> None:
    only = await desk.put()
    desk.throw(FaultKind.ERROR_AFTER, "slack:files.completeUploadExternal")
    await desk.refused(desk.complete(only, channel_id="C0DEMO"))
    await desk.passed()
    assert len(desk.shown()) == 1
    desk.throw(FaultKind.DROP_AFTER, "slack:upload")
    asked = await desk.web.files_getUploadURLExternal(filename="a.srt", length=2)
    with pytest.raises(aiohttp.ClientError):
        await desk.http.post(asked["upload_url"], data=b"12")
    assert (await desk.complete(asked["file_id"]))["ok"]


async def test_slack_can_ask_for_patience_at_every_step(desk: Desk) -> None:
    desk.throw(FaultKind.RATE_LIMITED, "slack:files.*", seconds=7)
    desk.throw(FaultKind.RATE_LIMITED, "slack:upload", seconds=8)
    ask = desk.web.files_getUploadURLExternal
    refusal = await desk.refused(ask(filename="a.srt", length=2))
    assert refusal.headers["Retry-After"] == "7"
    asked = await ask(filename="a.srt", length=2)
    async with desk.http.post(asked["upload_url"], data=b"12") as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "8")
    async with desk.http.post(asked["upload_url"], data=b"12") as answer:
        assert answer.status == 200


async def test_a_file_that_slack_took_may_never_be_shared(desk: Desk) -> None:
    desk.throw(FaultKind.LOSE, "share:C0DEMO")
    lost, late = await desk.put(), await desk.put()
    assert (await desk.complete(lost, channel_id="C0DEMO"))["ok"]
    desk.throw(FaultKind.DELAY, "share:*", seconds=30)
    await desk.complete(late, channel_id="C0DEMO")
    await desk.passed(20)
    assert desk.shown() == []
    await desk.passed(20)
    assert [message.files for message in desk.shown()] == [[late]]
    assert (await desk.info(lost))["shares"] == {}
    assert len(desk.slack.journal.find("fault", "share:C0DEMO")) == 2


@pytest.mark.parametrize("happened", ["archived", "kicked", "deleted"])
async def test_what_happens_in_the_meantime_keeps_a_file_from_being_shared(desk: Desk, happened: str) -> None:
    only = await desk.put()
    await desk.complete(only, channel_id="C0DEMO")
    if happened == "archived":
        desk.slack.workspace.archive("C0DEMO")
    elif happened == "kicked":
        desk.slack.workspace.kick("C0DEMO")
    else:
        await desk.web.files_delete(file=only)
    await desk.passed()
    assert desk.shown() == []


async def test_bytes_come_back_with_the_token_alone(desk: Desk) -> None:
    only = await desk.put(name="en.vtt")
    await desk.complete(only, channel_id="C0DEMO")
    url = (await desk.info(only))["url_private_download"]
    login = {"Authorization": f"Bearer {desk.web.token}"}
    async with desk.http.get(url, headers=login) as answer:
        assert (await answer.read(), answer.content_type) == (SRT, "text/vtt")
    for headers in ({}, {"Authorization": "Bearer xoxb-other"}):
        async with desk.http.get(url, headers=headers) as answer:
            assert (answer.status, answer.content_type) == (200, "text/html")
    for other in (url.replace("T0SANDBOX", "T0OTHER"), url.replace(only, "F0NONE")):
        async with desk.http.get(other, headers=login) as answer:
            assert answer.status == 404


async def test_a_snippet_and_a_picture_are_described(desk: Desk) -> None:
    text = b"\n".join([b"line"] * 7)
    snippet = await desk.put(text, name="en.srt", snippet_type="text")
    header = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x03\x20\x00\x00\x01\x2c"
    picture = await desk.put(header, name="speed.png", alt_txt="Speed over time")
    await desk.complete(snippet, picture, channel_id="C0DEMO")
    file = await desk.info(snippet)
    assert (file["mode"], file["filetype"], file["mimetype"]) == ("snippet", "text", "text/plain")
    assert (file["preview"], file["lines"], file["lines_more"]) == ("\n".join(["line"] * 5), 7, 2)
    file = await desk.info(picture)
    assert (file["alt_txt"], file["original_w"], file["original_h"]) == ("Speed over time", 800, 300)
    assert (file["mode"], file["pretty_type"], file["filetype"]) == ("hosted", "PNG", "png")


async def test_a_deleted_file_is_gone_but_for_a_stone(desk: Desk) -> None:
    only = await desk.put()
    await desk.complete(only, channel_id="C0DEMO")
    await desk.passed()
    url = (await desk.info(only))["url_private"]
    assert (await desk.web.files_delete(file=only))["ok"]
    assert await desk.error(desk.web.files_info(file=only)) == "file_deleted"
    assert await desk.error(desk.web.files_delete(file=only)) == "file_deleted"
    async with desk.http.get(url, headers={"Authorization": f"Bearer {desk.web.token}"}) as answer:
        assert answer.status == 404
    history = (await desk.web.conversations_history(channel="C0DEMO"))["messages"]
    assert history[0]["files"] == [{"id": only, "mode": "tombstone"}]


async def test_other_peoples_files_are_seen_where_the_bot_is(desk: Desk) -> None:
    people, files = desk.slack.people, {}
    for channel in ("C0DEMO", "C0ANNOUNCE", "G0BOARD"):
        files[channel] = people.share_file("U0ANA", channel, "a.mp4", b"film").files[0]
    unshared = desk.slack.workspace.add_file("form.srt", SRT, owner="U0ANA").id
    for seen in (files["C0DEMO"], files["C0ANNOUNCE"], unshared):
        assert (await desk.info(seen))["user"] == "U0ANA"
    hidden = files["G0BOARD"]
    assert await desk.error(desk.web.files_info(file=hidden)) == "file_not_found"
    url = f"{desk.url}/files-pri/T0SANDBOX-{hidden}/a.mp4"
    async with desk.http.get(url, headers={"Authorization": f"Bearer {desk.web.token}"}) as answer:
        assert answer.content_type == "text/html"
    assert await desk.error(desk.web.files_delete(file=unshared)) == "cant_delete_file"
