"""What is due when: the one place where the local Mux lets time do something."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable

from bot.sandbox.clock import SandboxClock


class Agenda:
    """Actions with a due time, run in that order; each is told when it was due (seconds since epoch)."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._entries: list[tuple[float, int, Callable[[float], None]]] = []
        self._order = itertools.count()
        self._changed = asyncio.Event()

    def at(self, due_at: float, action: Callable[[float], None]) -> None:
        """Have `action` run once the clock has reached `due_at`."""
        heapq.heappush(self._entries, (due_at, next(self._order), action))
        self._changed.set()

    def run_due(self) -> None:
        """Run everything that is due by now, including what these actions make due."""
        while self._entries and self._entries[0][0] <= self._clock.now():
            due_at, _, action = heapq.heappop(self._entries)
            action(due_at)

    async def until_due(self) -> None:
        """Wait until something is due, or until something new was put down that might be due earlier."""
        self._changed.clear()
        if not self._entries:
            await self._changed.wait()
            return
        waits = {
            asyncio.ensure_future(self._clock.sleep(self._entries[0][0] - self._clock.now())),
            asyncio.ensure_future(self._changed.wait()),
        }
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
