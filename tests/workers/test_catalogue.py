"""The catalogue's worker: walks through the list rarely, looks for news when somebody looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bot.mux import client as mux_client
from bot.rules.form import CaptionForm
from bot.services import catalogue as offers
from bot.store import catalogue
from bot.workers import catalogue as worker
from bot.workers.catalogue import Catalogue


class Shelf:
    """Mux's assets behind its real wire format, two to a page."""

    def __init__(self) -> None:
        self.assets: list[dict[str, Any]] = []
        self.answers: list[httpx.Response] = []
        self.asked = 0

    def add(self, *titles: str) -> None:
        for title in titles:
            number = len(self.assets)
            self.assets.insert(
                0,
                {
                    "id": f"Asset{number:03}xxxxxxxxX1",
                    "created_at": str(1_790_000_000 + number),
                    "status": "ready",
                    "meta": {"title": title},
                    "playback_ids": [{"id": f"Play{number:03}xxxxxxxxX1", "policy": "public"}],
                },
            )

    def handle(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/video/v1/assets"
        self.asked += 1
        if self.answers:
            return self.answers.pop(0)
        first = int(request.url.params.get("cursor", "0"))
        more = first + 2 < len(self.assets)
        page = {"data": self.assets[first : first + 2], "next_cursor": str(first + 2) if more else None}
        return httpx.Response(200, json=page)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
async def at_work(sqlite_store, clock, shelf):
    transport = httpx.MockTransport(shelf.handle)
    async with mux_client.connect("https://mux.test", "id", "secret", transport=transport) as http:
        mux = mux_client.MuxClient(http, now=clock.now)
        yield Catalogue(sqlite_store, mux, clock, account="default", jitter=lambda: 0.5)


@pytest.fixture
def titles(sqlite_store) -> Callable[[], Any]:
    async def read() -> list[str]:
        found = await sqlite_store.transaction(catalogue.search, "default", [], most=100)
        return [video.title for video in found]

    return read


async def test_the_whole_list_is_read_at_start_and_then_rarely(at_work, shelf, titles, clock):
    shelf.add("one", "two", "three")
    assert await at_work.step() == 3
    assert await titles() == ["three", "two", "one"]
    assert await at_work.step() == 0
    assert shelf.asked == 2
    assert await at_work.due_in() == worker.EVERY_SECONDS
    clock.forward(worker.EVERY_SECONDS)
    assert await at_work.step() == 0
    assert shelf.asked == 4


async def test_who_opens_a_form_finds_a_video_of_a_minute_ago(at_work, shelf, titles, clock):
    shelf.add("one", "two", "three", "four", "five")
    await at_work.step()
    shelf.add("six")
    at_work.want()
    assert await at_work.step() == 0
    clock.forward(worker.FRESH_SECONDS)
    before = shelf.asked
    assert await at_work.step() == 1
    assert (await titles())[0] == "six"
    # A page with news, then one without: the three older ones are not read again.
    assert shelf.asked - before == 2
    clock.forward(worker.FRESH_SECONDS)
    assert await at_work.step() == 0
    assert shelf.asked - before == 2


async def test_somebody_who_looks_wakes_the_worker(at_work, sqlite_store):
    at_work.want()
    assert await sqlite_store.bells.wait(at_work.bell, 0.01)


async def test_what_was_deleted_at_mux_is_no_longer_offered(at_work, shelf, titles, clock):
    shelf.add("one", "two", "three")
    await at_work.step()
    del shelf.assets[1]
    clock.forward(worker.EVERY_SECONDS)
    await at_work.step()
    assert await titles() == ["three", "one"]
    shelf.assets.clear()
    clock.forward(worker.EVERY_SECONDS)
    await at_work.step()
    assert await titles() == []


@pytest.mark.parametrize(
    ("answer", "least"),
    [
        (httpx.Response(500), 0.4),
        (httpx.Response(429, headers={"retry-after": "30"}), 30.0),
        (httpx.Response(401, json={"error": {"type": "unauthorized"}}), worker.EVERY_SECONDS),
        (httpx.Response(404, json={"error": {"type": "not_found"}}), 0.4),
    ],
)
async def test_what_is_known_is_kept_while_mux_does_not_answer(
    at_work, shelf, titles, *, clock, answer, least
):
    shelf.add("one")
    await at_work.step()
    clock.forward(worker.EVERY_SECONDS)
    shelf.answers = [answer]
    assert await at_work.step() == 0
    assert await titles() == ["one"]
    wait_seconds = await at_work.due_in()
    assert wait_seconds >= least
    clock.forward(wait_seconds)
    shelf.add("two")
    assert await at_work.step() == 1
    assert await titles() == ["two", "one"]


async def offer(store, query: str) -> tuple[list[str], str]:
    found, named = await store.transaction(offers.offer, "default", query)
    return [video.title for video in found], "" if named is None else f"{named.kind}:{named.id}"


async def test_a_picker_offers_titles_ids_and_links(at_work, shelf, sqlite_store):
    shelf.add("Launch keynote", "Town hall")
    await at_work.step()
    assert await offer(sqlite_store, "") == (["Town hall", "Launch keynote"], "")
    assert await offer(sqlite_store, " KEY laun ") == (["Launch keynote"], "")
    assert await offer(sqlite_store, "hall") == (["Town hall"], "")
    assert await offer(sqlite_store, "Asset000") == (["Launch keynote"], "")
    assert await offer(sqlite_store, "Asset000xxxxxxxxX1") == (["Launch keynote"], "")
    assert await offer(sqlite_store, "Play001xxxxxxxxX1") == (["Town hall"], "")
    assert await offer(sqlite_store, "https://stream.mux.com/Play000xxxxxxxxX1.m3u8") == (
        ["Launch keynote"],
        "",
    )
    assert await offer(sqlite_store, "https://player.mux.com/Unknown1") == ([], "playback:Unknown1")
    assert await offer(sqlite_store, "An0therAssetOfMux99") == ([], "asset:An0therAssetOfMux99")
    assert await offer(sqlite_store, "short1") == ([], "asset:short1")
    assert await offer(sqlite_store, "https://youtu.be/x") == ([], "")
    assert await offer(sqlite_store, "no such title") == ([], "")
    assert await offer(sqlite_store, "x" * 3_000) == ([], "")


async def test_a_form_learns_what_is_known_about_its_video(at_work, shelf, sqlite_store):
    shelf.add("Launch keynote")
    await at_work.step()

    async def chosen(video: str) -> tuple[str, str]:
        form, found = await sqlite_store.transaction(offers.chosen, "default", CaptionForm(video=video))
        return form.video, found.title if found else ""

    assert await chosen("Asset000xxxxxxxxX1") == ("Asset000xxxxxxxxX1", "Launch keynote")
    assert await chosen("playback:Play000xxxxxxxxX1") == ("Asset000xxxxxxxxX1", "Launch keynote")
    assert await chosen("playback:Unknown") == ("playback:Unknown", "")
    assert await chosen("Unknown") == ("Unknown", "")
    assert await chosen("") == ("", "")
