"""What is certain, what is refused and what stays open when Mux is asked."""

from __future__ import annotations

import asyncio
import base64
import json
import traceback
from typing import Any

import httpx
import pytest

from bot.errors import MuxRefused, NotReached, OutcomeUnknown, Throttled, VendorError
from bot.mux.client import MuxClient, connect
from bot.rules.jobs import Signal
from bot.rules.request import CaptionRequest, Replace

REQUEST = CaptionRequest(asset_id="asset1", language_code="en")
T0 = 1_790_000_000


class Mux:
    """Answers from a list of jobs, or with whatever `odd` returns or raises, and keeps the requests."""

    def __init__(self) -> None:
        self.jobs: dict[str, dict[str, Any]] = {}
        self.requests: list[httpx.Request] = []
        self.odd: Any = None
        self.page_size = 100
        self.tells_total = True

    def add(self, mux_id: str, **changes: Any) -> None:
        self.jobs[mux_id] = {
            "id": mux_id,
            "workflow": "generate-premium-captions",
            "status": "pending",
            "units_consumed": 0,
            "created_at": T0,
            "updated_at": T0,
            "parameters": {"asset_id": "asset1", "language_code": "en"},
            **changes,
        }

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return await self.odd(request) if self.odd else self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        *_, parent, name = request.url.path.split("/")
        if name == "whoami":
            return httpx.Response(200, json={"data": {"environment_id": "env1", "permissions": ["robots:*"]}})
        if name == "jobs":
            return self._listing(request)
        if name == "cancel":
            return httpx.Response(200, json={"data": {**self.jobs[parent], "status": "cancelled"}})
        if request.method == "POST":
            sent = json.loads(request.content)
            self.add("new", parameters=sent["parameters"], passthrough=sent["passthrough"])
            return httpx.Response(202, json={"data": self.jobs["new"]})
        if name not in self.jobs:
            return httpx.Response(404, json={"error": {"type": "not_found", "message": "No such job."}})
        return httpx.Response(200, json={"data": self.jobs[name]})

    def _listing(self, request: httpx.Request) -> httpx.Response:
        query = request.url.params
        rows = [
            {key: job[key] for key in ("id", "workflow", "status", "created_at") if key in job}
            for job in self.jobs.values()
            if query.get("status") in (None, job["status"])
        ]
        start = (int(query["page"]) - 1) * self.page_size
        answer: dict[str, Any] = {"data": rows[start : start + self.page_size]}
        if self.tells_total:
            answer["total_row_count"] = len(rows)
        return httpx.Response(200, json=answer)

    def opened(self) -> list[str]:
        return [r.url.path.rsplit("/", 1)[1] for r in self.requests if "captions/" in r.url.path]


@pytest.fixture
def mux() -> Mux:
    return Mux()


@pytest.fixture
async def client(mux):
    transport = httpx.MockTransport(mux)
    async with connect("https://mux.test", "the-id", "the-secret", transport=transport) as http:
        yield MuxClient(http, total_seconds=0.05, now=lambda: float(T0))


async def test_a_create_is_one_post_with_the_stamp(mux, client):
    report = await client.create(REQUEST, "captionbot:1")
    assert (report.signal, report.mux_id, report.passthrough) == (Signal.PENDING, "new", "captionbot:1")
    [sent] = mux.requests
    assert (sent.method, str(sent.url)) == (
        "POST",
        "https://mux.test/robots/v0/jobs/generate-premium-captions",
    )
    assert sent.headers["authorization"] == "Basic " + base64.b64encode(b"the-id:the-secret").decode()
    assert sent.headers["user-agent"].startswith("caption-bot/")


async def test_a_base_with_a_path_and_another_version_are_respected(mux):
    async with connect("http://127.0.0.1:1/mux/", "i", "s", transport=httpx.MockTransport(mux)) as http:
        await MuxClient(http, version="v1").create(REQUEST, "p")
    assert str(mux.requests[0].url) == "http://127.0.0.1:1/mux/robots/v1/jobs/generate-premium-captions"


