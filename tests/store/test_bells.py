"""Wake-ups inside one process: none is lost, none wakes two, and waiting leaves nothing behind."""

from __future__ import annotations

import asyncio

import pytest

from bot.store.bells import Bells


@pytest.fixture
def bells():
    return Bells()


async def test_a_ring_before_anybody_waits_is_kept(bells):
    bells.ring("mux")
    bells.ring("mux")
    assert await bells.wait("mux", 0.001)
    assert not await bells.wait("mux", 0.001)


async def test_a_ring_wakes_one_of_those_who_wait(bells):
    waiting = [asyncio.create_task(bells.wait("mux", 5)) for _ in range(2)]
    await asyncio.sleep(0)
    bells.ring("mux")
    done, pending = await asyncio.wait(waiting, timeout=0.01)
    assert (len(done), len(pending)) == (1, 1)
    bells.ring("mux")
    assert all(await asyncio.gather(*waiting))


async def test_a_ring_is_for_its_own_bell(bells):
    bells.ring("slack")
    assert not await bells.wait("mux", 0.001)


async def test_who_stops_waiting_leaves_nothing_behind(bells):
    for _ in range(3):
        await bells.wait("mux", 0.0001)
    task = asyncio.create_task(bells.wait("mux", 5))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not bells._waiting["mux"]


async def test_a_ring_for_somebody_who_is_cancelled_goes_to_the_next(bells):
    task = asyncio.create_task(bells.wait("mux", 5))
    await asyncio.sleep(0)
    bells.ring("mux")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await bells.wait("mux", 0.001)


async def test_an_alarm_rings_at_its_time_and_never_before(bells):
    loop = asyncio.get_running_loop()
    began = loop.time()
    bells.ring_in("mux", 0.005)
    assert await bells.wait("mux", 5)
    assert loop.time() - began >= 0.005


async def test_alarms_for_the_same_moment_are_one(bells):
    for _ in range(100):
        bells.ring_in("mux", 0.001)
    assert len(bells._alarms) <= 2
    assert await bells.wait("mux", 5)
    await asyncio.sleep(0.02)
    assert not bells._alarms


async def test_who_is_woken_only_if_waiting_leaves_no_ring_behind(bells):
    assert not bells.wake("mux")
    assert not await bells.wait("mux", 0.001)
    task = asyncio.create_task(bells.wait("mux", 5))
    await asyncio.sleep(0)
    assert bells.wake("mux")
    assert await task
