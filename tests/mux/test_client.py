"""What is certain, what is refused and what stays open when Mux is asked."""

from __future__ import annotations

import asyncio
import base64
import traceback

import httpx
import pytest

from bot.errors import MuxRefused, NotReached, OutcomeUnknown, Throttled, VendorError
from bot.mux.client import MuxClient, connect
from bot.rules.jobs import Signal
from bot.rules.request import CaptionRequest

REQUEST = CaptionRequest(asset_id="asset1", language_code="en")
T0 = 1_790_000_000


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
