"""The rate-limit headers that every answer of Mux carries."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from bot.sandbox.clock import SandboxClock

CALLS_PER_SECOND: Final = 100
"""Invented: the real numbers are unknown. Nothing is refused for it; 429 comes from faults only."""


class Meter:
    """Counts the calls of the current second."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._second = 0
        self._calls = 0

    def stamp(self, response: Response) -> Response:
        """Count one call and write the headers into its answer."""
        second = int(self._clock.now())
        self._calls = self._calls + 1 if second == self._second else 1
        self._second = second
        response.headers.setdefault("X-RateLimit-Limit", str(CALLS_PER_SECOND))
        response.headers.setdefault("X-RateLimit-Remaining", str(max(0, CALLS_PER_SECOND - self._calls)))
        return response
