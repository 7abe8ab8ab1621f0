"""A job is stopped wherever it is, once, and whatever Mux says to that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.rules.effects import NEVER, Kind
from bot.rules.jobs import Outcome, Signal, State
from bot.rules.links import Pointer, PointerKind
from bot.rules.steering import Outcome as What
from bot.rules.video import Video
from bot.services import captions, preparing, progress, steering, stopping, submission
from bot.store import jobs
from tests.services.steered import TAKEN, by, report, wish


async def test_a_job_that_was_not_sent_is_stopped_at_once_and_nothing_of_it_is_ever_sent(any_desk):
    job = await any_desk.asked()

    steered = await any_desk.store.transaction(steering.cancel, wish(job))

    assert steered.outcome is What.STOPPED
    assert (steered.job.state, steered.job.stopped_by) == (State.CANCELLED, "U1")
    assert steered.job.finished_at is not None
    assert await any_desk.claim("mux") is None
    assert (await any_desk.effect(f"{job.id}:result")).kind is Kind.RESULT


async def test_a_job_whose_create_was_certainly_not_done_is_stopped_at_once_too(desk):
    job = await desk.asked()
    await desk.not_done(await desk.claimed("mux"), retry_in=30.0)

    assert (await desk.store.transaction(steering.cancel, wish(job))).outcome is What.STOPPED
    desk.clock.forward(60)
    assert await desk.claim("mux") is None


async def test_a_job_stopped_while_its_video_is_looked_at_is_not_started_by_what_is_seen(any_desk, ask):
    job = (await any_desk.store.transaction(captions.request, ask())).job
    looked = await any_desk.claim_anything()
    assert looked.effect.kind is Kind.PREPARE

    assert (await any_desk.store.transaction(steering.cancel, wish(job))).outcome is What.STOPPED
    seen = Video(asset_id="asset1", status="ready", playback_id="p1", policy="public")
    await any_desk.store.transaction(preparing.seen, looked, seen, jitter=0.0)

    assert await any_desk.claim("mux") is None
    assert (await any_desk.job(job)).job.state is State.CANCELLED


async def test_a_job_stopped_while_its_video_is_looked_up_joins_no_other(any_desk, ask):
    other = await any_desk.asked("other", asset_id="asset1", user_id="U2")
    pointer = Pointer(kind=PointerKind.PLAYBACK, id="p1", written="p1")
    asked = ask("mine", asset_id="p1", pointer=pointer)
    job = (await any_desk.store.transaction(captions.request, asked)).job
    looked = await any_desk.claim_anything()
    while looked.stored.job.id != job.id:
        looked = await any_desk.claim_anything()
    await any_desk.store.transaction(steering.cancel, wish(job))

    seen = Video(asset_id="asset1", status="ready", playback_id="p1", policy="public")
    await any_desk.store.transaction(preparing.seen, looked, seen, jitter=0.0)

    assert (await any_desk.job(job)).job.state is State.CANCELLED
    assert (await any_desk.job(other)).job.watchers == ()


async def test_a_job_that_mux_has_is_stopped_by_asking_mux_once(any_desk, at_mux):
    steered = await any_desk.store.transaction(steering.cancel, wish(at_mux))
    again = await any_desk.store.transaction(steering.cancel, wish(at_mux, key="two"))

    assert (steered.outcome, again.outcome) == (What.ASKED, What.REPEATED)
    assert steered.job.state is State.PENDING
    taken = await any_desk.claimed("mux")
    assert taken.effect.kind is Kind.CANCEL
    assert await any_desk.claim("mux") is None
    assert await any_desk.store.transaction(
        stopping.answered, taken, report(Signal.CANCELLED, units_consumed=7)
    )
    ended = (await any_desk.job(at_mux)).job
    assert (ended.state, ended.units_consumed, ended.stopped_by) == (State.CANCELLED, 7, "U1")
    assert await any_desk.claim("mux") is None


async def test_a_job_on_its_way_is_stopped_when_mux_has_taken_it(any_desk):
    job = await any_desk.asked()
    taken = await any_desk.claimed("mux")

    steered = await any_desk.store.transaction(steering.cancel, wish(job))

    assert steered.outcome is What.WAITING
    assert (await any_desk.effect(f"{job.id}:cancel")).due_at == NEVER
    await any_desk.store.transaction(
        submission.accepted, taken, report(Signal.PENDING), timing=any_desk.timing
    )
    assert (await any_desk.claimed("mux")).effect.kind is Kind.CANCEL


async def test_an_event_that_overtakes_the_answer_lets_the_stop_go(any_desk):
    job = await any_desk.asked()
    await any_desk.claimed("mux")
    await any_desk.store.transaction(steering.cancel, wish(job))

    row_id = (await any_desk.job(job)).row_id
    await any_desk.store.transaction(progress.apply, row_id, report(Signal.PROCESSING))

    assert (await any_desk.effect(f"{job.id}:cancel")).due_at < NEVER


async def test_a_stopped_job_whose_create_was_refused_leaves_nothing_to_stop(any_desk):
    job = await any_desk.asked()
    taken = await any_desk.claimed("mux")
    await any_desk.store.transaction(steering.cancel, wish(job))

    await any_desk.store.transaction(submission.refused, taken, TAKEN)

    stop = await any_desk.effect(f"{job.id}:cancel")
    assert stop.have == stop.want
    assert (await any_desk.job(job)).job.state is State.REFUSED


async def test_a_stopped_job_that_never_arrived_is_not_sent_again(desk):
    job = await desk.asked()
    await desk.unknown(await desk.claimed("mux"))
    steered = await desk.store.transaction(steering.cancel, wish(job))
    assert steered.outcome is What.WAITING
    desk.clock.forward(120)
    await desk.absent(await desk.claimed("mux"))

    taken = await desk.claimed("mux")
    assert await desk.store.transaction(submission.withdrawn, taken)

    ended = (await desk.job(job)).job
    assert (ended.state, ended.mux_id) == (State.CANCELLED, None)
    assert await desk.claim("mux") is None


async def test_a_stopped_job_that_mux_turns_out_to_run_is_stopped_there(any_desk):
    job = await any_desk.asked()
    await any_desk.store.transaction(steering.cancel, wish(job))

    row_id = (await any_desk.job(job)).row_id
    await any_desk.store.transaction(progress.apply, row_id, report(Signal.PROCESSING))

    taken = await any_desk.claimed("mux")
    assert (taken.effect.kind, taken.stored.job.mux_id) == (Kind.CANCEL, "m1")


async def test_a_job_that_finished_before_mux_could_stop_it_is_told_as_finished(any_desk, at_mux):
    await any_desk.store.transaction(steering.cancel, wish(at_mux))
    taken = await any_desk.claimed("mux")

    done = report(Signal.COMPLETED, units_consumed=9, outcome=Outcome(language_code="en"))
    assert await any_desk.store.transaction(stopping.answered, taken, done)

    ended = (await any_desk.job(at_mux)).job
    assert (ended.state, ended.stopped_by, ended.units_consumed) == (State.COMPLETED, "U1", 9)


async def test_a_job_that_mux_is_slow_to_stop_is_looked_at_again_soon(desk):
    job = await desk.asked()
    await desk.store.transaction(
        submission.accepted, await desk.claimed("mux"), report(Signal.PENDING), timing=desk.timing
    )
    await desk.store.transaction(steering.cancel, wish(job))
    taken = await desk.claimed("mux")

    assert await desk.store.transaction(stopping.answered, taken, report(Signal.PROCESSING))

    assert await desk.store.transaction(jobs.next_poll_at) == pytest.approx(
        desk.clock.now() + stopping.LOOK_AGAIN_SECONDS
    )


async def test_a_job_that_mux_forgot_is_told_as_such(any_desk, at_mux):
    await any_desk.store.transaction(steering.cancel, wish(at_mux))

    assert await any_desk.store.transaction(stopping.gone, await any_desk.claimed("mux"), error="404")

    assert (await any_desk.job(at_mux)).job.state is State.ABANDONED


async def test_a_job_that_mux_will_not_stop_goes_on_and_can_be_stopped_again(any_desk, at_mux):
    await any_desk.store.transaction(steering.cancel, wish(at_mux))
    assert await any_desk.store.transaction(stopping.failed, await any_desk.claimed("mux"), error="403")

    job = (await any_desk.job(at_mux)).job
    assert (job.state, job.stopped_by) == (State.PENDING, None)
    again = await any_desk.store.transaction(steering.cancel, wish(at_mux, key="two"))
    assert again.outcome is What.ASKED
    assert (await any_desk.claimed("mux")).effect.kind is Kind.CANCEL


@pytest.mark.parametrize("step", [stopping.gone, stopping.failed])
async def test_whoever_lost_the_lane_writes_nothing(desk, step):
    job = await desk.asked()
    await desk.store.transaction(
        submission.accepted, await desk.claimed("mux"), report(Signal.PENDING), timing=desk.timing
    )
    await desk.store.transaction(steering.cancel, wish(job))
    taken = replace(await desk.claimed("mux"), owner="somebody else")

    assert not await desk.store.transaction(step, taken, error="x")
    assert not await desk.store.transaction(stopping.answered, taken, report(Signal.CANCELLED))
    assert not await desk.store.transaction(submission.withdrawn, taken)
    assert (await desk.job(job)).job.state is State.PENDING


async def test_a_finished_job_is_not_stopped_and_its_button_is_taken_away(any_desk, refused):
    job = await refused()
    before = (await any_desk.effect(f"{job.id}:card")).want

    steered = await any_desk.store.transaction(steering.cancel, wish(job, on_a_button=True))

    assert (steered.outcome, steered.job.stopped_by) == (What.FINISHED, None)
    assert (await any_desk.effect(f"{job.id}:card")).want == before + 1


async def test_a_job_that_does_not_exist_is_told_as_such(any_desk):
    job = await any_desk.asked()

    steered = await any_desk.store.transaction(steering.cancel, wish(job, name="nothing"))

    assert (steered.outcome, steered.name, steered.job) == (What.UNKNOWN, "nothing", None)


async def test_a_watcher_may_stop_a_job_and_muxs_id_names_it_as_well(any_desk, ask, at_mux):
    await any_desk.store.transaction(captions.request, ask("act2", user_id="U2", channel_id="C2"))

    steered = await any_desk.store.transaction(steering.cancel, wish(at_mux, name="m1", asker=by("U2", "C2")))

    assert (steered.outcome, steered.job.stopped_by) == (What.ASKED, "U2")