async def test_a_job_is_read_and_cancelled_by_its_id(mux, client):
    mux.add("r1", status="processing")
    assert (await client.get("r1")).signal is Signal.PROCESSING
    assert (await client.cancel("r1")).signal is Signal.CANCELLED
    assert mux.requests[-1].url.path == "/robots/v0/jobs/r1/cancel"


async def test_an_odd_id_cannot_leave_its_place_in_the_path(mux, client):
    with pytest.raises(MuxRefused):
        await client.get("a/../../b?c#d")
    assert mux.requests[0].url.raw_path.endswith(b"/generate-premium-captions/a%2F..%2F..%2Fb%3Fc%23d")


async def test_whoami_names_the_environment(client):
    account = await client.whoami()
    assert (account.environment_id, account.permissions) == ("env1", frozenset({"robots:*"}))


def answering(status: int, content: bytes = b"", headers: dict[str, str] | None = None):
    async def odd(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, content=content, headers=headers)

    return odd


def raising(error: Exception):
    async def odd(_: httpx.Request) -> httpx.Response:
        raise error

    return odd


async def never(_: httpx.Request) -> httpx.Response:
    await asyncio.Event().wait()
    raise AssertionError


async def stalling(_: httpx.Request) -> httpx.Response:
    async def drip():
        yield b'{"data":'
        await asyncio.Event().wait()

    return httpx.Response(202, content=drip())


async def breaking(_: httpx.Request) -> httpx.Response:
    async def broken():
        yield b'{"data":'
        raise httpx.ReadError("reset")

    return httpx.Response(202, content=broken())


async def endless(_: httpx.Request) -> httpx.Response:
    async def much():
        while True:
            yield b" " * 500_000

    return httpx.Response(202, content=much())


ODD = {
    "connection refused": (raising(httpx.ConnectError("refused")), NotReached),
    "connecting takes too long": (raising(httpx.ConnectTimeout("")), NotReached),
    "all connections in use": (raising(httpx.PoolTimeout("")), NotReached),
    "the proxy refuses": (raising(httpx.ProxyError("403")), NotReached),
    "no such scheme": (raising(httpx.UnsupportedProtocol("gopher")), NotReached),
    "reading takes too long": (raising(httpx.ReadTimeout("")), OutcomeUnknown),
    "writing takes too long": (raising(httpx.WriteTimeout("")), OutcomeUnknown),
    "reset while writing": (raising(httpx.WriteError("")), OutcomeUnknown),
    "reset while reading": (raising(httpx.ReadError("")), OutcomeUnknown),
    "closed without a word": (raising(httpx.RemoteProtocolError("")), OutcomeUnknown),
    "undecodable": (answering(202, b"not gzip", {"content-encoding": "gzip"}), OutcomeUnknown),
    "never answers": (never, OutcomeUnknown),
    "stalls in the body": (stalling, OutcomeUnknown),
    "breaks in the body": (breaking, OutcomeUnknown),
    "never ends": (endless, OutcomeUnknown),
    "429": (answering(429, b'{"errors":["slow"]}', {"retry-after": "7"}), Throttled),
    "408": (answering(408), OutcomeUnknown),
    "500": (answering(500, b"<html>"), OutcomeUnknown),
    "503": (answering(503), OutcomeUnknown),
    "400": (answering(400, b'{"error":{"messages":["a","b"]}}'), MuxRefused),
    "409": (answering(409, b'{"error":{"type":"conflict","message":"running"}}'), MuxRefused),
    "422": (answering(422, b"{}"), MuxRefused),
    "redirect": (answering(307, headers={"location": "https://elsewhere.test/"}), MuxRefused),
    "202 and HTML": (answering(202, b"<html>"), OutcomeUnknown),
    "202 and nothing": (answering(202), OutcomeUnknown),
    "202 without data": (answering(202, b"{}"), OutcomeUnknown),
    "202 without a job": (answering(202, b'{"data":{}}'), OutcomeUnknown),
    "202 of another world": (answering(202, b'{"data":{"id":"r","status":"odd"}}'), OutcomeUnknown),
}


