"""Keeps the list of assets fresh that pickers show, so that nobody who types waits for Mux."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final, Protocol

import structlog

from bot.clock import Clock
from bot.errors import MuxRefused, NotDone, OutcomeUnknown
from bot.mux.videos import Page
from bot.rules.pacing import backoff
from bot.services import catalogue
from bot.store.database import Database

EVERY_SECONDS: Final = 900.0
"""How often the whole list is walked through."""

FRESH_SECONDS: Final = 60.0
"""How young the list must be to be shown again without asking Mux for news."""

MOST_ASSETS: Final = 10_000
_FORBIDDEN: Final = frozenset({401, 403})

log = structlog.get_logger(__name__)


class Assets(Protocol):
    """Mux's list of assets."""

    async def assets(self, cursor: str | None = None) -> Page:
        """Return one page, newest first."""


class Catalogue:
    """Walks through Mux's assets now and then, and looks for new ones whenever a form is opened."""

    bell = "catalogue"

    def __init__(
        self,
        store: Database,
        mux: Assets,
        clock: Clock,
        *,
        account: str,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._mux = mux
        self._clock = clock
        self._account = account
        self._jitter = jitter
        self._failures = 0
        self._not_before = 0.0
        self._walked_at: float | None = None
        self._asked_at: float | None = None
        self._wanted = False

    def want(self) -> None:
        """Say that somebody is about to look at the list; returns at once."""
        self._wanted = True
        self._store.bells.ring(self.bell)

    async def step(self) -> int:
        """Ask Mux if that is due, and say how many assets were new or changed."""
        now = self._clock.now()
        if now < self._due_at():
            return 0
        walk = self._walked_at is None or now >= self._walked_at + EVERY_SECONDS
        self._wanted = False
        try:
            changed = await self._ask(walk=walk)
        except (NotDone, OutcomeUnknown, MuxRefused) as error:
            self._failed(error)
            return 0
        self._failures = 0
        self._asked_at = self._clock.now()
        if walk:
            self._walked_at = now
        return changed

    async def due_in(self) -> float | None:
        """Return the seconds until Mux is to be asked next."""
        return self._due_at() - self._clock.now()

    def _due_at(self) -> float:
        due = 0.0 if self._walked_at is None else self._walked_at + EVERY_SECONDS
        if self._wanted and self._asked_at is not None:
            due = min(due, self._asked_at + FRESH_SECONDS)
        return max(due, self._not_before)

    async def _ask(self, *, walk: bool) -> int:
        """Read the list: all of it on a `walk`, else until a page brings nothing new."""
        started_at = await self._store.transaction(catalogue.begin)
        cursor: str | None = None
        changed = seen = 0
        while True:
            page = await self._mux.assets(cursor)
            news = await self._store.transaction(catalogue.learn, self._account, page.videos)
            changed, seen, cursor = changed + news, seen + len(page.videos), page.next_cursor
            if cursor is None or not page.videos or seen >= MOST_ASSETS:
                break
            if not walk and not news:
                return changed
        if walk:
            oldest = page.videos[-1].created_at if cursor is not None and page.videos else None
            await self._store.transaction(
                catalogue.finish, self._account, started_at=started_at, oldest_at=oldest
            )
        return changed

    def _failed(self, error: NotDone | OutcomeUnknown | MuxRefused) -> None:
        self._failures += 1
        wait_seconds = (
            backoff(self._failures + 2, self._jitter()) if error.retry_in is None else error.retry_in
        )
        if isinstance(error, MuxRefused) and error.status in _FORBIDDEN:
            wait_seconds = EVERY_SECONDS
        self._not_before = self._clock.now() + wait_seconds
        tell = log.warning if isinstance(error, MuxRefused) else log.info
        tell("catalogue.not_read", error=str(error), failures=self._failures, again_in=round(wait_seconds))
