"""Lets what people wait for pass before what only follows it. Both share one core."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

LONGEST_SECONDS: Final = 0.25
"""How long a step gives way at most, so that nothing starves while messages never end."""


class Precedence:
    """Says whether new messages are on their way in this process, and lets other work wait for them."""

    def __init__(self, *, longest_seconds: float = LONGEST_SECONDS) -> None:
        self._longest_seconds = longest_seconds
        self._ahead = 0
        self._clear = asyncio.Event()
        self._clear.set()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Go first while the body runs."""
        self._ahead += 1
        self._clear.clear()
        try:
            yield
        finally:
            self._ahead -= 1
            if not self._ahead:
                self._clear.set()

    async def given(self) -> None:
        """Wait until nobody goes first, but not for long."""
        if self._clear.is_set():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(self._longest_seconds):
                await self._clear.wait()
