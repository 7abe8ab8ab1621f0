"""The stand-ins' clock, which the control interface can push forward."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress


class SandboxClock:
    """Wall time plus an offset in seconds; only `advance` moves the offset, and only forward."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._moved = asyncio.Event()

    def now(self) -> float:
        """Return seconds since the epoch, as the stand-ins see them."""
        return time.time() + self._offset

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass at once, so that links, triggers and jobs age.

        Raises:
            ValueError: when `seconds` is negative.
        """
        if seconds < 0:
            raise ValueError("time only moves forward")
        self._offset += seconds
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def sleep(self, seconds: float) -> None:
        """Wait until `seconds` have passed on this clock; `advance` shortens the wait."""
        due_at = self.now() + seconds
        while (left_seconds := due_at - self.now()) > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._moved.wait(), left_seconds)
