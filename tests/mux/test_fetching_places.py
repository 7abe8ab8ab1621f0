"""Files come from where Mux keeps them, and from nowhere else that a link or a redirect leads to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from bot.errors import FileRefused, OutcomeUnknown
from bot.mux.fetching import Files, open_files, reach
from tests.mux.fetched import ABROAD, SRT, STORE, Answer, fetched, files, refusal, with_bytes


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
