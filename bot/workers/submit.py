"""Creates jobs at Mux, each at most once, whatever becomes of the connection."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable
from typing import Final

import structlog

from bot.clock import Clock
from bot.errors import MuxRefused, NotDone, OutcomeUnknown
from bot.mux.accounts import MuxOf
from bot.mux.client import MuxClient
from bot.rules.effects import Action, Kind
from bot.rules.jobs import TARGET, Failure, Report, is_finished
from bot.rules.pacing import Timing
from bot.services import claiming, outbox, submission
from bot.services.claiming import Claim
from bot.store.database import Database
from bot.workers import robots
from bot.workers.cancel import Cancel
from bot.workers.people import Admits, everybody
from bot.workers.prepare import Prepare
from bot.workers.restore import Restorer
from bot.workers.saving import Texts, Unread

_CONFLICT: Final = 409
_NOT_FOUND: Final = 404

log = structlog.get_logger(__name__)


class Submit:
    """Takes one effect towards Mux at a time. Several loops may share one of these."""

    bell = "mux"

    def __init__(
        self,
        store: Database,
        mux_of: MuxOf,
        clock: Clock,
        *,
        timing: Timing,
        jitter: Callable[[], float] = random.random,
        reached: Callable[[str], None] = lambda _boundary: None,
        admits: Admits = everybody,
        texts: Texts | None = None,
        public_url: str = "",
    ) -> None:
        self._store = store
        self._mux_of = mux_of
        self._clock = clock
        self._timing = timing
        self._jitter = jitter
        self._reached = reached
        self._cancel = Cancel(store, mux_of, jitter=jitter, reached=reached)
        self._prepare = Prepare(store, mux_of, jitter=jitter, reached=reached, admits=admits, texts=texts)
        self._restorer = Restorer(
            store, mux_of, texts=texts or Unread(), public_url=public_url, jitter=jitter, reached=reached
        )

    async def step(self) -> int:
        """Deal with one effect; 0 when none is due."""
        started = self._clock.monotonic()
        taken = await self._store.transaction(
            claiming.claim, "mux", owner=secrets.token_hex(8), timing=self._timing
        )
        if taken is None:
            return 0
        self._reached("submit.claimed")
        if taken.effect.kind is Kind.PREPARE:
            await self._prepare.perform(taken)
        elif taken.effect.kind is Kind.CHECK:
            await self._check(taken)
        elif taken.effect.kind is Kind.CANCEL:
            await self._cancel.perform(taken)
        elif taken.effect.kind is Kind.RESTORE:
            await self._restorer.perform(taken)
        elif taken.action is Action.SEND:
            await self._create(taken, started)
        elif taken.action is Action.VERIFY:
            await self._verify(taken)
        else:
            await self._audit(taken)
        self._reached("submit.finished")
        return 1

    async def due_in(self) -> float | None:
        """Return the seconds until the next effect towards Mux may be claimed."""
        return await self._store.transaction(claiming.due_in, "mux")

    async def _create(self, taken: Claim, started: float) -> None:
        if self._clock.monotonic() - started > self._timing.send:
            await self._not_done(taken, "the intent grew too old before it was sent", retry_in=None)
            return
        job = taken.stored.job
        if job.stopped_by is not None:
            await self._store.transaction(submission.withdrawn, taken)
            return
        try:
            report = await robots.create(await self._mux(taken), taken.stored)
        except NotDone as error:
            await self._not_done(taken, str(error), retry_in=error.retry_in)
        except OutcomeUnknown as error:
            log.warning("mux.create_unknown", job=job.id, error=str(error))
            await self._store.transaction(outbox.unknown, taken, error=str(error), jitter=self._jitter())
        except MuxRefused as error:
            await self._refused(taken, error)
        else:
            self._reached("submit.created")
            await self._accept(taken, report)

    async def _verify(self, taken: Claim) -> None:
        job = taken.stored.job
        try:
            found = await robots.copies(
                await self._mux(taken), taken.stored, since=taken.effect.first_sent_at
            )
        except (NotDone, OutcomeUnknown, MuxRefused) as error:
            await self._unread(taken, error)
            return
        self._reached("submit.verified")
        if found:
            report = _best(found, job.mux_id)
            log.info("mux.create_found", job=job.id, mux_id=report.mux_id)
            await self._accept(taken, report)
        elif taken.effect.error == submission.CONFLICT:
            await self._join(taken, Failure(code=submission.CONFLICT, message="", status=_CONFLICT))
        else:
            await self._store.transaction(outbox.absent, taken, timing=self._timing, jitter=self._jitter())

    async def _audit(self, taken: Claim) -> None:
        """Look for a second job under our stamp, and stop it: the first one is the one that people see."""
        job = taken.stored.job
        try:
            found = await robots.copies(
                await self._mux(taken), taken.stored, since=taken.effect.first_sent_at
            )
            for copy in found:
                if copy.mux_id != taken.effect.ext_id and not is_finished(TARGET[copy.signal]):
                    log.error("mux.copy_cancelled", job=job.id, mux_id=copy.mux_id)
                    await (await self._mux(taken)).cancel(copy.mux_id)
        except (NotDone, OutcomeUnknown, MuxRefused) as error:
            await self._unread(taken, error)
        else:
            await self._store.transaction(outbox.audited, taken, visible=None)

    async def _check(self, taken: Claim) -> None:
        try:
            report = await robots.get(await self._mux(taken), taken.stored.job)
        except (NotDone, OutcomeUnknown, MuxRefused) as error:
            if isinstance(error, MuxRefused) and error.status == _NOT_FOUND:
                await self._store.transaction(outbox.settled, taken, error=str(error))
            else:
                await self._not_done(taken, str(error), retry_in=error.retry_in)
        else:
            await self._store.transaction(submission.checked, taken, report)

    async def _refused(self, taken: Claim, error: MuxRefused) -> None:
        if error.status == _CONFLICT:
            await self._join(taken, _failure(error))
            return
        log.info("mux.create_refused", job=taken.stored.job.id, status=error.status, code=error.code)
        await self._store.transaction(submission.refused, taken, _failure(error))

    async def _join(self, taken: Claim, failure: Failure) -> None:
        """Find the job that does the same work: our own lost create, or one that somebody else started."""
        job = taken.stored.job
        since = taken.effect.first_sent_at
        try:
            mux = await self._mux(taken)
            ours = await robots.copies(mux, taken.stored, since=since)
            running = [_best(ours, job.mux_id)] if ours else await robots.running(mux, job)
        except (NotDone, OutcomeUnknown, MuxRefused) as error:
            log.info("mux.conflict_unread", job=job.id, error=str(error))
            running = []
        if running:
            await self._accept(taken, running[0])
        else:
            await self._store.transaction(
                submission.conflicted, taken, failure, timing=self._timing, jitter=self._jitter()
            )

    async def _mux(self, taken: Claim) -> MuxClient:
        return await self._mux_of(taken.stored.mux_account)

    async def _accept(self, taken: Claim, report: Report) -> None:
        await self._store.transaction(submission.accepted, taken, report, timing=self._timing)

    async def _not_done(self, taken: Claim, error: str, *, retry_in: float | None) -> None:
        await self._store.transaction(
            outbox.not_done, taken, error=error, retry_in=retry_in, jitter=self._jitter()
        )

    async def _unread(self, taken: Claim, error: NotDone | OutcomeUnknown | MuxRefused) -> None:
        # A conflict stays one, or the create that it stopped would be sent again.
        conflict = taken.effect.error == submission.CONFLICT
        await self._store.transaction(
            outbox.unread,
            taken,
            error=submission.CONFLICT if conflict else str(error),
            retry_in=error.retry_in,
            timing=self._timing,
            jitter=self._jitter(),
        )


def _best(copies: list[Report], known: str | None) -> Report:
    """Return the copy that the job is bound to already, else the oldest."""
    return next((report for report in copies if report.mux_id == known), copies[0])


def _failure(error: MuxRefused) -> Failure:
    return Failure(code=error.code, message=" ".join(error.messages), status=error.status)
