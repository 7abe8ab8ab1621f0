"""A playback id leads to its asset, or the job is refused."""

from __future__ import annotations

import pytest

from bot.rules.jobs import State
from tests.workers.prepare.world import DAY


async def test_a_playback_id_leads_to_its_asset(world) -> None:
    world.mux.add("asset1")
    job = await world.linked("play-asset1")
    assert job.pointer is not None

    await world.run()

    known = await world.job(job)
    assert (known.pointer, known.request.asset_id, known.state) == (None, "asset1", State.PENDING)
    assert [sent["asset_id"] for sent in world.mux.created] == ["asset1"]


async def test_a_bare_playback_id_is_understood_although_it_looks_like_an_asset_id(world) -> None:
    world.mux.add("asset1")
    job = await world.asked("play-asset1")
    await world.run()
    assert (await world.job(job)).request.asset_id == "asset1"
    assert world.mux.reads == ["assets/play-asset1", "playback-ids/play-asset1", "assets/asset1"]


@pytest.mark.parametrize("by", ["linked", "asked"])
async def test_a_live_stream_is_refused(world, by) -> None:
    world.mux.playbacks["stream1"] = ("live_stream", "s1")
    job = await getattr(world, by)("stream1")
    await world.run()
    assert (await world.job(job)).failure.code == "preflight_live_stream"


async def test_a_playback_id_of_another_environment_is_refused(world) -> None:
    job = await world.linked("play-elsewhere")
    await world.run()
    failure = (await world.job(job)).failure
    assert (failure.code, failure.status) == ("preflight_other_environment", 404)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_playback_id_that_mux_may_not_show_is_refused(world, status) -> None:
    world.mux.odd = [status]
    job = await world.linked("play-asset1")
    await world.run()
    assert (await world.job(job)).failure.code == "preflight_unanswered"


async def test_a_playback_id_of_something_unknown_is_refused(world) -> None:
    world.mux.playbacks["odd1"] = ("drawing", "d1")
    job = await world.linked("odd1")
    await world.run()
    assert (await world.job(job)).failure.code == "preflight_unanswered"


async def test_a_playback_id_is_asked_about_for_a_day(world) -> None:
    """Without the asset nothing can be sent, so patience is all there is."""
    world.mux.add("asset1")
    world.mux.odd = [503] * 5
    job = await world.linked("play-asset1")
    await world.run(seconds=3_600)
    assert (await world.job(job)).state is State.PENDING

    world.mux.odd = [503] * 5
    late = await world.linked("play-late", key="act2")
    await world.run()
    world.clock.forward(DAY)
    await world.run()
    assert (await world.job(late)).failure.code == "preflight_unanswered"


async def test_an_asset_behind_a_playback_id_that_mux_does_not_show_is_sent_all_the_same(world) -> None:
    world.mux.playbacks["play-hidden"] = ("asset", "hidden")
    await world.linked("play-hidden")
    await world.run()
    assert [sent["asset_id"] for sent in world.mux.created] == ["hidden"]


async def test_a_link_to_a_video_that_is_being_captioned_already_joins_that(world) -> None:
    world.mux.add("asset1", status="preparing")
    first = await world.asked(key="act1", user_id="U1")
    second = await world.linked("play-asset1", key="act2", user_id="U2")

    await world.run(seconds=10)

    joined = await world.job(second)
    assert (joined.state, joined.failure.code, joined.failure.message) == (
        State.REFUSED, "preflight_joined", first.id,
    )  # fmt: skip
    assert (await world.job(first)).watchers == ("U2",)


async def test_two_links_of_one_person_to_one_hidden_video_make_one_job(world) -> None:
    world.mux.playbacks |= {"play-1": ("asset", "hidden"), "play-2": ("asset", "hidden")}
    await world.linked("play-1", key="act1")
    second = await world.linked("play-2", key="act2")
    await world.run()
    assert len(world.mux.created) == 1
    assert (await world.job(second)).failure.code == "preflight_joined"
