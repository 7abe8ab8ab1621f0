"""Asks Mux about unfinished jobs: at start, on a growing interval, and always when there are no webhooks."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Final

import structlog

from bot.errors import MuxRefused, NotDone, OutcomeUnknown
from bot.mux.accounts import MuxOf
from bot.services import polling, progress
from bot.store.database import Database
from bot.store.jobs import StoredJob
from bot.workers import robots

_GONE: Final = 404

log = structlog.get_logger(__name__)


class Poll:
    """Polls what is due; what it hears goes the same way as a webhook."""

    bell = "poll"

    def __init__(
        self,
        store: Database,
        mux_of: MuxOf,
        *,
        webhooks: bool,
        told: Callable[[str], bool] = lambda _account: False,
        jitter: Callable[[], float] = random.random,
        reached: Callable[[str], None] = lambda _boundary: None,
    ) -> None:
        self._store = store
        self._mux_of = mux_of
        self._webhooks = webhooks
        self._told = told
        self._jitter = jitter
        self._reached = reached

    async def step(self) -> int:
        """Ask about the jobs that are due and return how many were taken."""
        taken = await self._store.transaction(
            polling.due, jitter=self._jitter(), webhooks=self._webhooks, told=self._told
        )
        self._reached("poll.taken")
        await asyncio.gather(*(self._ask(stored) for stored in taken if stored.job.mux_id))
        return len(taken)

    async def due_in(self) -> float | None:
        """Return the seconds until the next poll is due."""
        return await self._store.transaction(polling.due_in)

    async def _ask(self, stored: StoredJob) -> None:
        try:
            mux = await self._mux_of(stored.mux_account)
            report = await robots.get(mux, stored.job)
        except MuxRefused as error:
            if error.status == _GONE:
                log.warning("mux.job_gone", job=stored.job.id, mux_id=stored.job.mux_id)
                await self._store.transaction(progress.gone, stored.row_id)
            else:
                log.warning("mux.poll_refused", job=stored.job.id, status=error.status, code=error.code)
        except (NotDone, OutcomeUnknown) as error:
            log.info("mux.poll_failed", job=stored.job.id, error=str(error))
        else:
            self._reached("poll.answered")
            await self._store.transaction(progress.apply, stored.row_id, report)