@pytest.mark.parametrize(("odd", "expected"), ODD.values(), ids=ODD)
async def test_a_failed_create_says_whether_it_may_have_been_done(mux, client, odd, expected):
    mux.odd = odd
    with pytest.raises(VendorError) as caught:
        await client.create(REQUEST, "captionbot:1")
    assert type(caught.value) is expected
    assert len(mux.requests) == 1
    said = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert "the-secret" not in said
    assert base64.b64encode(b"the-id:the-secret").decode() not in said


@pytest.mark.parametrize(("odd", "expected"), ODD.values(), ids=ODD)
async def test_a_failed_read_is_told_in_the_same_words(mux, client, odd, expected):
    mux.odd = odd
    with pytest.raises(expected):
        await client.get("r1")


async def test_a_throttled_call_carries_the_wait(mux, client):
    mux.odd = answering(429, headers={"retry-after": "7"})
    with pytest.raises(Throttled) as caught:
        await client.create(REQUEST, "p")
    assert caught.value.retry_in == 7.0


async def test_being_cancelled_is_not_mistaken_for_a_time_out(mux):
    mux.odd = never
    async with connect("https://mux.test", "i", "s", transport=httpx.MockTransport(mux)) as http:
        task = asyncio.create_task(MuxClient(http).create(REQUEST, "p"))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_lost_job_is_found_by_its_stamp(mux, client):
    for number in range(5):
        mux.add(f"r{number}", created_at=T0 + number, passthrough=f"captionbot:{number}")
    report = await client.find("asset1", "captionbot:3")
    assert report is not None
    assert report.mux_id == "r3"
    assert dict(mux.requests[0].url.params) == {
        "workflow": "generate-premium-captions",
        "asset_id": "asset1",
        "limit": "100",
        "page": "1",
    }
    assert mux.opened() == ["r4", "r3", "r2", "r1", "r0"]


async def test_the_oldest_of_several_with_one_stamp_is_adopted(mux, client):
    for mux_id, created_at in (("young", T0 + 9), ("oldest", T0), ("middle", T0 + 5)):
        mux.add(mux_id, created_at=created_at, passthrough="captionbot:1")
    report = await client.find("asset1", "captionbot:1")
    assert report is not None
    assert report.mux_id == "oldest"
    copies = await client.copies("asset1", "captionbot:1")
    assert [copy.mux_id for copy in copies] == ["oldest", "middle", "young"]


async def test_a_job_that_is_not_there_is_not_found(mux, client):
    mux.add("r1", passthrough="captionbot:2")
    assert await client.find("asset1", "captionbot:1") is None


async def test_only_the_newest_are_opened(mux, client):
    for number in range(30):
        mux.add(f"r{number}", created_at=T0 + number)
    assert await client.find("asset1", "captionbot:1", newest=3) is None
    assert mux.opened() == ["r29", "r28", "r27"]


async def test_jobs_from_before_the_intent_are_not_opened(mux, client):
    mux.add("old", created_at=T0 - 301)
    mux.add("maybe", created_at=T0 - 299)
    mux.add("timeless", created_at=None)
    assert await client.find("asset1", "captionbot:1", since=float(T0)) is None
    assert mux.opened() == ["timeless", "maybe"]


async def test_absence_is_not_claimed_when_not_everything_recent_was_opened(mux, client):
    for number in range(4):
        mux.add(f"r{number}", created_at=T0 + number)
    with pytest.raises(OutcomeUnknown, match="too many"):
        await client.find("asset1", "captionbot:1", newest=3, since=float(T0))


async def test_a_job_that_expired_after_it_was_listed_is_passed_over(mux, client):
    mux.add("r1", passthrough="captionbot:1")
    mux.jobs["ghost"] = {**mux.jobs["r1"], "id": "gone"}
    report = await client.find("asset1", "captionbot:1")
    assert report is not None
    assert report.mux_id == "r1"


async def test_a_refused_read_decides_nothing(mux, client):
    mux.odd = answering(403, b'{"error":{"type":"insufficient_scope"}}')
    with pytest.raises(MuxRefused):
        await client.find("asset1", "captionbot:1")


