"""Whatever order signals come in, a job ends once, and its end is said once."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.clock import SystemClock
from bot.rules.effects import NEVER, Kind
from bot.rules.jobs import RANK, TERMINAL_RANK, Failure, Outcome, Report, Signal, State, is_finished
from bot.rules.request import CaptionRequest
from bot.services import captions, progress
from bot.store import effects, jobs
from bot.store.database import Database

ENDS = (Signal.COMPLETED, Signal.ERRORED, Signal.CANCELLED)


def report(signal: Signal, mux_id: str = "m1", **more) -> Report:
    return Report(signal=signal, mux_id=mux_id, **more)


async def apply(desk, job, *signals: Signal) -> list[bool]:
    row_id = (await desk.job(job)).row_id
    return [await desk.store.transaction(progress.apply, row_id, report(signal)) for signal in signals]


async def kinds(desk, job) -> list[Kind]:
    row_id = (await desk.job(job)).row_id
    return [each.kind for each in await desk.store.transaction(effects.of_job, row_id)]


async def test_reports_in_order_move_the_job_and_say_its_end_once(any_desk):
    job = await any_desk.asked()
    moved = await apply(any_desk, job, Signal.PENDING, Signal.PROCESSING, Signal.COMPLETED)
    assert moved == [True, True, True]
    assert (await kinds(any_desk, job)).count(Kind.RESULT) == 1
    assert (await any_desk.effect(f"{job.id}:card")).want == 4


async def test_late_and_repeated_reports_change_nothing(any_desk):
    job = await any_desk.asked()
    await apply(any_desk, job, Signal.COMPLETED)
    before = await any_desk.job(job), await any_desk.effect(f"{job.id}:card")
    assert await apply(any_desk, job, Signal.COMPLETED, Signal.PENDING, Signal.PROCESSING) == [False] * 3
    assert (await any_desk.job(job), await any_desk.effect(f"{job.id}:card")) == before


async def test_a_contradicting_end_is_checked_once_and_the_answer_is_believed(any_desk):
    job = await any_desk.asked()
    await apply(any_desk, job, Signal.ERRORED, Signal.COMPLETED, Signal.CANCELLED, Signal.COMPLETED)
    assert (await any_desk.job(job)).job.state is State.ERRORED
    assert (await kinds(any_desk, job)).count(Kind.CHECK) == 1
    row_id = (await any_desk.job(job)).row_id
    wanted = (await any_desk.effect(f"{job.id}:result")).want
    truth = report(Signal.COMPLETED, outcome=Outcome(track_id="t1"))
    await any_desk.store.transaction(progress.settle, row_id, truth)
    settled = (await any_desk.job(job)).job
    assert (settled.state, settled.outcome, settled.failure) == (
        State.COMPLETED,
        Outcome(track_id="t1"),
        None,
    )
    assert (await any_desk.effect(f"{job.id}:result")).want == wanted + 1
    await any_desk.store.transaction(progress.settle, row_id, truth)
    await any_desk.store.transaction(progress.settle, row_id, report(Signal.PROCESSING))
    assert (await any_desk.effect(f"{job.id}:result")).want == wanted + 1


async def test_a_correction_reaches_those_who_watch_from_elsewhere_too(any_desk):
    job = await any_desk.asked("act1")
    await any_desk.asked("act2", user_id="U2", channel_id="C2")
    await apply(any_desk, job, Signal.ERRORED)
    row_id = (await any_desk.job(job)).row_id
    await any_desk.store.transaction(progress.settle, row_id, report(Signal.COMPLETED))
    assert (await any_desk.effect(f"{job.id}:notice:U2")).want == 2


async def test_what_happens_to_a_copy_of_the_job_does_not_happen_to_the_job(any_desk):
    job = await any_desk.asked()
    await apply(any_desk, job, Signal.PROCESSING)
    row_id = (await any_desk.job(job)).row_id
    assert not await any_desk.store.transaction(progress.apply, row_id, report(Signal.CANCELLED, "copy"))
    assert (await any_desk.job(job)).job.state is State.PROCESSING
    assert (await any_desk.job(job)).job.mux_id == "m1"


async def test_a_refused_create_ends_the_job_unless_mux_has_it_after_all(any_desk):
    failure = Failure(code="invalid_parameters", message="No.", status=422)
    refused, overtaken = await any_desk.asked("act1"), await any_desk.asked("act2", asset_id="a2")
    await apply(any_desk, overtaken, Signal.PENDING)
    for job in (refused, overtaken):
        row_id = (await any_desk.job(job)).row_id
        await any_desk.store.transaction(progress.refused, row_id, failure)
    assert (await any_desk.job(refused)).job.failure == failure
    assert (await any_desk.job(refused)).job.state is State.REFUSED
    assert (await any_desk.job(overtaken)).job.state is State.PENDING


async def test_a_job_that_mux_forgot_is_abandoned_once(any_desk):
    job = await any_desk.asked()
    row_id = (await any_desk.job(job)).row_id
    await any_desk.store.transaction(progress.gone, row_id)
    assert (await any_desk.job(job)).job.state is State.REQUESTED
    await apply(any_desk, job, Signal.PENDING)
    for _ in range(2):
        await any_desk.store.transaction(progress.gone, row_id)
    assert (await any_desk.job(job)).job.state is State.ABANDONED
    assert (await kinds(any_desk, job)).count(Kind.RESULT) == 1


async def test_the_result_waits_for_the_card_and_for_nothing_else(any_desk):
    job = await any_desk.asked()
    await apply(any_desk, job, Signal.COMPLETED)
    assert (await any_desk.effect(f"{job.id}:result")).due_at == NEVER
    taken = await any_desk.claimed()
    assert taken.effect.kind is Kind.CARD
    await any_desk.done(taken)
    assert (await any_desk.effect(f"{job.id}:result")).due_at < NEVER


async def test_watchers_from_elsewhere_are_told_directly_and_those_in_the_channel_in_the_thread(any_desk):
    job = await any_desk.asked("act1")
    await any_desk.asked("act2", user_id="U2", channel_id="C1")
    await any_desk.asked("act3", user_id="U3", channel_id="C3")
    await apply(any_desk, job, Signal.COMPLETED)
    assert (await any_desk.effect(f"{job.id}:notice:U3")).target == "U3"
    assert (await kinds(any_desk, job)).count(Kind.NOTICE) == 1


@pytest.mark.parametrize("end", ENDS)
async def test_reports_that_race_end_the_job_once(any_desk, end):
    job = await any_desk.asked()
    row_id = (await any_desk.job(job)).row_id
    moved = await asyncio.gather(
        *(
            any_desk.store.transaction(progress.apply, row_id, report(signal))
            for signal in (end, Signal.PENDING, end, Signal.PROCESSING, end)
        )
    )
    assert moved.count(True) <= 3
    assert is_finished((await any_desk.job(job)).job.state)
    assert (await kinds(any_desk, job)).count(Kind.RESULT) == 1
    assert Kind.CHECK not in await kinds(any_desk, job)


class Signals(RuleBasedStateMachine):
    """Feeds one job signals in any order, over a real file."""

    @initialize()
    def begin(self) -> None:
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "bot.db"
        self.store = Database(f"sqlite+aiosqlite:///{path}", SystemClock())
        self.runner.run(self.store.open())
        ask = captions.Ask(
            request=CaptionRequest(asset_id="a"),
            request_key="act",
            team_id="T1",
            channel_id="C1",
            user_id="U1",
            mux_account="default",
        )
        public_id = self.run(captions.request, ask).job.id
        self.row_id = self.run(jobs.by_public_id, public_id).row_id
        self.first_end: State | None = None
        self.contradicted = False
        self.rank = 0

    def run(self, work, *arguments):
        return self.runner.run(self.store.transaction(work, *arguments))

    def note(self, signal: Signal) -> None:
        state = self.job().state
        assert RANK[state] >= self.rank
        self.rank = RANK[state]
        if signal in ENDS and self.first_end is None:
            self.first_end = state
        elif signal in ENDS and self.first_end.value != signal.value:
            self.contradicted = True

    def job(self):
        return self.run(jobs.get, self.row_id).job

    @rule(signal=st.sampled_from([Signal.PENDING, Signal.PROCESSING, *ENDS]), times=st.integers(1, 3))
    def hear(self, signal: Signal, times: int) -> None:
        moved = [self.run(progress.apply, self.row_id, report(signal)) for _ in range(times)]
        assert moved.count(True) <= 1
        assert not any(moved[1:])
        self.note(signal)

    @rule()
    def lose_the_answer(self) -> None:
        self.run(progress.lost, self.row_id)
        self.note(Signal.LOST)

    @rule()
    def send(self) -> None:
        self.run(progress.sent, self.row_id)
        self.note(Signal.SENT)

    @precondition(lambda self: self.first_end is not None)
    @rule()
    def hear_of_a_copy(self) -> None:
        before = self.job()
        self.run(progress.apply, self.row_id, report(Signal.CANCELLED, "another"))
        assert self.job() == before

    @invariant()
    def the_end_is_the_first_one_and_is_said_once(self) -> None:
        if not hasattr(self, "store"):
            return
        every = [each.kind for each in self.run(effects.of_job, self.row_id)]
        assert every.count(Kind.RESULT) == (1 if self.rank == TERMINAL_RANK else 0)
        assert every.count(Kind.CHECK) == (1 if self.contradicted else 0)
        if self.first_end is not None:
            assert self.job().state is self.first_end

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.runner.run(self.store.close())
            self.runner.close()
            self.folder.cleanup()


Signals.TestCase.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)
TestSignals = Signals.TestCase
