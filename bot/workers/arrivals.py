"""Events on their way from the door that has filed them to whoever applies them, inside one process."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from bot.store.bells import Bells
from bot.store.inbox import Filed

_MOST: Final = 1_000
"""How many events wait here at most; the others are read from the table."""

_FEW: Final = 8
"""More events than these at once are a burst, which is cheaper to apply together."""

_LOOK_SECONDS: Final = 0.005
_LONGEST_SECONDS: Final = 0.1


class Arrivals:
    """Events that were just filed, so that nobody has to read them back.

    The table is the truth: what is lost here, with the process or for want of room, is found there.
    """

    def __init__(self, bells: Bells) -> None:
        self._bells = bells
        self._waiting: deque[Filed] = deque()
        self._at_the_door = 0

    @contextmanager
    def arriving(self) -> Iterator[None]:
        """Say that a webhook is being answered while the body runs."""
        self._at_the_door += 1
        try:
            yield
        finally:
            self._at_the_door -= 1

    def add(self, event: Filed) -> None:
        """Hand an event over: to who says things in Slack if somebody is free, else to the inbox's worker."""
        if len(self._waiting) < _MOST:
            self._waiting.append(event)
        if len(self._waiting) > _FEW or not self._bells.wake("slack"):
            self._bells.ring("inbox")

    def next(self) -> Filed | None:
        """Take the event that has waited longest; None when there is none, or a whole burst."""
        return self._waiting.popleft() if 0 < len(self._waiting) <= _FEW else None

    async def settle(self) -> None:
        """Wait while a burst comes in, but not for long: whoever sends it is to be answered first."""
        loop = asyncio.get_running_loop()
        end, seen = loop.time() + _LONGEST_SECONDS, 0
        while len(self._waiting) > max(seen, _FEW) or (self._at_the_door and seen):
            if loop.time() >= end:
                return
            seen = len(self._waiting)
            await asyncio.sleep(_LOOK_SECONDS)

    def take(self, most: int) -> list[Filed]:
        """Take up to `most` events, oldest first."""
        return [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
