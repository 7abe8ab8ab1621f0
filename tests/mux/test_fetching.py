"""Files come from where Mux keeps them, whole, not larger than asked for, or not at all, with the reason."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from bot.errors import FileRefused, NotReached, OutcomeUnknown, Throttled
from bot.mux.fetching import Fetched, Files, Reach, open_files, reach

STORE = "https://storage.googleapis.com/bucket/captions.srt?signature=secret"
SRT = b"1\n00:00:00,000 --> 00:00:01,000\nHello\n"
ABROAD = reach(["https://api.mux.com"])

Answer = Callable[[httpx.Request], httpx.Response]


@asynccontextmanager
async def files(answer: Answer, allowed: Reach = ABROAD, **more) -> AsyncIterator[Files]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        yield Files(http, http, allowed, **more)


def with_bytes(content: bytes, status: int = 200, **headers: str) -> Answer:
    async def body() -> AsyncIterator[bytes]:
        yield content

    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: httpx.Response(status, content=body(), headers=named)


async def fetched(answer: Answer, url: str = STORE, *, cap_bytes: int = 1_000) -> Fetched:
    async with files(answer) as those:
        return await those.fetch(url, cap_bytes=cap_bytes)


async def refusal(answer: Answer, url: str = STORE, *, cap_bytes: int = 1_000) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        await fetched(answer, url, cap_bytes=cap_bytes)
    assert "secret" not in str(caught.value)
    return caught.value


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


def leading(*places: str) -> tuple[Answer, list[str]]:
    """Lead to each of the places in turn, and then give the file."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        if len(asked) <= len(places):
            return httpx.Response(302, headers={"location": places[len(asked) - 1]})
        return with_bytes(SRT)(request)

    return answer, asked


async def test_a_redirect_is_followed_among_allowed_hosts() -> None:
    answer, asked = leading("https://b.s3.amazonaws.com/x", "/y")
    assert (await fetched(answer)).content == SRT
    assert asked == [STORE, "https://b.s3.amazonaws.com/x", "https://b.s3.amazonaws.com/y"]


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example/x",
        "http://storage.googleapis.com/x",
        "http://169.254.169.254/latest/meta-data",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://user:word@storage.googleapis.com/x",
        "https://storage.googleapis.com:8443/x",
        "file:///etc/passwd",
        "https://evil.example\\@storage.googleapis.com/x",
        "https://storage.googleapis.com\\@evil.example/x",
    ],
)
async def test_neither_a_link_nor_a_redirect_leads_anywhere_else(place: str) -> None:
    answer, asked = leading(place)
    assert (await refusal(answer)).code == "foreign_host"
    assert len(asked) == 1
    assert (await refusal(with_bytes(SRT), place)).code == "foreign_host"


@pytest.mark.parametrize(
    "place", ["https://[odd/", "https://storage.googleapis.com:port/", "", "https://a\x00b/"]
)
async def test_what_is_no_address_leads_nowhere(place: str) -> None:
    assert (await refusal(with_bytes(SRT), place)).code == "foreign_host"
    answer, asked = leading(place or "https://[odd/")
    with pytest.raises((FileRefused, OutcomeUnknown)):
        await fetched(answer)
    assert len(asked) <= 4


async def test_a_circle_is_left() -> None:
    error = await refusal(lambda _: httpx.Response(307, headers={"location": STORE}))
    assert error.code == "foreign_host"


async def test_the_hosts_of_the_settings_are_allowed_as_they_are_written() -> None:
    allowed = reach(["http://mux.test:8080/v", ""], listed=("Files.Example", ""))
    async with files(with_bytes(SRT), allowed) as those:
        assert (await those.fetch("http://mux.test:8080/storage/a", cap_bytes=100)).content == SRT
        assert (await those.fetch("https://files.example/a", cap_bytes=100)).content == SRT
        for url in ("http://mux.test/a", "https://mux.test:8080/a", "http://files.example/a", "https:///a"):
            with pytest.raises(FileRefused):
                await those.fetch(url, cap_bytes=100)


async def test_a_proxy_in_the_environment_is_used(monkeypatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.test:3128")
    monkeypatch.setenv("no_proxy", "amazonaws.com")
    used: list[str] = []

    def by(way: str) -> httpx.AsyncClient:
        def answer(request: httpx.Request) -> httpx.Response:
            used.append(f"{way} {request.url.host}")
            return with_bytes(SRT)(request)

        return httpx.AsyncClient(transport=httpx.MockTransport(answer))

    async with by("direct") as direct, by("proxy") as proxied:
        those = Files(direct, proxied, ABROAD)
        await those.fetch(STORE, cap_bytes=100)
        await those.fetch("https://b.s3.amazonaws.com/x", cap_bytes=100)
    assert used == ["proxy storage.googleapis.com", "direct b.s3.amazonaws.com"]


@asynccontextmanager
async def serving(answer: bytes) -> AsyncIterator[str]:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


WHOLE = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(SRT), SRT)


async def test_over_a_real_socket_only_the_local_mux_of_the_settings_gives_files() -> None:
    async with serving(WHOLE) as url, serving(WHOLE) as other, open_files(reach([url])) as those:
        assert (await those.fetch(f"{url}/a.srt", cap_bytes=100)).content == SRT
        with pytest.raises(FileRefused) as caught:
            await those.fetch(f"{other}/a.srt", cap_bytes=100)
    assert (caught.value.code, caught.value.host) == ("foreign_host", "127.0.0.1")


async def test_over_a_real_socket_a_file_that_is_cut_off_is_not_whole() -> None:
    async with serving(WHOLE[:-3]) as url, open_files(reach([url], private=True)) as those:
        with pytest.raises(OutcomeUnknown):
            await those.fetch(f"{url}/a.srt", cap_bytes=100)
