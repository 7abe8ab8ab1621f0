"""The stand-ins' clock, which the control interface can push forward."""

from __future__ import annotations

import time


class SandboxClock:
    """Wall time plus an offset in seconds; only `advance` moves the offset, and only forward."""

    def __init__(self) -> None:
        self._offset = 0.0

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
