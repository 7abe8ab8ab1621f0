"""Looks at what is to be captioned before anything is sent that could cost money."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog

from bot.errors import MuxRefused, NotDone, OutcomeUnknown
from bot.mux.accounts import MuxOf
from bot.mux.client import MuxClient
from bot.rules import preflight
from bot.rules.jobs import Failure, Job, State
from bot.rules.links import PointerKind
from bot.services import outbox, preparing, uploading
from bot.services.claiming import Claim
from bot.store.database import Database
from bot.workers.people import Admits, everybody
from bot.workers.saving import Saving, Texts, Unread

_NOT_FOUND: Final = 404
_ASSET: Final = "asset"
_LIVE_STREAM: Final = "live_stream"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """Where a job's pointer leads: to an asset, or to why it has none."""

    asset_id: str = ""
    failure: Failure | None = None


class Prepare:
    """The part of `Submit` that reads, and so may be repeated freely."""

    def __init__(
        self,
        store: Database,
        mux_of: MuxOf,
        *,
        jitter: Callable[[], float],
        reached: Callable[[str], None],
        admits: Admits = everybody,
        texts: Texts | None = None,
    ) -> None:
        self._store = store
        self._mux_of = mux_of
        self._jitter = jitter
        self._reached = reached
        self._admits = admits
        self._saving = Saving(texts or Unread())

    async def perform(self, taken: Claim) -> None:
        """Find the claim's video, and let its job be sent, wait or end."""
        job = taken.stored.job
        if job.state is not State.REQUESTED:
            await self._store.transaction(outbox.settled, taken)
            return
        try:
            failure = await self._admits(job)
            if failure is not None:
                await self._refuse(taken, failure)
                return
            found = await self._resolve(taken, job)
            self._reached("prepare.resolved")
            if found.failure is None:
                await self._look(taken, found.asset_id)
            else:
                await self._refuse(taken, found.failure)
        except (NotDone, OutcomeUnknown) as error:
            log.info("mux.video_unread", job=job.id, error=str(error))
            await self._store.transaction(
                preparing.unanswered, taken, error=str(error), retry_in=error.retry_in, jitter=self._jitter()
            )

    async def _look(self, taken: Claim, asset_id: str) -> None:
        try:
            video = await (await self._mux(taken)).asset(asset_id)
        except MuxRefused as error:
            if error.status == _NOT_FOUND and asset_id == taken.stored.job.request.asset_id:
                await self._look_behind(taken, asset_id, error)
            else:
                exists = error.status != _NOT_FOUND
                await self._store.transaction(
                    preparing.unseen, taken, asset_id, error=str(error), exists=exists
                )
            return
        self._reached("prepare.seen")
        rescued = await self._saving.take(taken.stored.job, video)
        self._reached("prepare.saved")
        await self._store.transaction(preparing.seen, taken, video, rescued, jitter=self._jitter())

    async def _look_behind(self, taken: Claim, asset_id: str, unknown: MuxRefused) -> None:
        """Deal with an id that is no asset's: people copy playback ids as often."""
        try:
            found = await self._played(taken, asset_id)
        except MuxRefused:
            found = _Found(failure=Failure(code=preflight.ELSEWHERE, message=""))
        if found.asset_id:
            await self._look(taken, found.asset_id)
        elif found.failure is not None and found.failure.code == preflight.LIVE_STREAM:
            await self._refuse(taken, found.failure)
        else:
            # Neither an asset nor a playback id that we can see: Mux's own no is the one that counts.
            await self._store.transaction(preparing.unseen, taken, asset_id, error=str(unknown))

    async def _resolve(self, taken: Claim, job: Job) -> _Found:
        if job.pointer is None:
            return _Found(asset_id=job.request.asset_id)
        if job.pointer.kind is PointerKind.FILE:
            return await self._uploaded(taken)
        try:
            return await self._played(taken, job.pointer.id)
        except MuxRefused as error:
            code = preflight.ELSEWHERE if error.status == _NOT_FOUND else preflight.UNANSWERED
            return _Found(failure=Failure(code=code, message=str(error), status=error.status))

    async def _uploaded(self, taken: Claim) -> _Found:
        known = await self._store.transaction(uploading.known, taken)
        if known is None or not known.asset_id:
            return _Found(failure=Failure(code=preflight.UPLOAD_FAILED, message="", retryable=True))
        return _Found(asset_id=known.asset_id)

    async def _played(self, taken: Claim, playback_id: str) -> _Found:
        target = await (await self._mux(taken)).playback(playback_id)
        if target.kind == _ASSET:
            return _Found(asset_id=target.id)
        code = preflight.LIVE_STREAM if target.kind == _LIVE_STREAM else preflight.UNANSWERED
        return _Found(failure=Failure(code=code, message=""))

    async def _refuse(self, taken: Claim, failure: Failure) -> None:
        log.info("mux.video_unfit", job=taken.stored.job.id, code=failure.code)
        await self._store.transaction(preparing.refused, taken, failure)

    async def _mux(self, taken: Claim) -> MuxClient:
        return await self._mux_of(taken.stored.mux_account)
