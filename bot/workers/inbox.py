"""Applies what Mux sent."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import Any, Final

import structlog

from bot.clock import Clock
from bot.rules.pacing import Timing
from bot.services import inbox
from bot.services.claiming import Claim
from bot.store.database import Database
from bot.store.inbox import Filed
from bot.workers.arrivals import Arrivals

BATCH: Final = 100
"""How many events are applied side by side; on SQLite they share one commit."""

log = structlog.get_logger(__name__)


class Inbox:
    """Applies filed events, each exactly once, however many processes do so.

    Those that were filed here come as `arrivals`; the table is read for the others, those of an earlier life
    or of another process, and those that are to be tried again.
    """

    bell = "inbox"

    def __init__(
        self,
        store: Database,
        clock: Clock,
        arrivals: Arrivals,
        *,
        timing: Timing,
        jitter: Callable[[], float] = random.random,
        reached: Callable[[str], None] = lambda _boundary: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._arrivals = arrivals
        self._timing = timing
        self._jitter = jitter
        self._reached = reached
        self._read_at = float("-inf")

    async def step(self) -> int:
        """Apply the events that are due and return how many were dealt with."""
        await self._arrivals.settle()
        events = self._arrivals.take(BATCH)
        full = len(events) == BATCH
        if not events or self._clock.monotonic() - self._read_at >= self._timing.idle:
            self._read_at = self._clock.monotonic()
            found = await self._store.transaction(inbox.waiting, BATCH)
            full |= len(found) == BATCH
            events = _each_once([*events, *found])
        self._reached("inbox.read")
        await self._apply(events, inbox.apply)
        if full:
            self._store.bells.ring(self.bell)
        self._reached("inbox.applied")
        return len(events)

    async def due_in(self) -> float | None:
        """Return the seconds until the next event is due."""
        return await self._store.transaction(inbox.due_in)

    def next(self) -> Filed | None:
        """Return an event that has just arrived and that nobody applies yet, None when there is none."""
        return self._arrivals.next()

    async def apply_and_claim(self, event: Filed, *, owner: str) -> Claim | None:
        """Apply an event for somebody who is free to send a message, and return the one to send, if any."""
        (outcome,) = await self._apply([event], inbox.apply_and_claim, owner=owner, timing=self._timing)
        self._reached("inbox.applied")
        return outcome if isinstance(outcome, Claim) else None

    async def _apply(self, events: Sequence[Filed], work: Callable[..., Any], **given: Any) -> list[Any]:
        outcomes = await asyncio.gather(
            *(self._store.transaction(work, event, **given) for event in events), return_exceptions=True
        )
        for event, outcome in zip(events, outcomes, strict=True):
            if isinstance(outcome, Exception):
                await self._put_back(event, outcome)
        return outcomes

    async def _put_back(self, event: Filed, error: Exception) -> None:
        log.error("inbox.failed", mux_event=event.event_id, type=event.type, exc_info=error)
        await self._store.transaction(inbox.failed, event, error=type(error).__name__, jitter=self._jitter())


def _each_once(events: Sequence[Filed]) -> list[Filed]:
    """Return every event once; what is read later knows better how often it was tried."""
    return list({(event.source, event.event_id): event for event in events}.values())
