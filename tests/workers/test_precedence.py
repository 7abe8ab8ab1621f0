"""What people wait for goes first, and nothing waits for it for long."""

from __future__ import annotations

import asyncio

import pytest

from bot.store.bells import Bells
from bot.workers.precedence import Precedence
from bot.workers.worker import Loop


class Noting:
    """Notes when it steps; its steps last until they are let go."""

    bell = "work"

    def __init__(self, name: str, notes: list[str]) -> None:
        self.name = name
        self.notes = notes
        self.go = asyncio.Event()

    async def step(self) -> int:
        self.notes.append(self.name)
        await self.go.wait()
        return 0

    async def due_in(self) -> float | None:
        return None


@pytest.fixture
def running(clock):
    """Return a function that runs a loop with a worker until the test is over."""

    def run(worker, precedence, *, first: bool) -> tuple[Loop, asyncio.Task[None]]:
        loop = Loop(worker, Bells(), clock, idle_seconds=60, precedence=precedence, goes_first=first)
        return loop, asyncio.create_task(loop.run())

    return run


async def ended(*loops: tuple[Loop, asyncio.Task[None]]) -> None:
    for loop, task in loops:
        loop.stop()
        async with asyncio.timeout(2):
            await task


async def test_others_begin_once_nobody_goes_first(running, breathe):
    notes: list[str] = []
    posts, edits = Noting("post", notes), Noting("edit", notes)
    precedence = Precedence(longest_seconds=60)
    ahead = running(posts, precedence, first=True)
    await breathe()
    behind = running(edits, precedence, first=False)
    await breathe()
    assert notes == ["post"]
    posts.go.set()
    await breathe()
    assert notes == ["post", "edit"]
    edits.go.set()
    await ended(ahead, behind)


async def test_nobody_gives_way_for_long(running, breathe):
    notes: list[str] = []
    posts, edits = Noting("post", notes), Noting("edit", notes)
    precedence = Precedence(longest_seconds=0.001)
    ahead = running(posts, precedence, first=True)
    await breathe()
    behind = running(edits, precedence, first=False)
    await breathe()
    assert notes == ["post", "edit"]
    posts.go.set()
    edits.go.set()
    await ended(ahead, behind)


async def test_the_last_of_those_who_go_first_lets_the_others_go():
    precedence = Precedence(longest_seconds=60)
    with precedence.taken():
        with precedence.taken():
            pass
        waiting = asyncio.create_task(precedence.given())
        await asyncio.sleep(0)
        assert not waiting.done()
    async with asyncio.timeout(2):
        await waiting


async def test_who_fails_while_going_first_blocks_nobody():
    precedence = Precedence(longest_seconds=60)
    with pytest.raises(LookupError), precedence.taken():
        raise LookupError
    async with asyncio.timeout(2):
        await precedence.given()
