"""Files reach Slack in three requests, and only the last one shows them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from bot.errors import NotReached, OutcomeUnknown, SlackRefused, Throttled
from bot.slack.client import open_session
from bot.slack.files import Place, SlackFiles, connect


class Uploads:
    """A Slack on loopback that takes forms and bytes; `answers` are played in turn."""

    def __init__(self) -> None:
        self.answers: list[Any] = []
        self.requests: list[tuple[str, dict[str, str], bytes, dict[str, str]]] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        is_form = request.content_type == "application/x-www-form-urlencoded"
        form = dict(await request.post()) if is_form else {}
        self.requests.append((request.path, form, raw, dict(request.headers)))
        answer = self.answers.pop(0)
        if answer == "drop":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if isinstance(answer, web.Response):
            return answer
        return web.json_response({"ok": True, **answer})


@pytest.fixture
async def slack() -> AsyncIterator[Uploads]:
    uploads = Uploads()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", uploads.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    uploads.url = f"http://{host}:{port}"
    yield uploads
    await runner.cleanup()


@pytest.fixture
async def files(slack: Uploads) -> AsyncIterator[SlackFiles]:
    async with open_session(total_seconds=1.0) as session:
        yield connect(f"{slack.url}/api/", session)


async def test_a_place_is_asked_for_with_a_form_and_the_token_in_a_header(slack, files):
    slack.answers = [{"file_id": "F1", "upload_url": "https://files.slack.com/x"}]
    place = await files.place("xoxb-1", "a.png", 12, alt="x" * 2_000)
    assert place == Place(file_id="F1", url="https://files.slack.com/x")
    path, form, _, headers = slack.requests[0]
    assert path == "/api/files.getUploadURLExternal"
    assert form == {"filename": "a.png", "length": "12", "alt_txt": "x" * 1_000}
    assert headers["Authorization"] == "Bearer xoxb-1"


async def test_an_answer_without_a_place_is_none(slack, files):
    slack.answers = [{"file_id": "F1"}]
    with pytest.raises(OutcomeUnknown, match="without a place"):
        await files.place("xoxb-1", "a.srt", 12)


async def test_bytes_go_to_slacks_own_hosts_without_the_token(slack, files):
    slack.answers = [web.Response(text="OK")]
    await files.put(Place(file_id="F1", url=f"{slack.url}/upload/v1/x"), b"hello")
    _, _, raw, headers = slack.requests[0]
    assert raw == b"hello"
    assert "Authorization" not in headers


@pytest.mark.parametrize(
    "url", ["https://elsewhere.test/x", "http://169.254.169.254/x", "file:///etc/passwd"]
)
async def test_bytes_go_nowhere_else(slack, files, url):
    with pytest.raises(SlackRefused) as caught:
        await files.put(Place(file_id="F1", url=url), b"hello")
    assert (caught.value.code, slack.requests) == ("not_slacks", [])


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (web.Response(status=302, headers={"Location": "https://elsewhere.test/"}), OutcomeUnknown),
        (web.Response(status=400), SlackRefused),
        (web.Response(status=429, headers={"Retry-After": "3"}), Throttled),
        (web.Response(status=503), OutcomeUnknown),
        ("drop", OutcomeUnknown),
    ],
)
async def test_bytes_that_were_not_taken_are_an_error(slack, files, answer, error):
    slack.answers = [answer, answer]
    with pytest.raises(error):
        await files.put(Place(file_id="F1", url=f"{slack.url}/upload/v1/x"), b"hello")


async def test_a_slack_that_is_not_there_was_certainly_sent_nothing():
    async with open_session(total_seconds=1.0) as session:
        with pytest.raises(NotReached):
            await connect("http://127.0.0.1:9/api/", session).place("xoxb-1", "a", 1)


async def test_files_are_shown_together_in_a_thread(slack, files):
    slack.answers = [{}, {}]
    await files.complete("xoxb-1", [("F1", "SRT"), ("F2", "VTT")], "C1", thread_ts="1.2", comment="Here.")
    await files.complete("xoxb-1", [("F1", "SRT")], "D1")
    form = slack.requests[0][1]
    assert json.loads(form.pop("files")) == [{"id": "F1", "title": "SRT"}, {"id": "F2", "title": "VTT"}]
    assert form == {"channel_id": "C1", "thread_ts": "1.2", "initial_comment": "Here."}
    assert set(slack.requests[1][1]) == {"files", "channel_id"}


async def test_a_connection_lost_behind_the_last_request_is_no_answer_and_not_repeated(slack, files):
    slack.answers = ["drop"]
    with pytest.raises(OutcomeUnknown):
        await files.complete("xoxb-1", [("F1", "SRT")], "C1")
    assert len(slack.requests) == 1


@pytest.mark.parametrize(
    ("shares", "ts"),
    [
        ({"public": {"C1": [{"ts": "1.2"}]}}, "1.2"),
        ({"private": {"C1": [{"ts": "3.4"}]}, "public": {"C2": [{"ts": "1.2"}]}}, "3.4"),
        ({"public": {"C2": [{"ts": "1.2"}]}}, None),
        ({}, None),
        ({"public": ["odd"], "private": {"C1": ["odd", {"ts": 5}]}}, None),
        (None, None),
    ],
)
async def test_where_a_file_is_shown_is_read_from_what_slack_says_of_it(slack, files, shares, ts):
    slack.answers = [{"file": {"id": "F1", "shares": shares}}]
    assert await files.shared_as("xoxb-1", "F1", "C1") == ts


@pytest.mark.parametrize("code", ["file_not_found", "file_deleted"])
async def test_a_file_that_slack_does_not_know_is_shown_nowhere_and_deleted_already(slack, files, code):
    slack.answers = [{"ok": False, "error": code}, {"ok": False, "error": code}]
    assert await files.shared_as("xoxb-1", "F1", "C1") is None
    await files.delete("xoxb-1", "F1")


async def test_any_other_refusal_is_told(slack, files):
    slack.answers = [{"ok": False, "error": "missing_scope"}, {"ok": False, "error": "cant_delete_file"}]
    with pytest.raises(SlackRefused, match="missing_scope"):
        await files.shared_as("xoxb-1", "F1", "C1")
    with pytest.raises(SlackRefused, match="cant_delete_file"):
        await files.delete("xoxb-1", "F1")


async def test_an_answer_without_a_file_is_no_share(slack, files):
    slack.answers = [{}]
    assert await files.shared_as("xoxb-1", "F1", "C1") is None
