"""Every step of an upload can go wrong in Slack's own ways."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from bot.sandbox.faults import FaultKind
from bot.sandbox.slack.sharing import MOST_FILE_BYTES
from tests.sandbox.slack_files.desk import Desk


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
