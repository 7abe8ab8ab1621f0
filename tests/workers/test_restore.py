"""Replaced tracks come back as they were, wherever the bot dies on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.mux.client import MuxClient, connect
from bot.rules.jobs import Outcome, ReplacedTrack, State
from bot.rules.request import CaptionRequest, Replace
from bot.rules.restoring import Outcome as Wish
from bot.rules.restoring import Problem
from bot.rules.saving import SavedTrack
from bot.services import captions
from bot.services.captions import Ask
from bot.store import effects, files, jobs
from bot.store.database import Database
from tests.workers.asset import VTT, Asset, World

OLD = (
    SavedTrack(
        id="old-en",
        name="English",
        language_code="en",
        closed_captions=True,
        passthrough="theirs",
        source="generated_vod",
    ),
    SavedTrack(id="old-uk", name="British", language_code="en-GB"),
)


def replaced(tx: Any, row_id: int, tracks: tuple[SavedTrack, ...]) -> None:
    """End the job of a row as one that replaced these tracks, whose texts were kept."""
    for track in tracks:
        content = VTT.format(track.id).encode()
        new = files.pack(kind=track.kind, name=f"{track.id}.vtt", media_type="text/vtt", content=content)
        files.put(tx, row_id, new)
    outcome = Outcome(track_id="premium", replaced=tuple(ReplacedTrack(id=track.id) for track in tracks))
    for effect in effects.of_job(tx, row_id):
        effects.settle(tx, effect.id, error="")
    jobs.note(tx, row_id, saved=tracks)
    jobs.advance(tx, row_id, State.COMPLETED, outcome=outcome, mux_id="m1", finished_at=tx.now)


@pytest.fixture
async def world(sqlite_store: Database, clock: Any) -> AsyncIterator[World]:
    mux = Asset(texts={f"{track.id}.vtt": VTT.format(track.id) for track in OLD})
    mux.add("premium", "new words", name="English", language_code="en")
    mux.add("french", "des mots", name="French", language_code="fr")
    http = connect("https://api.mux.com", "id", "secret", transport=httpx.MockTransport(mux))
    async with http:
        world = World(sqlite_store, clock, mux, MuxClient(http, now=clock.now))
        ask = Ask(
            request=CaptionRequest(asset_id="asset1", language_code="en", replace=Replace.ALL),
            request_key="act1",
            team_id="T1",
            channel_id="C1",
            user_id="U1",
            mux_account="default",
        )
        job = (await sqlite_store.transaction(captions.request, ask)).job
        stored = await sqlite_store.transaction(jobs.by_public_id, job.id)
        assert stored is not None
        world.row_id = stored.row_id
        await sqlite_store.transaction(replaced, world.row_id, OLD)
        yield world


AFTERWARDS = sorted(
    [
        ("British", "en-GB", False, "", VTT.format("old-uk")),
        ("English", "en", True, "theirs", VTT.format("old-en")),
        ("French", "fr", False, "", "des mots"),
    ]
)


async def test_tracks_come_back_as_they_were_and_their_replacement_goes(world) -> None:
    assert await world.wish() is Wish.STARTED
    await world.run()
    assert world.mux.shown() == AFTERWARDS
    restore = await world.restore()
    assert (restore.is_done, restore.replacing, restore.removed) == (True, "premium", True)
    assert await world.told() == 1
    assert await world.wish() is Wish.DONE


async def test_a_track_of_another_name_is_there_before_the_replacement_goes(world) -> None:
    world.mux.tracks["premium"]["name"] = "English (premium)"
    await world.wish()
    await world.run()
    changes = [method for method, _ in world.mux.sent if method != "GET"]
    assert changes == ["POST", "POST", "DELETE"]
    assert world.mux.shown() == AFTERWARDS


@pytest.mark.parametrize("dies_at", range(24))
async def test_a_death_at_any_boundary_leaves_neither_two_tracks_nor_none(world, dies_at) -> None:
    world.dies_at = dies_at
    await world.wish()
    await world.run()
    assert world.mux.shown() == AFTERWARDS
    assert await world.told() == 1
    made = [one for one in world.mux.sent if one[0] == "POST"]
    assert len(made) <= len(OLD) + 1


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("when", ["odd", "after"])
async def test_an_answer_that_is_lost_costs_a_look_and_no_track(world, method, when) -> None:
    getattr(world.mux, when)[method] = [httpx.ReadTimeout("gone")]
    await world.wish()
    await world.run()
    assert world.mux.shown() == AFTERWARDS
    assert (await world.restore()).is_done


async def test_two_wishes_at_once_are_one(world) -> None:
    assert [await world.wish(), await world.wish()] == [Wish.STARTED, Wish.UNDER_WAY]
    await world.run()
    assert world.mux.shown() == AFTERWARDS


async def test_a_file_that_mux_cannot_read_at_first_is_sent_again(world) -> None:
    world.mux.unreadable = 2
    await world.wish()
    await world.run()
    assert world.mux.shown() == AFTERWARDS


async def test_a_file_that_mux_can_never_read_ends_the_wish_and_it_may_be_wished_again(world) -> None:
    world.mux.unreadable = 100
    await world.wish()
    await world.run()
    restore = await world.restore()
    assert (restore.problem, restore.is_done, await world.told()) == (Problem.UNREADABLE, False, 1)

    world.mux.unreadable = 0
    assert await world.wish() is Wish.STARTED
    await world.run()
    assert world.mux.shown() == AFTERWARDS
    assert await world.told() == 2


async def test_somebody_elses_track_of_the_same_name_is_never_touched(world) -> None:
    del world.mux.tracks["premium"]
    world.mux.add("theirs", "quite other words", name="english", language_code="en")
    await world.wish()
    await world.run()
    assert (await world.restore()).problem == Problem.NAME_TAKEN
    assert world.mux.tracks["theirs"]["text"] == "quite other words"


async def test_mux_saying_no_and_a_video_that_is_gone_end_the_wish(world) -> None:
    no = {"error": {"type": "invalid_parameters", "messages": ["Not so."]}}
    world.mux.odd["POST"] = [httpx.Response(400, json=no)]
    await world.wish()
    await world.run()
    restore = await world.restore()
    assert (restore.problem, restore.detail) == (Problem.REFUSED, "Not so.")

    world.mux.odd["GET"] = [httpx.Response(404, json={"error": {"type": "not_found", "messages": ["No."]}})]
    assert await world.wish() is Wish.STARTED
    await world.run()
    assert (await world.restore()).problem == Problem.NO_ASSET


async def test_a_track_that_never_gets_ready_ends_the_wish_after_a_quarter_of_an_hour(world) -> None:
    world.mux.odd["GET"] = [httpx.ReadTimeout("gone")] * 400
    await world.wish()
    await world.run(seconds=3_600)
    assert (await world.restore()).problem == Problem.TOO_LONG


async def test_without_an_address_of_ours_nothing_is_begun(world) -> None:
    assert await world.wish(public_url="") is Wish.NO_ADDRESS
    assert await world.restore() is None
    assert await world.wish() is Wish.STARTED
    await world.run(public_url="")
    assert (await world.restore()).problem == Problem.NO_ADDRESS
