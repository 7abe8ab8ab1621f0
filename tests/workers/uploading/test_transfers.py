"""A file goes from Slack to Mux once, whatever breaks off on the way."""

from __future__ import annotations

import pytest

from bot.errors import MuxRefused, NotReached, OutcomeUnknown, Throttled
from bot.rules.jobs import State
from bot.rules.pacing import Timing
from bot.services import uploading
from bot.workers.submit import Submit
from tests.workers.uploading.world import PIECES
from tests.workers.working import Crash, always


async def test_a_file_becomes_an_asset_and_only_then_is_its_job_looked_at(world) -> None:
    job = await world.asked()
    assert (job.title, await world.waits(job, "prepare")) == ("cut.mp4", True)
    await world.run()
    assert (world.mux.received, world.mux.titles) == ([b"".join(PIECES)], ["cut.mp4"])
    assert not await world.waits(job, "prepare")
    known = await world.known()
    assert known is not None
    assert (known.asset_id, known.url) == ("asset-up1", "")


async def test_the_job_learns_its_asset_and_goes_on_as_any_other(world) -> None:
    job = await world.asked()
    world.mux.odd["asset"] = [NotReached("no")]
    await world.run(prepare=True, seconds=0)
    world.clock.forward(10)
    await world.run(prepare=False)
    submit = Submit(world.store, always(world.mux), world.clock, timing=Timing(), jitter=lambda: 0.5)
    await submit.step()
    seen = await world.job(job)
    assert (seen.request.asset_id, seen.pointer, seen.state) == ("asset-up1", None, State.REQUESTED)
    assert not await world.waits(job, "create")


@pytest.mark.parametrize("boundary", ["upload.claimed", "upload.opened", "upload.sent", "upload.finished"])
async def test_a_bot_that_dies_anywhere_makes_one_asset(world, boundary) -> None:
    job = await world.asked()
    world.crash_at = boundary
    with pytest.raises(Crash):
        await world.worker.step()
    world.clock.forward(Timing().lease + 1)
    await world.run(seconds=60)
    assert world.mux.assets == ["asset-up2" if boundary == "upload.opened" else "asset-up1"]
    assert not await world.waits(job, "prepare")


@pytest.mark.parametrize(
    ("where", "error"),
    [
        ("create_upload", Throttled("slowly", retry_in=5.0)),
        ("create_upload", OutcomeUnknown("lost")),
        ("upload_status", NotReached("no")),
        ("upload", NotReached("no")),
        ("upload_after", OutcomeUnknown("lost")),
        ("upload_after", MuxRefused(status=410, code="gone", messages=())),
    ],
)
async def test_trouble_at_mux_is_gone_through_again_without_a_second_asset(world, where, error) -> None:
    job = await world.asked()
    world.mux.odd[where] = [error]
    await world.run(seconds=60)
    assert len(world.mux.assets) == 1
    assert not await world.waits(job, "prepare")


@pytest.mark.parametrize("pieces", [PIECES[:2], (*PIECES, b"x")])
async def test_a_file_of_another_length_than_announced_is_no_whole_file(world, pieces) -> None:
    await world.asked()
    world.slack.pieces = pieces
    await world.worker.step()
    assert (world.mux.assets, (await world.known()).sent_at) == ([], None)
    world.slack.pieces = PIECES
    await world.run(seconds=60)
    assert len(world.mux.assets) == 1


async def test_a_download_that_breaks_off_is_done_again(world) -> None:
    await world.asked()
    world.slack.odd["download"] = [OutcomeUnknown("broken off")]
    await world.run(seconds=60)
    assert len(world.mux.assets) == 1


async def test_a_long_transfer_keeps_its_claim(world) -> None:
    await world.asked()
    world.slack.seconds_per_piece = 20.0
    other: list[int] = []

    async def between() -> None:
        other.append(await world.worker.step())

    world.slack.between = between
    await world.worker.step()
    assert other == [0, 0, 0]
    assert len(world.mux.received) == 1


async def test_a_transfer_whose_claim_was_lost_writes_nothing(world) -> None:
    job = await world.asked()

    async def between() -> None:
        # Nothing came for longer than the claim lasts, so another loop has begun as well.
        world.slack.between = None
        world.clock.forward(Timing().lease + 1)
        await world.worker.step()

    world.slack.between = between
    await world.worker.step()
    assert (world.mux.assets, len(world.mux.received)) == (["asset-up1"], 1)
    assert not await world.waits(job, "prepare")


async def test_a_job_that_is_stopped_meanwhile_is_not_sent_on(world) -> None:
    job = await world.asked()
    world.slack.seconds_per_piece = 20.0

    async def between() -> None:
        world.slack.between = None
        await world.stop(job)

    world.slack.between = between
    await world.worker.step()
    await world.run(seconds=60)
    assert ((await world.job(job)).state, world.mux.assets) == (State.CANCELLED, [])


async def test_a_job_that_was_stopped_before_is_not_begun(world) -> None:
    job = await world.asked()
    await world.stop(job)
    await world.run(seconds=60)
    assert (world.mux.opened, (await world.job(job)).state) == ({}, State.CANCELLED)


async def test_mux_may_take_its_time_to_begin_the_asset(world) -> None:
    job = await world.asked()
    world.mux.slow = True
    await world.run(seconds=300)
    assert (await world.waits(job, "prepare"), len(world.mux.received)) == (True, 1)
    world.mux.slow = False
    await world.run(seconds=120)
    assert (await world.waits(job, "prepare"), len(world.mux.received)) == (False, 1)


async def test_what_mux_never_begins_is_sent_to_a_new_place(world) -> None:
    await world.asked()
    world.mux.status["up1"] = "waiting"
    await world.run(seconds=uploading.SETTLE_SECONDS + 200)
    assert list(world.mux.opened) == ["up1", "up2"]


async def test_two_jobs_about_one_file_send_it_once(world) -> None:
    first = await world.asked()
    second = await world.asked(key="act2", language_code="es")
    await world.run(seconds=60)
    assert (first.id != second.id, len(world.mux.received)) == (True, 1)
    assert not await world.waits(second, "prepare")


async def test_a_file_whose_asset_was_deleted_at_mux_is_sent_again(world) -> None:
    await world.asked()
    await world.run()
    world.mux.gone.add("asset-up1")
    await world.asked(key="act2", language_code="es")
    await world.run(seconds=60)
    assert world.mux.assets == ["asset-up1", "asset-up2"]
