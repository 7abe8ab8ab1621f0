"""The loop: it steps while there is work, waits for bells and the clock, and outlives every failure."""

from __future__ import annotations

import asyncio

import pytest

from bot.store.bells import Bells
from bot.workers.worker import RECHECK_SECONDS, Loop

pytestmark = pytest.mark.usefixtures("quiet")


class Counting:
    """Does the work that is in `plan`: a number of things done, or an error to raise."""

    bell = "work"

    def __init__(self, *plan: int | Exception, due: float | Exception | None = None) -> None:
        self.plan = list(plan)
        self.due = due
        self.steps = 0
        self.idle = asyncio.Event()
        self.gate: asyncio.Event | None = None

    async def step(self) -> int:
        self.steps += 1
        if self.gate is not None:
            await self.gate.wait()
        outcome = self.plan.pop(0) if self.plan else 0
        if isinstance(outcome, Exception):
            raise outcome
        if not self.plan and outcome == 0:
            self.idle.set()
        return outcome

    async def due_in(self) -> float | None:
        if isinstance(self.due, Exception):
            raise self.due
        return self.due


@pytest.fixture
def loop_of(clock):
    bells = Bells()

    def build(worker, **more) -> Loop:
        return Loop(worker, bells, clock, **{"idle_seconds": 60.0, **more})

    build.bells = bells
    return build


async def finish(loop: Loop, task: asyncio.Task[None]) -> None:
    loop.stop()
    async with asyncio.timeout(2):
        await task


async def test_it_steps_until_nothing_is_left_and_a_bell_wakes_it(loop_of, breathe):
    worker = Counting(1, 1, 3)
    loop = loop_of(worker)
    task = asyncio.create_task(loop.run())
    await worker.idle.wait()
    assert worker.steps == 4
    await breathe()
    loop_of.bells.ring("work")
    await breathe()
    assert worker.steps == 5
    await finish(loop, task)
    assert loop.name == "counting"


async def test_stopping_lets_the_step_under_way_finish(loop_of, breathe):
    worker = Counting(1, 1)
    worker.gate = asyncio.Event()
    loop = loop_of(worker)
    task = asyncio.create_task(loop.run())
    await breathe()
    loop.stop()
    await breathe()
    assert not task.done()
    worker.gate.set()
    await finish(loop, task)
    assert worker.plan == [1]


async def test_a_failing_worker_backs_off_and_goes_on(loop_of, clock, quiet, breathe):
    worker = Counting(LookupError("one"), LookupError("two"), 1)
    loop = loop_of(worker)
    before = clock.now()
    task = asyncio.create_task(loop.run())
    await worker.idle.wait()
    await breathe()
    assert len(clock.slept) == 2
    assert clock.slept[1] > clock.slept[0] > 0
    assert loop.failures == 0
    assert loop.beat_at > before
    assert [entry["failures"] for entry in quiet] == [1, 2]
    await finish(loop, task)


async def test_a_store_that_cannot_say_when_work_is_due_is_a_failure_too(loop_of, clock, quiet, breathe):
    worker = Counting(0, due=LookupError("down"))
    loop = loop_of(worker)
    task = asyncio.create_task(loop.run())
    while not clock.slept:
        await breathe()
    assert quiet[0]["event"] == "worker.failed"
    worker.due = None
    await finish(loop, task)


async def test_the_lead_comes_back_when_work_is_due(loop_of):
    worker = Counting(0, 0, 0, due=0.001)
    loop = loop_of(worker)
    task = asyncio.create_task(loop.run())
    await worker.idle.wait()
    assert worker.steps >= 3
    await finish(loop, task)


async def test_work_that_is_overdue_by_another_clock_does_not_spin(loop_of, breathe):
    worker = Counting(due=-100.0)
    loop = loop_of(worker)
    task = asyncio.create_task(loop.run())
    await breathe()
    assert worker.steps < 20
    await finish(loop, task)


async def test_the_lead_looks_for_the_work_of_others_when_idle_and_the_rest_wait_for_a_bell(loop_of, breathe):
    lead, other = Counting(due=None), Counting(due=0.0)
    loops = [loop_of(lead, idle_seconds=0.001), loop_of(other, lead=False)]
    tasks = [asyncio.create_task(loop.run()) for loop in loops]
    await breathe()
    await breathe()
    assert lead.steps > 1
    assert other.steps == 1
    assert RECHECK_SECONDS >= 10
    for loop, task in zip(loops, tasks, strict=True):
        await finish(loop, task)


async def test_a_cancelled_loop_leaves_no_task_behind(loop_of, breathe):
    before = asyncio.all_tasks()
    task = asyncio.create_task(loop_of(Counting()).run())
    await breathe()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert asyncio.all_tasks() == before


async def test_a_worker_that_hears_of_all_work_is_not_asked_again_without_a_ring(loop_of, breathe):
    worker = Counting(1, 1)
    loop = loop_of(worker, hears_all=True)
    task = asyncio.create_task(loop.run())
    await breathe()
    assert worker.steps == 1
    loop_of.bells.ring("work")
    await breathe()
    assert worker.steps == 2
    await finish(loop, task)


async def test_a_lead_that_hears_of_all_work_still_looks_for_that_of_other_processes(loop_of):
    worker = Counting(1, 1, 1)
    loop = loop_of(worker, hears_all=True, idle_seconds=0.001)
    task = asyncio.create_task(loop.run())
    await worker.idle.wait()
    assert worker.steps >= 4
    await finish(loop, task)


async def test_a_ring_for_a_loop_that_is_cancelled_wakes_another(loop_of, breathe):
    loop = loop_of(Counting(), lead=False)
    task = asyncio.create_task(loop.run())
    await breathe()
    loop_of.bells.ring("work")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await loop_of.bells.wait("work", 0.001)