async def test_a_candidate_that_cannot_be_opened_decides_nothing(mux, client):
    mux.add("r1", passthrough="captionbot:1")
    listing = httpx.Response(200, json={"data": [{"id": "r1"}], "total_row_count": 1})

    async def odd(request: httpx.Request) -> httpx.Response:
        return listing if request.url.path.endswith("/jobs") else httpx.Response(401)

    mux.odd = odd
    with pytest.raises(MuxRefused, match="401"):
        await client.find("asset1", "captionbot:1")


@pytest.mark.parametrize("tells_total", [True, False])
async def test_every_page_is_read_since_the_order_of_the_list_is_unknown(mux, client, tells_total):
    mux.tells_total = tells_total
    for number in range(250):
        mux.add(f"r{number}", created_at=T0 + number)
    mux.jobs["r249"]["passthrough"] = "captionbot:1"
    report = await client.find("asset1", "captionbot:1", newest=1)
    assert report is not None
    assert [r.url.params["page"] for r in mux.requests if "page" in r.url.params] == ["1", "2", "3"]


async def test_pages_that_are_shorter_than_asked_for_are_not_the_last(mux, client):
    mux.page_size = 2
    for number in range(5):
        mux.add(f"r{number}", created_at=T0 + number)
    await client.find("asset1", "captionbot:1")
    assert len(mux.opened()) == 5


async def test_a_total_that_promises_too_much_ends_at_the_empty_page(mux, client):
    mux.odd = answering(200, b'{"data":[],"total_row_count":7}')
    assert await client.find("asset1", "captionbot:1") is None
    assert len(mux.requests) == 1


async def test_a_list_without_end_proves_nothing(mux, client):
    for number in range(1001):
        mux.add(f"r{number}")
    with pytest.raises(OutcomeUnknown, match="more than 1000"):
        await client.find("asset1", "captionbot:1")


async def test_a_list_without_data_proves_nothing(mux, client):
    mux.odd = answering(200, b'{"data":{}}')
    with pytest.raises(OutcomeUnknown):
        await client.find("asset1", "captionbot:1")


async def test_jobs_of_other_workflows_and_without_an_id_are_not_opened(mux, client):
    mux.add("r1", workflow="summarize")
    mux.jobs["r2"] = {"workflow": "generate-premium-captions", "status": "pending"}
    assert await client.find("asset1", "captionbot:1") is None
    assert mux.opened() == []


async def test_what_is_running_on_an_asset_is_opened_newest_first(mux, client):
    mux.add("done", status="completed")
    mux.add("waiting", status="pending", created_at=T0 + 1, passthrough="captionbot:9")
    mux.add("working", status="processing", created_at=T0 + 2)
    reports = await client.running("asset1")
    assert [(r.mux_id, r.signal) for r in reports] == [
        ("working", Signal.PROCESSING),
        ("waiting", Signal.PENDING),
    ]
    assert reports[1].passthrough == "captionbot:9"


async def test_the_job_behind_a_409_is_the_one_with_the_same_parameters(mux, client):
    mux.add("other", parameters={"asset_id": "asset1", "language_code": "de"})
    mux.add("same", parameters={"asset_id": "asset1", "language_code": "en", "replace_existing": True})
    mux.jobs["ghost"] = {**mux.jobs["same"], "id": "gone"}
    reports = await client.running("asset1", like=REQUEST.changed(replace=Replace.ALL))
    assert [report.mux_id for report in reports] == ["same"]


async def test_the_real_pool_repeats_nothing_and_follows_nothing():
    async with connect("https://mux.test", "the-id", "the-secret", timeout_seconds=4) as http:
        assert not http.follow_redirects
        assert (http.timeout.read, http.timeout.connect, http.timeout.pool) == (4, 2, 2)
        assert "the-secret" not in repr(http)
        assert "the-secret" not in repr(MuxClient(http))


async def test_a_connection_dropped_under_a_create_is_one_post():
    posts = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        posts.append(await reader.readuntil(b"\r\n\r\n"))
        writer.transport.abort()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        async with connect(f"http://{host}:{port}", "i", "s") as http:
            with pytest.raises(OutcomeUnknown):
                await MuxClient(http).create(REQUEST, "p")
    assert len(posts) == 1
    async with connect(f"http://{host}:{port}", "i", "s") as http:
        with pytest.raises(NotReached):
            await MuxClient(http).create(REQUEST, "p")
