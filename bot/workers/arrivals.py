"""Events on their way from the door that has filed them to whoever applies them, inside one process."""

from __future__ import annotations

from collections import deque
from typing import Final

from bot.store.bells import Bells
from bot.store.inbox import Filed

_MOST: Final = 1_000
"""How many events wait here at most; the others are read from the table."""


class Arrivals:
    """Events that were just filed, so that nobody has to read them back.

    The table is the truth: what is lost here, with the process or for want of room, is found there.
    """

    def __init__(self, bells: Bells) -> None:
        self._bells = bells
        self._waiting: deque[Filed] = deque()

    def add(self, event: Filed) -> None:
        """Hand an event over: to who says things in Slack if somebody is free, else to the inbox's worker."""
        if len(self._waiting) < _MOST:
            self._waiting.append(event)
        if not self._bells.wake("slack"):
            self._bells.ring("inbox")

    def next(self) -> Filed | None:
        """Take the event that has waited longest, None when there is none."""
        return self._waiting.popleft() if self._waiting else None

    def take(self, most: int) -> list[Filed]:
        """Take up to `most` events, oldest first."""
        return [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
