"""Wake-ups inside one process, so that work is not found by polling."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict, deque
from typing import Final

_STEP_SECONDS: Final = 0.01
"""Alarms this close together are one; an alarm is at most that late, and never early."""


class Bells:
    """Named bells. A ring wakes one waiter, or is kept for the next one when nobody waits."""

    def __init__(self) -> None:
        self._kept: set[str] = set()
        self._waiting: dict[str, deque[asyncio.Future[bool]]] = defaultdict(deque)
        self._alarms: set[tuple[str, int]] = set()

    def ring(self, name: str) -> None:
        """Wake one waiter of `name`."""
        if not self.wake(name):
            self._kept.add(name)

    def wake(self, name: str) -> bool:
        """Wake one waiter of `name`; say False when nobody waits, for whom nothing is kept then."""
        waiting = self._waiting[name]
        while waiting:
            waiter = waiting.popleft()
            if not waiter.done():
                waiter.set_result(True)
                return True
        return False

    def ring_in(self, name: str, seconds: float) -> None:
        """Ring `name` after that time; lost if the process ends before."""
        loop = asyncio.get_running_loop()
        alarm = name, math.ceil((loop.time() + seconds) / _STEP_SECONDS) + 1
        if alarm not in self._alarms:
            self._alarms.add(alarm)
            loop.call_at(alarm[1] * _STEP_SECONDS, self._alarm, alarm)

    async def wait(self, name: str, timeout_seconds: float) -> bool:
        """Wait for a ring of `name`, at most `timeout_seconds`; say whether it rang."""
        waiter = self.listen(name)
        timer = asyncio.get_running_loop().call_later(timeout_seconds, give_up, waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            self.pass_on(name, waiter)
            raise
        finally:
            timer.cancel()
            self.leave(name, waiter)

    def listen(self, name: str) -> asyncio.Future[bool]:
        """Return what becomes True at the next ring of `name`, which is this waiter's alone."""
        waiter: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        if name in self._kept:
            self._kept.discard(name)
            waiter.set_result(True)
        else:
            self._waiting[name].append(waiter)
        return waiter

    def pass_on(self, name: str, waiter: asyncio.Future[bool]) -> None:
        """Ring for the next one, if the ring came for somebody who was cancelled in the same moment."""
        if waiter.done() and not waiter.cancelled() and waiter.result():
            self.ring(name)

    def leave(self, name: str, waiter: asyncio.Future[bool]) -> None:
        """Wait no longer."""
        if waiter in self._waiting[name]:
            self._waiting[name].remove(waiter)

    def _alarm(self, alarm: tuple[str, int]) -> None:
        self._alarms.discard(alarm)
        self.ring(alarm[0])


def give_up(waiter: asyncio.Future[bool]) -> None:
    """End a wait without a ring."""
    if not waiter.done():
        waiter.set_result(False)
