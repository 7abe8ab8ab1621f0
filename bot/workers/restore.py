"""Puts replaced tracks back at Mux, one look and at most one change at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import structlog

from bot.errors import FileRefused, MuxRefused, NotCaptions, NotDone, OutcomeUnknown
from bot.mux.accounts import MuxOf
from bot.mux.client import MuxClient
from bot.rules.decoding import MAX_BYTES
from bot.rules.restoring import Do, Problem, Step, plan
from bot.rules.saving import SavedTrack
from bot.rules.video import ERRORED, PREPARING, TextTrack, Video
from bot.rules.vtt import read_vtt
from bot.services import outbox, restoring
from bot.services.claiming import Claim
from bot.store.database import Database
from bot.workers.saving import Texts

_NOT_FOUND: Final = 404

log = structlog.get_logger(__name__)


class Restorer:
    """The part of `Submit` that puts tracks back. It may be repeated freely: a look decides each step."""

    def __init__(
        self,
        store: Database,
        mux_of: MuxOf,
        *,
        texts: Texts,
        public_url: str,
        jitter: Callable[[], float],
        reached: Callable[[str], None],
    ) -> None:
        self._store = store
        self._mux_of = mux_of
        self._texts = texts
        self._public_url = public_url
        self._jitter = jitter
        self._reached = reached

    async def perform(self, taken: Claim) -> None:
        """Look at the claim's asset and do the next thing that its restore needs."""
        job = taken.stored.job
        if job.restore is None or job.restore.is_over:
            await self._store.transaction(outbox.settled, taken)
            return
        try:
            mux = await self._mux_of(taken.stored.mux_account)
            video = await mux.asset(job.request.asset_id)
            self._reached("restore.seen")
            await self._do(taken, mux, video, plan(job, job.restore, video))
        except (NotDone, OutcomeUnknown) as error:
            await self._unanswered(taken, str(error), error.retry_in)
        except MuxRefused as error:
            log.warning("mux.restore_refused", job=job.id, status=error.status, code=error.code)
            problem = Problem.NO_ASSET if error.status == _NOT_FOUND else Problem.REFUSED
            await self._fail(taken, problem, " ".join(error.messages))

    async def _do(self, taken: Claim, mux: MuxClient, video: Video, step: Step) -> None:
        match step:
            case Step(do=Do.CREATE, saved=SavedTrack() as saved):
                await self._create(taken, mux, video, saved)
            case Step(do=Do.DELETE, track=TextTrack() as track):
                await self._delete(taken, mux, video, track, replacing=step.removes)
            case Step(do=Do.COMPARE, saved=SavedTrack() as saved, track=TextTrack() as track):
                await self._compare(taken, video, saved, track)
            case Step(do=Do.WAIT):
                await self._store.transaction(restoring.waiting, taken, jitter=self._jitter())
            case Step(do=Do.FINISH):
                await self._store.transaction(restoring.finished, taken)
                log.info("mux.tracks_restored", job=taken.stored.job.id)
            case _:
                await self._fail(taken, step.problem or Problem.REFUSED, step.detail)

    async def _create(self, taken: Claim, mux: MuxClient, video: Video, saved: SavedTrack) -> None:
        url = await self._store.transaction(restoring.address, taken, saved, public_url=self._public_url)
        if url is None:
            await self._fail(taken, Problem.NO_ADDRESS)
            return
        track = await mux.create_track(
            video.asset_id,
            url=url,
            language_code=saved.language_code,
            name=saved.name,
            passthrough=saved.passthrough,
            closed_captions=saved.closed_captions,
        )
        self._reached("restore.created")
        await self._store.transaction(restoring.made, taken, saved, track, tried=True)

    async def _delete(
        self, taken: Claim, mux: MuxClient, video: Video, track: TextTrack, *, replacing: bool
    ) -> None:
        try:
            await mux.delete_track(video.asset_id, track.id)
        except MuxRefused as error:
            if error.status != _NOT_FOUND:
                raise
        self._reached("restore.deleted")
        await self._store.transaction(restoring.removed, taken, replacing=replacing)

    async def _compare(self, taken: Claim, video: Video, saved: SavedTrack, track: TextTrack) -> None:
        """Find out whether a track of a saved one's name is the one that we made before we died."""
        if track.status == PREPARING:
            await self._store.transaction(restoring.waiting, taken, jitter=self._jitter())
            return
        if track.status == ERRORED and track.passthrough == saved.passthrough:
            await self._store.transaction(restoring.made, taken, saved, track, tried=True)
            return
        wanted = await self._store.transaction(restoring.text, taken, saved)
        try:
            there = await self._texts.read(video, track.id, cap_bytes=MAX_BYTES)
        except FileRefused as error:
            await self._unanswered(taken, str(error), None)
            return
        if _same(there, wanted):
            await self._store.transaction(restoring.made, taken, saved, track, tried=False)
        else:
            await self._fail(taken, Problem.NAME_TAKEN, track.name)

    async def _fail(self, taken: Claim, problem: Problem, detail: str = "") -> None:
        await self._store.transaction(restoring.failed, taken, problem, detail=detail)

    async def _unanswered(self, taken: Claim, error: str, retry_in: float | None) -> None:
        await self._store.transaction(
            restoring.unanswered, taken, error=error, retry_in=retry_in, jitter=self._jitter()
        )


def _same(one: bytes, other: bytes) -> bool:
    """Say whether two WebVTT files hold the same captions; Mux may write them differently."""
    if one == other:
        return True
    try:
        return read_vtt(one).cues == read_vtt(other).cues
    except NotCaptions:
        return False
