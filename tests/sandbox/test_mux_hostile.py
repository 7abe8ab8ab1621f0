"""Behind a link may lie anything, when a test says so."""

from __future__ import annotations

import asyncio
import base64
import gzip
from collections.abc import AsyncIterator

import httpx
import pytest

from bot.errors import FileRefused, OutcomeUnknown
from bot.mux.fetching import Files, open_files, reach
from bot.sandbox.mux import catalogue
from bot.sandbox.mux.hostile import BOMB_BYTES, HUGE_BYTES

CONTROL = "/_sandbox/mux/hostile"
SRT = "/storage/*captions.srt"


@pytest.fixture
async def link(site, served) -> AsyncIterator[str]:
    """Give a link to an SRT file over a real socket."""
    job = await site.finished(catalogue.STUDIO_TOUR)
    path = job["outputs"]["temporary_srt_url"].removeprefix(site.mux.config.public_url)
    async with served(site.client._transport.app) as url:
        yield url + path


async def order(site, kind: str, **more) -> None:
    answer = await site.client.post(CONTROL, json={"kind": kind, "target": SRT} | more)
    assert answer.status_code == 200, answer.text


async def get(link: str) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.get(link)


async def test_each_order_is_followed_as_often_as_it_says(site, link) -> None:
    honest = (await get(link)).text
    await order(site, "html", times=2)
    await order(site, "encoding")
    spoilt = [await get(link) for _ in range(4)]
    assert [answer.headers["content-type"].partition(";")[0] for answer in spoilt[:2]] == ["text/html"] * 2
    assert spoilt[2].content.decode("utf-16") == honest
    assert spoilt[3].text == honest
    faults = site.mux.journal.find("fault", "mux:file")
    assert [entry.data["fault"] for entry in faults] == ["html", "html", "encoding"]


async def test_a_bomb_and_a_flood_are_as_large_as_they_say(site, link) -> None:
    await order(site, "gzip_bomb")
    await order(site, "huge")
    async with httpx.AsyncClient() as client:
        async with client.stream("GET", link) as bomb:
            raw = b"".join([piece async for piece in bomb.aiter_raw()])
        async with client.stream("GET", link) as flood:
            taken = 0
            async for piece in flood.aiter_bytes():
                taken += len(piece)
    assert len(raw) < BOMB_BYTES // 500
    assert len(gzip.decompress(raw)) == BOMB_BYTES
    assert taken >= HUGE_BYTES


async def test_half_a_file_ends_with_the_connection(site, link) -> None:
    await order(site, "truncated")
    with pytest.raises(httpx.RemoteProtocolError):
        await get(link)


async def test_any_bytes_can_be_served(site, link) -> None:
    body = base64.b64encode(b"\x00<script>").decode()
    await order(site, "bytes", body_base64=body, content_type="application/json", content_encoding="odd")
    answer = await get(link)
    assert (answer.content, answer.headers["content-encoding"]) == (b"\x00<script>", "odd")
    assert answer.headers["content-type"] == "application/json"


async def test_the_text_of_a_track_can_be_spoilt_and_a_refusal_stays_one(site, link) -> None:
    await order(site, "html", target="/stream/*/text/*", times=None)
    text = f"/stream/play{catalogue.ANNUAL_MEETING}/text/trackAnnualEn01.vtt"
    assert "<h1>" in (await site.client.get(text, auth=None)).text
    assert (await site.client.get(text.replace("01.vtt", "02.vtt"), auth=None)).status_code == 404
    assert (await get(link)).text.startswith("1\n")
    listed = (await site.client.get(CONTROL)).json()["orders"]
    assert [(entry["kind"], entry["times"]) for entry in listed] == [("html", None)]
    assert (await site.client.delete(CONTROL)).json() == {"orders": []}
    assert (await site.client.get(text, auth=None)).text.startswith("WEBVTT")


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "odd", "target": "*"},
        {"kind": "html"},
        {"kind": "html", "target": "*", "why": 1},
        {"kind": "html", "target": "*", "times": "often"},
        {"kind": "html", "target": "*", "times": True},
        {"kind": "redirect", "target": "*"},
        {"kind": "bytes", "target": "*", "body_base64": "?"},
        {"kind": "bytes", "target": "*", "content_type": 7},
    ],
)
async def test_nonsense_is_no_order(site, body) -> None:
    assert (await site.client.post(CONTROL, json=body)).status_code == 400


@pytest.fixture
async def files(link) -> AsyncIterator[Files]:
    """Give the bot's own means of fetching, allowed to reach this stand-in."""
    base = str(httpx.URL(link).copy_with(raw_path=b"/"))
    async with open_files(reach([base], private=True), total_seconds=20.0) as fetching:
        yield fetching


ANSWERS = {
    "a web page": ({"kind": "html"}, "web_page"),
    "a bomb": ({"kind": "gzip_bomb"}, "too_large"),
    "a flood": ({"kind": "huge"}, "too_large"),
    "elsewhere": ({"kind": "redirect", "to": "https://evil.example/x"}, "foreign_host"),
    "metadata": ({"kind": "redirect", "to": "http://169.254.169.254/latest/meta-data"}, "foreign_host"),
    "this machine": ({"kind": "redirect", "to": "http://localhost:1/"}, "foreign_host"),
    "half": ({"kind": "truncated"}, ""),
    "not compressed": ({"kind": "bytes", "content_encoding": "gzip"}, ""),
}


@pytest.mark.parametrize(("wanted", "code"), ANSWERS.values(), ids=ANSWERS)
async def test_the_bot_has_a_clear_answer_to_each(site, link, files, wanted, code) -> None:
    await order(site, **wanted)
    with pytest.raises(FileRefused if code else OutcomeUnknown) as caught:
        await files.fetch(link, cap_bytes=1_000_000)
    assert getattr(caught.value, "code", "") == code
    assert (await files.fetch(link, cap_bytes=1_000_000)).content.startswith(b"1\n")


async def test_a_drip_is_given_up_by_whoever_waits(site, link) -> None:
    await order(site, "drip")
    base = str(httpx.URL(link).copy_with(raw_path=b"/"))
    async with open_files(reach([base], private=True), total_seconds=0.05) as fetching:
        with pytest.raises(OutcomeUnknown):
            await fetching.fetch(link, cap_bytes=1_000)
    await asyncio.sleep(0)


async def test_an_expired_link_is_told_from_a_forged_one(site, link, files) -> None:
    with pytest.raises(FileRefused) as forged:
        await files.fetch(link[:-4] + "0000", cap_bytes=1_000)
    site.mux.clock.advance(8 * 86_400)
    with pytest.raises(FileRefused) as expired:
        await files.fetch(link, cap_bytes=1_000)
    assert (forged.value.code, expired.value.code) == ("forbidden", "expired")
