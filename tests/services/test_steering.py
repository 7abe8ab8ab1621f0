"""What people do to jobs that are there: each wish is carried out once, or refused, in any state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from bot.rules.effects import NEVER, Kind
from bot.rules.jobs import Failure, Job, Outcome, Report, Signal, State
from bot.rules.links import Pointer, PointerKind
from bot.rules.policy import Act, Asker
from bot.rules.request import Replace
from bot.rules.steering import Outcome as What
from bot.rules.video import Video
from bot.services import captions, preparing, progress, steering, stopping, submission
from bot.services.steering import Wish
from bot.store import jobs
from bot.store.schema import audit

ANA = Asker(team_id="T1", user_id="U1", channel_id="C1")
TAKEN = Failure(code="validation_error", message="A text track of that language already exists", status=422)


def wish(job: Job, **changes: Any) -> Wish:
    values: dict[str, Any] = {"asker": ANA, "name": job.id, "key": "one", "mux_account": "default", **changes}
    return Wish(**values)


def by(user_id: str, channel_id: str = "C1", team_id: str = "T1") -> Asker:
    return Asker(team_id=team_id, user_id=user_id, channel_id=channel_id)


def report(signal: Signal, mux_id: str = "m1", **more: Any) -> Report:
    return Report(signal=signal, mux_id=mux_id, **more)


@pytest.fixture
async def at_mux(any_desk: Any) -> Job:
    """Return a job that Mux has."""
    job = await any_desk.asked()
    taken = await any_desk.claimed("mux")
    await any_desk.store.transaction(
        submission.accepted, taken, report(Signal.PENDING), timing=any_desk.timing
    )
    return job


@pytest.fixture
def refused(any_desk: Any) -> Callable[..., Any]:
    """Return a maker of jobs that Mux refused."""

    async def make(failure: Failure = TAKEN, **changes: Any) -> Job:
        job = await any_desk.asked(**changes)
        taken = await any_desk.claimed("mux")
        await any_desk.store.transaction(submission.refused, taken, failure)
        return (await any_desk.job(job)).job

    return make


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


@pytest.mark.parametrize(
    ("asker", "outcome", "known"),
    [
        (by("U9"), What.DENIED, True),
        (by("U9", "C2"), What.UNKNOWN, False),
        (by("U1", "C1", "T2"), What.UNKNOWN, False),
    ],
)
async def test_others_stop_nothing_and_retry_nothing(any_desk, refused, asker, outcome, known):
    running, ended = await any_desk.asked("other", asset_id="asset2"), await refused()
    for act, job in ((steering.cancel, running), (steering.retry, ended)):
        steered = await any_desk.store.transaction(act, wish(job, asker=asker))
        assert (steered.outcome, steered.job is not None) == (outcome, known)
    assert (await any_desk.job(running)).job.stopped_by is None
    assert (await any_desk.job(ended)).job.next_job is None


async def test_a_job_that_does_not_exist_is_told_as_such(any_desk):
    job = await any_desk.asked()

    steered = await any_desk.store.transaction(steering.cancel, wish(job, name="nothing"))

    assert (steered.outcome, steered.name, steered.job) == (What.UNKNOWN, "nothing", None)


async def test_a_watcher_may_stop_a_job_and_muxs_id_names_it_as_well(any_desk, ask, at_mux):
    await any_desk.store.transaction(captions.request, ask("act2", user_id="U2", channel_id="C2"))

    steered = await any_desk.store.transaction(steering.cancel, wish(at_mux, name="m1", asker=by("U2", "C2")))

    assert (steered.outcome, steered.job.stopped_by) == (What.ASKED, "U2")


async def test_a_retry_is_a_new_job_that_knows_the_old_one_and_the_old_one_knows_it(any_desk, refused):
    old = await refused(Failure(code="unauthorized", message="", status=401))

    steered = await any_desk.store.transaction(steering.retry, wish(old))

    assert (steered.outcome, steered.unlikely) == (What.STARTED, False)
    assert steered.other.id != old.id
    assert (steered.other.retry_of, steered.other.request) == (old.id, old.request)
    again = (await any_desk.job(old)).job
    assert (again.next_job, again.next_by) == (steered.other.id, "U1")


async def test_a_double_click_makes_one_job(any_desk, refused):
    old = await refused(Failure(code="unauthorized", message="", status=401))

    first = await any_desk.store.transaction(steering.retry, wish(old, on_a_button=True))
    second = await any_desk.store.transaction(steering.retry, wish(old, on_a_button=True))

    assert (first.outcome, second.outcome) == (What.STARTED, What.REPEATED)
    assert second.other.id == first.other.id


async def test_the_same_command_delivered_twice_makes_one_job_and_another_command_joins_it(any_desk, refused):
    old = await refused(Failure(code="unauthorized", message="", status=401))

    first = await any_desk.store.transaction(steering.retry, wish(old))
    repeat = await any_desk.store.transaction(steering.retry, wish(old))
    other = await any_desk.store.transaction(steering.retry, wish(old, key="two"))

    assert [each.outcome for each in (first, repeat, other)] == [What.STARTED, What.STARTED, What.JOINED]
    assert {each.other.id for each in (first, repeat, other)} == {first.other.id}


async def test_a_retry_that_cannot_help_is_done_by_command_and_warned_about(any_desk, refused):
    old = await refused(Failure(code="invalid_parameters", message="phrases[0] is too long", status=400))

    steered = await any_desk.store.transaction(steering.retry, wish(old))

    assert (steered.outcome, steered.unlikely) == (What.STARTED, True)


@pytest.mark.parametrize(
    ("act", "policy", "uploads"), [(Act.REPLACE, Replace.ALL, True), (Act.FILES_ONLY, Replace.FAIL, False)]
)
async def test_a_way_around_a_track_is_a_new_job_with_that_change(any_desk, refused, act, policy, uploads):
    old = await refused()

    steered = await any_desk.store.transaction(steering.retry, wish(old, on_a_button=True), act)

    request = steered.other.request
    assert (steered.outcome, request.replace, request.upload_to_mux) == (What.STARTED, policy, uploads)
    assert not steered.unlikely


async def test_a_way_around_a_track_that_is_not_in_the_way_is_not_taken(any_desk, refused):
    old = await refused(Failure(code="unauthorized", message="", status=401))

    steered = await any_desk.store.transaction(steering.retry, wish(old, on_a_button=True), Act.REPLACE)

    assert (steered.outcome, steered.other) == (What.FINISHED, None)


async def test_a_running_job_is_not_tried_again(any_desk, at_mux):
    steered = await any_desk.store.transaction(steering.retry, wish(at_mux))

    assert (steered.outcome, steered.other) == (What.UNFINISHED, None)


async def test_captions_that_are_done_are_not_paid_for_again_by_a_retry(any_desk, at_mux):
    row_id = (await any_desk.job(at_mux)).row_id
    await any_desk.store.transaction(progress.apply, row_id, report(Signal.COMPLETED))

    steered = await any_desk.store.transaction(steering.retry, wish(at_mux))

    assert (steered.outcome, steered.other) == (What.FINISHED, None)


async def test_a_press_in_a_direct_message_reports_in_the_jobs_channel_and_a_command_where_it_is_typed(
    any_desk, refused
):
    old = await refused(Failure(code="unauthorized", message="", status=401))

    typed = await any_desk.store.transaction(steering.retry, wish(old, asker=by("U1", "C7")))
    assert typed.other.channel_id == "C7"

    await any_desk.store.transaction(steering.cancel, wish(typed.other, asker=by("U1", "C7")))
    pressed = await any_desk.store.transaction(
        steering.retry, wish(typed.other, asker=by("U1", "D1"), on_a_button=True)
    )
    assert pressed.other.channel_id == "C7"


async def test_who_did_what_is_in_the_audit_log(any_desk, refused):
    old = await refused(Failure(code="unauthorized", message="", status=401))
    new = (await any_desk.store.transaction(steering.retry, wish(old))).other
    await any_desk.store.transaction(steering.cancel, wish(new))

    def actions(tx: Any) -> list[str]:
        return list(tx.conn.execute(select(audit.c.action).order_by(audit.c.id)).scalars())

    assert await any_desk.store.transaction(actions) == [
        "job.requested",
        "job.requested",
        "job.retry",
        "job.cancelled",
    ]
