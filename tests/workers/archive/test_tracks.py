"""A track is waited for, and what became of it is found out."""

from __future__ import annotations

import pytest

from bot.errors import MuxRefused, NotReached
from bot.rules.archive import TrackState
from bot.rules.video import TextTrack, TrackNews
from bot.services import archiving


@pytest.mark.parametrize(
    ("track", "state", "said"),
    [
        (TextTrack(id="tr1", status="ready"), TrackState.READY, ""),
        (TextTrack(id="tr1", status="errored", said="bad file"), TrackState.ERRORED, "bad file"),
        (None, TrackState.GONE, ""),
        (MuxRefused(status=404, code="not_found", messages=()), TrackState.GONE, ""),
    ],
)
async def test_what_became_of_the_track_is_found_out_by_asking(world, track, state, said):
    job = await world.finished()
    world.mux.track_now = TextTrack(id="tr1", status="preparing")
    await world.run(0)
    assert (await world.left(job)).track is TrackState.PREPARING
    world.mux.track_now = track
    await world.run(120)
    left = await world.left(job)
    assert (left.track, left.track_said) == (state, said)


async def test_a_webhook_makes_a_track_be_looked_at_now(world):
    job = await world.finished()
    world.mux.track_now = TextTrack(id="tr1", status="preparing")
    await world.run(100)
    world.mux.track_now = TextTrack(id="tr1", status="ready")
    assert not await world.worker.step()
    news = TrackNews(what="ready", asset_id="asset1", track=TextTrack(id="tr1"))
    assert await world.store.transaction(archiving.heard, account="default", news=news) == 1
    await world.run(0)
    assert (await world.left(job)).track is TrackState.READY
    assert await world.store.transaction(archiving.heard, account="default", news=news) == 0


async def test_a_track_that_mux_never_finishes_is_not_waited_for_for_ever(world):
    job = await world.finished()
    world.mux.track_now = TextTrack(id="tr1", status="preparing")
    await world.run(2 * 86_400)
    assert (await world.left(job)).track is TrackState.UNKNOWN


async def test_a_job_without_a_track_waits_for_none(world):
    job = await world.finished(track_id=None)
    await world.run(10)
    assert (await world.left(job)).track is TrackState.NONE
    assert await world.effect(job, "track") is None


async def test_an_unreachable_mux_is_asked_about_the_track_later(world):
    job = await world.finished()
    world.mux.track_now = NotReached("down")
    await world.run(20)
    assert (await world.left(job)).track is TrackState.PREPARING
