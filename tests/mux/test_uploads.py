"""A file's bytes are passed on to Mux as they come, without the account's credentials."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from bot.errors import MuxRefused, NotReached, OutcomeUnknown
from bot.mux.client import MuxClient, connect
from bot.mux.uploads import is_safe, upload_body

URL = "https://storage.test/up1?key=secret"
MADE = {"id": "up1", "status": "waiting", "url": URL}


def says(mux, code: int = 200, /, **data) -> None:
    async def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(code, json={"data": data})

    mux.odd = answer


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def test_a_place_is_asked_for_a_public_asset_with_title_and_stamp(mux, client):
    says(mux, 201, **MADE)
    made = await client.create_upload("cut.mp4", "captionbot:1")
    assert (made.id, made.status, made.url) == ("up1", "waiting", URL)
    (request,) = mux.requests
    assert (request.method, request.url.path) == ("POST", "/video/v1/uploads")
    settings = json.loads(request.content)["new_asset_settings"]
    assert settings == {
        "playback_policies": ["public"],
        "passthrough": "captionbot:1",
        "meta": {"title": "cut.mp4"},
    }


def test_a_title_fits():
    assert len(upload_body("x" * 900, "p")["new_asset_settings"]["meta"]["title"]) == 512


@pytest.mark.parametrize("url", ["http://storage.test/x", "ftp://storage.test/x", "", "https://[bad", None])
async def test_bytes_go_over_tls_only(mux, client, url):
    assert not is_safe(url or "")
    says(mux, 201, **MADE | {"url": url})
    with pytest.raises(OutcomeUnknown):
        await client.create_upload("a", "p")
    with pytest.raises(OutcomeUnknown):
        await client.upload(url or "", pieces(b"x"), length=1, media_type="video/mp4")
    assert len(mux.requests) == 1


async def test_an_upload_is_read(mux, client):
    says(mux, id="up1", status="errored", asset_id="as1", error={"type": "x", "message": "Broken."})
    found = await client.upload_status("up/1")
    assert (found.status, found.asset_id, found.said) == ("errored", "as1", "Broken.")
    assert mux.requests[0].url.raw_path == b"/video/v1/uploads/up%2F1"
    says(mux, status="waiting")
    with pytest.raises(OutcomeUnknown):
        await client.upload_status("up1")


async def test_the_storage_hears_the_length_and_the_type_and_no_credentials(mux, client):
    says(mux)
    await client.upload(URL, pieces(b"abc", b"de"), length=5, media_type="video/mp4")
    (request,) = mux.requests
    assert (request.method, str(request.url), request.content) == ("PUT", URL, b"abcde")
    assert request.headers["content-length"] == "5"
    assert request.headers["content-type"] == "video/mp4"
    assert "authorization" not in request.headers
    assert "transfer-encoding" not in request.headers


class Slow(httpx.AsyncBaseTransport):
    """Takes a body piece by piece, and notes how many were made but not yet taken."""

    def __init__(self, made: list[int]) -> None:
        self._made = made
        self.most_waiting = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.AsyncByteStream)
        taken = 0
        async for _ in request.stream:
            taken += 1
            self.most_waiting = max(self.most_waiting, len(self._made) - taken)
        return httpx.Response(200)


async def test_no_more_than_one_piece_of_a_file_is_in_memory():
    made: list[int] = []

    async def film() -> AsyncIterator[bytes]:
        for number in range(2_000):
            made.append(number)
            yield b"x" * 65_536

    slow = Slow(made)
    async with connect("https://mux.test", "id", "secret", transport=slow) as http:
        await MuxClient(http).upload(URL, film(), length=2_000 * 65_536, media_type="video/mp4")
    assert (len(made), slow.most_waiting) == (2_000, 0)


@pytest.mark.parametrize(
    ("error", "expected"),
    [(httpx.ConnectError("x"), NotReached), (httpx.WriteError("x"), OutcomeUnknown)],
)
async def test_a_broken_transfer_is_sorted_by_what_may_have_arrived(mux, client, error, expected):
    async def answer(_: httpx.Request) -> httpx.Response:
        raise error

    mux.odd = answer
    with pytest.raises(expected):
        await client.upload(URL, pieces(b"x"), length=1, media_type="video/mp4")


async def test_what_the_source_raises_comes_out_as_it_is(client):
    async def broken() -> AsyncIterator[bytes]:
        yield b"x"
        raise OutcomeUnknown("Slack broke off")

    with pytest.raises(OutcomeUnknown, match="Slack broke off"):
        await client.upload(URL, broken(), length=2, media_type="video/mp4")


@pytest.mark.parametrize(("status", "expected"), [(410, MuxRefused), (503, OutcomeUnknown)])
async def test_a_no_of_the_storage_is_a_no(mux, client, status, expected):
    async def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, text="<Error>" * 400_000)

    mux.odd = answer
    with pytest.raises(expected):
        await client.upload(URL, pieces(b"x"), length=1, media_type="video/mp4")
