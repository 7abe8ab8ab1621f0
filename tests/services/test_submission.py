"""What becomes of a create at Mux: adopted, joined, followed or refused; never paid twice."""

from __future__ import annotations

import pytest

from bot.rules.effects import Action, Kind
from bot.rules.jobs import Failure, Report, Signal, State
from bot.services import inbox, outbox, polling, progress, submission
from bot.store import jobs, lanes

CONFLICT = Failure(code="conflict", message="Already running.", status=409)


def report(mux_id: str = "m1", signal: Signal = Signal.PENDING, **more) -> Report:
    return Report(signal=signal, mux_id=mux_id, **more)


async def accept(desk, taken, answer: Report) -> bool:
    return await desk.store.transaction(submission.accepted, taken, answer, timing=desk.timing)


async def conflict(desk, taken) -> bool:
    return await desk.store.transaction(
        submission.conflicted, taken, CONFLICT, timing=desk.timing, jitter=1.0
    )


async def test_an_accepted_create_is_bound_to_its_job(any_desk):
    job = await any_desk.asked()
    assert await accept(any_desk, await any_desk.claimed("mux"), report())
    stored = (await any_desk.job(job)).job
    assert (stored.state, stored.mux_id) == (State.PENDING, "m1")
    assert (await any_desk.effect(f"{job.id}:create")).ext_id == "m1"
    assert await any_desk.claim("mux") is None


async def test_an_answer_for_a_lost_lease_changes_nothing(desk):
    job = await desk.asked()
    late = await desk.claimed("mux")
    desk.clock.forward(31)
    await desk.claimed("mux")
    assert not await accept(desk, late, report())
    assert not await desk.store.transaction(submission.refused, late, CONFLICT)
    assert not await desk.store.transaction(submission.checked, late, report())
    assert (await desk.job(job)).job.mux_id is None


async def test_a_refusal_ends_the_job_and_is_said(any_desk):
    job = await any_desk.asked()
    failure = Failure(code="invalid_parameters", message="No.", status=422)
    await any_desk.store.transaction(submission.refused, await any_desk.claimed("mux"), failure)
    assert (await any_desk.job(job)).job.failure == failure
    assert (await any_desk.effect(f"{job.id}:result")).kind is Kind.RESULT
    assert await any_desk.claim("mux") is None


async def test_an_event_that_overtakes_the_answer_binds_the_job_and_the_answer_agrees(any_desk):
    job = await any_desk.asked()
    taken = await any_desk.claimed("mux")
    row_id = (await any_desk.job(job)).row_id
    await any_desk.store.transaction(progress.apply, row_id, report("m1", Signal.COMPLETED))
    assert await accept(any_desk, taken, report("m1"))
    assert (await any_desk.job(job)).job.state is State.COMPLETED


async def test_a_copy_that_was_answered_after_another_was_heard_of_is_left_to_the_audit(desk):
    job = await desk.asked()
    taken = await desk.claimed("mux")
    row_id = (await desk.job(job)).row_id
    await desk.store.transaction(progress.apply, row_id, report("heard", Signal.PROCESSING))
    await accept(desk, taken, report("answered"))
    create = await desk.effect(f"{job.id}:create")
    assert (create.ext_id, create.suspect) == ("heard", True)
    assert (await desk.job(job)).job.mux_id == "heard"
    desk.clock.forward(61)
    assert (await desk.claimed("mux")).action is Action.AUDIT


async def two_jobs(desk):
    """Return two jobs that are different work for us and the same for Mux; the first is bound to `m1`."""
    first = await desk.asked("act1")
    await accept(desk, await desk.claimed("mux"), report())
    second = await desk.asked("act2", team_id="T2", channel_id="C2", user_id="U2")
    return first, second


async def test_work_that_another_job_of_ours_does_is_followed(any_desk):
    first, second = await two_jobs(any_desk)
    await accept(any_desk, await any_desk.claimed("mux"), report())
    told = (await any_desk.job(second)).job
    assert (told.state, told.failure.code) == (State.REFUSED, "conflict")
    assert first.id in told.failure.message
    assert (await any_desk.job(first)).job.watchers == ("U2",)


