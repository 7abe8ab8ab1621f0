"""Wake-ups inside one process, so that work is not found by polling."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque


class Bells:
    """Named bells. A ring wakes one waiter, or is kept for the next one when nobody waits."""

    def __init__(self) -> None:
        self._kept: set[str] = set()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = defaultdict(deque)

    def ring(self, name: str) -> None:
        """Wake one waiter of `name`."""
        waiting = self._waiting[name]
        while waiting:
            waiter = waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._kept.add(name)

    async def wait(self, name: str, timeout_seconds: float) -> bool:
        """Wait for a ring of `name`, at most `timeout_seconds`; say whether it rang."""
        if name in self._kept:
            self._kept.discard(name)
            return True
        waiter = asyncio.get_running_loop().create_future()
        self._waiting[name].append(waiter)
        try:
            await asyncio.wait({waiter}, timeout=timeout_seconds)
        except asyncio.CancelledError:
            if waiter.done():
                self.ring(name)
            raise
        finally:
            if not waiter.done():
                self._waiting[name].remove(waiter)
        return waiter.done()
