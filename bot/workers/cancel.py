"""Stops jobs at Mux, and learns from Mux how they ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import structlog

from bot.errors import MuxRefused, NotDone, OutcomeUnknown
from bot.mux.accounts import MuxOf
from bot.mux.client import MuxClient
from bot.rules.jobs import is_finished
from bot.services import outbox, stopping
from bot.services.claiming import Claim
from bot.store.database import Database
from bot.workers import robots

_NOT_FOUND: Final = 404
_OVER_ALREADY: Final = 409

log = structlog.get_logger(__name__)


class Cancel:
    """The part of `Submit` that stops a job. It may be repeated freely: a stopped job stays stopped."""

    def __init__(
        self,
        store: Database,
        mux_of: MuxOf,
        *,
        jitter: Callable[[], float],
        reached: Callable[[str], None],
    ) -> None:
        self._store = store
        self._mux_of = mux_of
        self._jitter = jitter
        self._reached = reached

    async def perform(self, taken: Claim) -> None:
        """Ask Mux to stop the claim's job, unless it has ended, and write down how it stands then."""
        job = taken.stored.job
        if job.mux_id is None or is_finished(job.state):
            await self._store.transaction(outbox.settled, taken)
            return
        try:
            mux = await self._mux_of(taken.stored.mux_account)
            await _stop(mux, job.mux_id)
            self._reached("cancel.stopped")
            # The answer to a cancel does not say what the job has cost.
            report = await robots.get(mux, job)
        except (NotDone, OutcomeUnknown) as error:
            await self._store.transaction(
                outbox.not_done, taken, error=str(error), retry_in=error.retry_in, jitter=self._jitter()
            )
        except MuxRefused as error:
            log.warning("mux.cancel_refused", job=job.id, status=error.status, code=error.code)
            gone = error.status == _NOT_FOUND
            await self._store.transaction(stopping.gone if gone else stopping.failed, taken, error=str(error))
        else:
            log.info("mux.cancelled", job=job.id, mux_id=job.mux_id, state=report.signal.value)
            await self._store.transaction(stopping.answered, taken, report)


async def _stop(mux: MuxClient, mux_id: str) -> None:
    try:
        await mux.cancel(mux_id)
    except MuxRefused as error:
        if error.status != _OVER_ALREADY:
            raise