async def test_a_follower_of_finished_work_is_told_its_end_at_once(any_desk):
    first, _ = await two_jobs(any_desk)
    row_id = (await any_desk.job(first)).row_id
    await any_desk.store.transaction(progress.apply, row_id, report("m1", Signal.COMPLETED))
    await accept(any_desk, await any_desk.claimed("mux"), report("m1", Signal.COMPLETED))
    assert (await any_desk.effect(f"{first.id}:notice:U2")).target == "U2"


async def test_events_about_followed_work_go_to_the_job_that_does_it(any_desk):
    first, second = await two_jobs(any_desk)
    stamp = (await any_desk.job(second)).passthrough
    found = await any_desk.store.transaction(jobs.find, account="default", mux_id="m1", passthrough=stamp)
    assert found == (await any_desk.job(first)).row_id


async def test_a_follower_who_lost_the_lease_watches_nothing(desk):
    first, _ = await two_jobs(desk)
    late = await desk.claimed("mux")
    desk.clock.forward(31)
    await desk.claimed("mux")
    assert not await accept(desk, late, report())
    assert (await desk.job(first)).job.watchers == ()


async def next_mux(desk):
    for _ in range(1_000):
        if taken := await desk.claim("mux"):
            return taken
        desk.clock.forward(0.25)
    raise AssertionError


@pytest.mark.parametrize("failures_before", [0, 8])
async def test_a_conflict_is_looked_into_until_mux_must_have_settled_and_never_sent_again(
    desk, failures_before
):
    job = await desk.asked()
    for _ in range(failures_before):
        await desk.not_done(await next_mux(desk))
    first = await next_mux(desk)
    taken, looks = first, 0
    while (await desk.job(job)).job.state is not State.REFUSED:
        assert taken.action is (Action.VERIFY if looks else Action.SEND)
        await conflict(desk, taken)
        looks += 1
        if (await desk.job(job)).job.state is not State.REFUSED:
            taken = await next_mux(desk)
    assert looks >= submission.LOOKS_AFTER_CONFLICT
    assert taken.at - first.at >= desk.timing.settle
    assert (await desk.job(job)).job.failure == CONFLICT


async def test_a_check_is_closed_with_the_true_end(any_desk):
    job = await any_desk.asked()
    await accept(any_desk, await any_desk.claimed("mux"), report("m1", Signal.ERRORED))
    row_id = (await any_desk.job(job)).row_id
    await any_desk.store.transaction(progress.apply, row_id, report("m1", Signal.COMPLETED))
    taken = await any_desk.claimed("mux")
    assert (taken.effect.kind, taken.action) == (Kind.CHECK, Action.SEND)
    await any_desk.store.transaction(submission.checked, taken, report("m1", Signal.COMPLETED))
    assert (await any_desk.job(job)).job.state is State.COMPLETED
    assert await any_desk.claim("mux") is None


async def test_a_failed_check_is_repeated_without_a_look(desk):
    job = await desk.asked()
    await accept(desk, await desk.claimed("mux"), report("m1", Signal.ERRORED))
    row_id = (await desk.job(job)).row_id
    await desk.store.transaction(progress.apply, row_id, report("m1", Signal.COMPLETED))
    await desk.store.transaction(outbox.unknown, await desk.claimed("mux"), error="reset", jitter=0.0)
    assert (await next_mux(desk)).action is Action.SEND


async def test_a_poll_is_moved_on_as_it_is_taken(desk):
    job = await desk.asked(poll_in_seconds=10.0)
    assert await desk.store.transaction(polling.due_in) == 10
    assert await desk.store.transaction(polling.due, jitter=0.5, webhooks=True) == []
    desk.clock.forward(11)
    taken = await desk.store.transaction(polling.due, jitter=0.5, webhooks=True)
    assert [stored.job.id for stored in taken] == [job.id]
    assert await desk.store.transaction(polling.due, jitter=0.5, webhooks=True) == []
    assert await desk.store.transaction(polling.due_in) == 30
    assert await desk.store.transaction(polling.catch_up, within_seconds=0.0) == 1
    await desk.store.transaction(progress.apply, taken[0].row_id, report("m1", Signal.COMPLETED))
    assert await desk.store.transaction(polling.due_in) is None


async def test_nothing_filed_is_nothing_due(desk):
    assert await desk.store.transaction(inbox.due_in) is None
    assert await desk.store.transaction(lanes.next_ready_at, "mux") is None
