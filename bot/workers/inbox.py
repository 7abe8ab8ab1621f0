"""Applies what Mux sent."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Final

import structlog

from bot.services import inbox
from bot.store.database import Database
from bot.store.inbox import Filed

BATCH: Final = 100
"""How many events are applied side by side; on SQLite they share one commit."""

log = structlog.get_logger(__name__)


class Inbox:
    """Applies filed events, each exactly once, however many processes do so."""

    bell = "inbox"

    def __init__(
        self,
        store: Database,
        *,
        jitter: Callable[[], float] = random.random,
        reached: Callable[[str], None] = lambda _boundary: None,
    ) -> None:
        self._store = store
        self._jitter = jitter
        self._reached = reached

    async def step(self) -> int:
        """Apply the events that are due and return how many were dealt with."""
        waiting = await self._store.transaction(inbox.waiting, BATCH)
        self._reached("inbox.read")
        outcomes = await asyncio.gather(
            *(self._store.transaction(inbox.apply, event) for event in waiting), return_exceptions=True
        )
        for event, outcome in zip(waiting, outcomes, strict=True):
            if isinstance(outcome, Exception):
                await self._put_back(event, outcome)
        if len(waiting) == BATCH:
            self._store.bells.ring(self.bell)
        self._reached("inbox.applied")
        return len(waiting)

    async def due_in(self) -> float | None:
        """Return the seconds until the next event is due."""
        return await self._store.transaction(inbox.due_in)

    async def _put_back(self, event: Filed, error: Exception) -> None:
        log.error("inbox.failed", mux_event=event.event_id, type=event.type, exc_info=error)
        await self._store.transaction(inbox.failed, event, error=type(error).__name__, jitter=self._jitter())
