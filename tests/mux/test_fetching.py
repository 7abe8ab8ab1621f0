"""Files come whole, not larger than asked for, or not at all, with the reason."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator

import httpx
import pytest

from bot.errors import NotReached, OutcomeUnknown, Throttled
from bot.mux.fetching import Fetched
from tests.mux.fetched import SRT, STORE, fetched, files, refusal, with_bytes


async def test_a_file_comes_as_it_is_with_what_the_server_calls_it() -> None:
    file = await fetched(with_bytes(SRT, content_type="text/plain; charset=utf-8"))
    assert file == Fetched(content=SRT, content_type="text/plain; charset=utf-8")


async def test_nothing_is_sent_that_gives_the_account_away() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return with_bytes(SRT)(request)

    await fetched(answer)
    assert "authorization" not in seen[0].headers
    assert str(seen[0].url) == STORE


ZLIB = zlib.compress(SRT)
ENCODED = {
    "gzip": ("gzip", gzip.compress(SRT)),
    "gzip in capitals": ("GZIP", gzip.compress(SRT)),
    "two files behind each other": ("gzip", gzip.compress(SRT[:9]) + gzip.compress(SRT[9:])),
    "deflate": ("deflate", ZLIB),
    "identity": ("identity", SRT),
}


@pytest.mark.parametrize(("encoding", "content"), ENCODED.values(), ids=ENCODED)
async def test_compression_is_undone(encoding: str, content: bytes) -> None:
    assert (await fetched(with_bytes(content, content_encoding=encoding))).content == SRT


@pytest.mark.parametrize("cap_bytes", [len(SRT) - 1, 0])
async def test_a_file_over_the_cap_is_refused(cap_bytes: int) -> None:
    error = await refusal(with_bytes(SRT), cap_bytes=cap_bytes)
    assert (error.code, error.host) == ("too_large", "storage.googleapis.com")
    assert (await fetched(with_bytes(SRT), cap_bytes=len(SRT))).content == SRT


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_bomb_is_refused_by_what_it_would_become(encoding: str) -> None:
    nothing = bytes(50_000_000)
    bomb = gzip.compress(nothing) if encoding == "gzip" else zlib.compress(nothing)
    assert len(bomb) < 100_000
    error = await refusal(with_bytes(bomb, content_encoding=encoding), cap_bytes=1_000_000)
    assert error.code == "too_large"


BROKEN = {
    "cut off in the compression": ("gzip", gzip.compress(SRT)[:-4]),
    "not compressed at all": ("gzip", SRT),
    "an encoding of next year": ("zstd", SRT),
    "two encodings": ("gzip, gzip", gzip.compress(gzip.compress(SRT))),
    "nothing where something was to be unfolded": ("gzip", b""),
}


@pytest.mark.parametrize(("encoding", "content"), BROKEN.values(), ids=BROKEN)
async def test_what_comes_broken_may_be_asked_for_again(encoding: str, content: bytes) -> None:
    with pytest.raises(OutcomeUnknown):
        await fetched(with_bytes(content, content_encoding=encoding))


PAGES = {
    "said": (b"Sign in", "text/html; charset=utf-8"),
    "xhtml": (b"<x/>", "application/xhtml+xml"),
    "doctype": (b"\xef\xbb\xbf\n <!DOCTYPE html><p>", "text/plain"),
    "bare": (b"<HTML><body>", ""),
}


@pytest.mark.parametrize(("content", "content_type"), PAGES.values(), ids=PAGES)
async def test_a_web_page_is_no_file(content: bytes, content_type: str) -> None:
    assert (await refusal(with_bytes(content, content_type=content_type))).code == "web_page"


GOOGLE = b"<?xml version='1.0'?><Error><Code>ExpiredToken</Code><Message>Invalid argument.</Message></Error>"
AMAZON = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
DENIED = b"<Error><Code>SignatureDoesNotMatch</Code></Error>"


@pytest.mark.parametrize(
    ("status", "content", "code"),
    [
        (400, GOOGLE, "expired"),
        (403, AMAZON, "expired"),
        (410, b"", "expired"),
        (403, DENIED, "forbidden"),
        (401, b"", "forbidden"),
        (404, b"expired", "not_there"),
        (400, b"", "http_400"),
        (418, b"x" * 10_000, "http_418"),
    ],
)
async def test_a_link_that_gives_no_file_says_why(status: int, content: bytes, code: str) -> None:
    assert (await refusal(with_bytes(content, status))).code == code


async def test_an_excuse_that_cannot_be_read_is_no_reason_to_fail_otherwise() -> None:
    assert (await refusal(with_bytes(b"?", 403, content_encoding="zstd"))).code == "forbidden"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (500, OutcomeUnknown),
        (503, OutcomeUnknown),
        (408, OutcomeUnknown),
        (206, OutcomeUnknown),
        (429, Throttled),
    ],
)
async def test_what_may_pass_is_asked_for_again(status: int, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        await fetched(with_bytes(b"", status, retry_after="7"))
    if status == 429:
        assert isinstance(caught.value, Throttled)
        assert caught.value.retry_in == 7


async def test_a_connection_that_breaks_or_never_comes_about() -> None:
    def breaks(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("reset")

    def refuses(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(OutcomeUnknown):
        await fetched(breaks)
    with pytest.raises(NotReached):
        await fetched(refuses)


async def test_a_drip_that_never_ends_is_given_up() -> None:
    async def drip() -> AsyncIterator[bytes]:
        while True:
            yield b"1"
            await asyncio.sleep(0.001)

    async with files(lambda _: httpx.Response(200, content=drip()), total_seconds=0.02) as those:
        with pytest.raises(OutcomeUnknown):
            await those.fetch(STORE, cap_bytes=1_000_000)
