"""Files are uploaded in three steps, whole and once."""

from __future__ import annotations

import io

import aiohttp
import pytest

from tests.sandbox.slack_api.bench import scopes


@pytest.mark.parametrize("bench", [scopes("files:read")], indirect=True)
async def test_files_are_uploaded_in_three_steps_and_shared_a_little_later(bench):
    parent = await bench.web.chat_postMessage(channel="C0DEMO", text="p")
    done = await bench.web.files_upload_v2(
        channel="C0DEMO",
        thread_ts=parent["ts"],
        initial_comment="Captions",
        file_uploads=[{"content": "1\n", "filename": "en.srt"}, {"content": "22\n", "filename": "fr.vtt"}],
    )
    assert [file["shares"] for file in done["files"]] == [{}, {}]
    bench.clock.advance(1)
    await bench.web.api_test()
    shared = await bench.web.files_info(file=done["files"][0]["id"])
    ts = shared["file"]["shares"]["public"]["C0DEMO"][0]["ts"]
    message = bench.workspace.find("C0DEMO", ts)
    assert (message.thread_ts, message.text, len(message.files)) == (parent["ts"], "Captions", 2)
    url = shared["file"]["url_private_download"]
    async with aiohttp.ClientSession() as http:
        async with http.get(url) as page:
            assert (page.status, page.content_type) == (200, "text/html")
        async with http.get(url, headers={"Authorization": f"Bearer {bench.web.token}"}) as file:
            assert await file.read() == b"1\n"
        async with http.get(f"{bench.url}/files-pri/T0-F0/x", headers={}) as lost:
            assert lost.status == 404
    thread = await bench.web.conversations_replies(channel="C0DEMO", ts=parent["ts"])
    assert thread["messages"][1]["files"][0]["name"] == "en.srt"


async def test_an_upload_must_be_whole_and_is_completed_once(bench):
    web = bench.web
    asked = await web.files_getUploadURLExternal(filename="a.srt", length=3)
    listed = [{"id": asked["file_id"], "title": "A"}]
    assert await bench.error(web.files_completeUploadExternal(files=listed)) == "file_not_found"
    parts = aiohttp.FormData({"file": io.BytesIO(b"abc")})
    async with aiohttp.ClientSession() as http:
        async with http.post(asked["upload_url"], data=b"too long") as answer:
            assert answer.status == 400
        async with http.post(asked["upload_url"], data=parts) as answer:
            assert answer.status == 200
    two = {"channels": ["C0DEMO", "C0PAYLOAD"]}
    threaded = web.files_completeUploadExternal(files=listed, thread_ts="1.000001", **two)
    assert await bench.error(threaded) == "invalid_arguments"
    assert await bench.error(web.files_completeUploadExternal(files=[])) == "invalid_arguments"
    assert (await web.files_completeUploadExternal(files=listed, **two))["ok"]
    assert await bench.error(web.files_completeUploadExternal(files=listed)) == "file_not_found"
    ask = web.files_getUploadURLExternal
    assert await bench.error(ask(filename="a.srt", length=0)) == "missing_argument"
    assert await bench.error(ask(filename="a.srt", length=1, snippet_type="srt")) == "unknown_snippet_type"
    assert await bench.error(ask(filename="a", length=1_000_001, snippet_type="text")) == "snippet_too_large"
    assert await bench.error(web.files_info(file="F0NO")) == "file_not_found"
    bench.workspace.archive("C0DEMO")
    upload = web.files_upload_v2(channel="C0DEMO", content="1", filename="a.srt")
    assert await bench.error(upload) == "is_archived"
