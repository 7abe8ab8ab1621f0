"""Turns: doors first, nobody is forgotten, and nobody waits for ever."""

from __future__ import annotations

import asyncio

import pytest

from bot.store.turns import Turns

_LONG_SECONDS = 5.0


async def _all(turns: Turns, times: int, *, in_background: bool) -> None:
    for _ in range(times):
        await turns.take("work", in_background=in_background)


async def _waiting(turns: Turns, *, in_background: bool) -> asyncio.Task[None]:
    task = asyncio.create_task(turns.take("work", in_background=in_background))
    await asyncio.sleep(0)
    assert not task.done()
    return task


async def test_eight_of_each_kind_run_at_a_time():
    turns = Turns(_LONG_SECONDS)
    await _all(turns, 8, in_background=True)
    behind = await _waiting(turns, in_background=True)
    await _all(turns, 8, in_background=False)
    door = await _waiting(turns, in_background=False)
    turns.give_back(in_background=False)
    await door
    assert not behind.done()
    behind.cancel()


async def test_of_the_background_only_four_go_on_beside_a_door():
    turns = Turns(_LONG_SECONDS)
    await turns.take("work", in_background=False)
    await _all(turns, 4, in_background=True)
    behind = await _waiting(turns, in_background=True)
    turns.give_back(in_background=False)
    await behind


async def test_who_has_waited_too_long_is_told_and_takes_no_turn_from_others():
    turns = Turns(0.001)
    await _all(turns, 8, in_background=False)
    with pytest.raises(TimeoutError):
        await turns.take("work", in_background=False)
    turns.give_back(in_background=False)
    await turns.take("work", in_background=False)


async def test_a_turn_that_comes_when_it_is_not_wanted_any_more_goes_to_the_next():
    turns = Turns(_LONG_SECONDS)
    await _all(turns, 8, in_background=False)
    gone = await _waiting(turns, in_background=False)
    following = await _waiting(turns, in_background=False)
    turns.give_back(in_background=False)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    await following


async def test_who_wants_something_else_does_not_wait_behind_many_of_the_same():
    turns = Turns(_LONG_SECONDS)
    order: list[str] = []

    async def work(name: str) -> None:
        await turns.take(name, in_background=False)
        order.append(name)
        turns.give_back(in_background=False)

    await _all(turns, 8, in_background=False)
    waiting = [asyncio.create_task(work("webhook")) for _ in range(300)]
    await asyncio.sleep(0)
    waiting.append(asyncio.create_task(work("command")))
    await asyncio.sleep(0)
    turns.give_back(in_background=False)
    await asyncio.gather(*waiting)
    assert order.index("command") == 1
    assert len(order) == 301
