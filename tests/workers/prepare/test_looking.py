"""What is to be captioned is looked at before anything is sent that could cost money."""

from __future__ import annotations

import httpx
import pytest

from bot.rules.jobs import State
from bot.rules.pacing import Timing
from bot.rules.request import Replace
from bot.services import claiming, steering
from bot.store import jobs
from bot.workers.prepare import Prepare
from bot.workers.submit import Submit
from tests.workers.prepare.world import DAY, ENGLISH
from tests.workers.working import always


async def test_a_fit_video_is_known_by_title_and_length_before_its_job_is_sent(world) -> None:
    world.mux.add("asset1")
    job = await world.asked()

    await world.submit.step()
    seen = await world.job(job)
    assert (seen.state, seen.title, seen.duration_seconds) == (State.REQUESTED, "Keynote", 90.0)
    assert (seen.video.status, world.mux.created) == ("ready", [])

    await world.run()
    assert (await world.job(job)).state is State.PENDING
    assert world.mux.reads == ["assets/asset1"]
    assert len(world.mux.created) == 1


CAPTIONED = [{"type": "audio"}, ENGLISH]


@pytest.mark.parametrize(
    ("asset", "asked", "code"),
    [
        pytest.param({"is_live": True}, {}, "preflight_live", id="live"),
        pytest.param({"status": "errored"}, {}, "preflight_errored", id="errored"),
        pytest.param({"tracks": [{"type": "video"}]}, {}, "preflight_no_audio", id="silent"),
        pytest.param({"playback_ids": []}, {}, "preflight_no_playback", id="no-playback-id"),
        pytest.param(
            {"playback_ids": [{"id": "d", "policy": "drm"}]}, {}, "preflight_no_playback", id="drm-only"
        ),
        pytest.param({"tracks": CAPTIONED}, {"language_code": "en-GB"}, "preflight_conflict", id="track"),
        pytest.param({"tracks": CAPTIONED}, {"track_name": "english"}, "preflight_conflict", id="name"),
    ],
)
async def test_what_cannot_succeed_is_refused_before_anything_is_sent(world, asset, asked, code) -> None:
    world.mux.add("asset1", **asset)
    job = await world.asked(**asked)

    await world.run(seconds=3_600)

    ended = await world.job(job)
    assert (ended.state, ended.failure.code, ended.failure.status) == (State.REFUSED, code, None)
    assert world.mux.created == []
    assert await world.wanted(job, "result") == 1
    assert await world.store.transaction(claiming.due_in, "mux") is None


@pytest.mark.parametrize(
    "asked",
    [
        {"language_code": "de"},
        {},
        {"language_code": "en", "replace": Replace.ALL},
        {"language_code": "en", "replace": Replace.GENERATED},
        {"language_code": "en", "upload_to_mux": False},
    ],
)
async def test_a_track_that_is_not_in_the_way_stops_nothing(world, asked) -> None:
    world.mux.add("asset1", tracks=CAPTIONED)
    await world.asked(**asked)
    await world.run()
    assert len(world.mux.created) == 1


async def test_a_video_that_is_being_prepared_is_waited_for_and_looked_at_ever_more_rarely(world) -> None:
    world.mux.add("asset1", status="preparing")
    job = await world.asked()

    await world.run(seconds=600)
    waiting = await world.job(job)
    assert (waiting.state, waiting.video.status) == (State.REQUESTED, "preparing")
    assert await world.wanted(job, "card") == 2
    assert 12 <= len(world.mux.reads) <= 18
    assert world.mux.created == []

    world.mux.assets["asset1"]["status"] = "ready"
    await world.run(seconds=80)
    assert (await world.job(job)).state is State.PENDING


async def test_a_wait_survives_a_restart(world) -> None:
    world.mux.add("asset1", status="preparing")
    job = await world.asked()
    await world.run(seconds=30)

    again = Submit(world.store, always(world.client), world.clock, timing=Timing(), jitter=lambda: 0.5)
    world.mux.assets["asset1"]["status"] = "ready"
    world.clock.forward(80)
    while await again.step():
        pass
    assert (await world.job(job)).state is State.PENDING


async def test_nobody_waits_longer_than_a_day(world) -> None:
    world.mux.add("asset1", status="preparing")
    job = await world.asked()
    await world.run(seconds=30)
    world.clock.forward(DAY)
    await world.run()
    ended = await world.job(job)
    assert (ended.state, ended.failure.code) == (State.REFUSED, "preflight_not_ready")


async def test_a_wait_goes_on_while_mux_does_not_answer(world) -> None:
    world.mux.add("asset1", status="preparing")
    job = await world.asked()
    await world.run()
    world.mux.odd = [503] * 20
    await world.run(seconds=120)
    assert (await world.job(job)).state is State.REQUESTED


@pytest.mark.parametrize(
    ("odd", "reads"),
    [
        pytest.param([401], 1, id="401"),
        pytest.param([403], 1, id="403"),
        pytest.param([404, 404], 2, id="404-of-both-kinds"),
        pytest.param([404, 403], 2, id="404-then-403"),
        pytest.param([500, 500, 500], 3, id="500"),
        pytest.param([httpx.ReadTimeout("slow")] * 3, 3, id="time-out"),
        pytest.param([httpx.ConnectError("down")] * 3, 3, id="not-reached"),
        pytest.param([429, 429, 429], 3, id="429"),
    ],
)
async def test_a_job_whose_video_mux_does_not_show_is_sent_all_the_same(world, odd, reads) -> None:
    """Mux's own answer to the job decides, as it did before there was a look."""
    world.mux.odd = list(odd)
    job = await world.asked()
    await world.run(seconds=120)
    assert (await world.job(job)).state is State.PENDING
    assert len(world.mux.reads) == reads
    assert len(world.mux.created) == 1


async def test_a_job_that_was_stopped_while_its_video_was_looked_at_is_not_sent(world) -> None:
    world.mux.add("asset1", status="preparing")
    job = await world.asked()
    await world.run()
    wish = steering.Wish(
        asker=steering.Asker(team_id="T1", channel_id="C1", user_id="U1"),
        name=job.id,
        key="x",
        mux_account="default",
    )
    await world.store.transaction(steering.cancel, wish)
    world.mux.assets["asset1"]["status"] = "ready"
    await world.run(seconds=600)
    assert (await world.job(job)).state is State.CANCELLED
    assert world.mux.created == []


async def test_a_look_whose_lease_was_lost_changes_nothing(world) -> None:
    """The next holder of the lane looks again."""
    world.mux.add("asset1")
    job = await world.asked()
    taken = await world.store.transaction(claiming.claim, "mux", owner="slow", timing=Timing())
    world.clock.forward(60)
    await world.run()
    assert len(world.mux.created) == 1

    slow = Prepare(world.store, always(world.client), jitter=lambda: 0.5, reached=lambda _boundary: None)
    await slow.perform(taken)
    await world.run()
    assert (await world.job(job)).state is State.PENDING
    assert len(world.mux.created) == 1


async def test_a_look_at_a_job_that_has_moved_on_is_closed(world) -> None:
    job = await world.asked()
    stored = await world.store.transaction(jobs.by_public_id, job.id)
    await world.store.transaction(jobs.advance, stored.row_id, State.PENDING)
    await world.submit.step()
    assert world.mux.reads == []
