"""Time as something that is passed in, so that a test can own it."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """What the workers know of time."""

    def now(self) -> float:
        """Return the wall clock in seconds since the Unix epoch; it may jump."""

    def monotonic(self) -> float:
        """Return seconds from an arbitrary start; it never goes back."""

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        """Return the wall clock in seconds since the Unix epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Return the monotonic clock in seconds."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` on the running event loop."""
        await asyncio.sleep(seconds)
