"""Fetches a finished job's files, turns them into what is kept, and asks what became of its track."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from bot.errors import FileRefused, MuxRefused, NotCaptions, NotDone, OutcomeUnknown
from bot.mux.accounts import MuxOf
from bot.mux.fetching import Files
from bot.rules import archive as rules
from bot.rules.decoding import MAX_BYTES
from bot.rules.jobs import Outcome
from bot.services import archiving, differing, outbox
from bot.services.archiving import Kept
from bot.services.claiming import Claim
from bot.store.database import Database
from bot.workers import robots

_MOST_WORDS_BYTES: Final = 64 * 1024**2
"""An object for each word is a hundred times larger than the word."""

_LINK_OVER: Final = frozenset({"expired", "forbidden", "not_there"})

log = structlog.get_logger(__name__)


class Keeping:
    """The part of `Archive` that reads at Mux. All of it may be repeated, and cancelled, at any point."""

    def __init__(
        self,
        store: Database,
        mux_of: MuxOf,
        files: Files,
        *,
        jitter: Callable[[], float],
        reached: Callable[[str], None],
    ) -> None:
        self._store = store
        self._mux_of = mux_of
        self._files = files
        self._jitter = jitter
        self._reached = reached
        self._alone = asyncio.Semaphore(1)

    async def fetch(self, taken: Claim) -> None:
        """Keep the job's files, or say why they cannot be had."""
        profile = await self._store.transaction(archiving.begin, taken)
        if profile is None:
            return
        self._reached("archive.begun")
        try:
            kept = await self._made(taken, profile)
        except NotCaptions as error:
            log.info("archive.not_captions", job=taken.stored.job.id, code=error.code, line=error.line)
            await self._store.transaction(archiving.failed, taken, reason=error.code, said=_said(error))
        except FileRefused as error:
            log.warning("archive.refused", job=taken.stored.job.id, code=error.code, host=error.host)
            await self._store.transaction(archiving.failed, taken, reason=error.code)
        except (NotDone, OutcomeUnknown) as error:
            log.info("archive.unanswered", job=taken.stored.job.id, error=str(error))
            await self._store.transaction(
                archiving.unanswered, taken, error=str(error), retry_in=error.retry_in, jitter=self._jitter()
            )
        else:
            self._reached("archive.made")
            await self._store.transaction(archiving.kept, taken, kept)

    async def look(self, taken: Claim) -> None:
        """Ask Mux what became of the job's track."""
        track_id = await self._store.transaction(archiving.awaited, taken)
        job = taken.stored.job
        if track_id is None:
            await self._store.transaction(outbox.settled, taken)
            return
        try:
            mux = await self._mux_of(taken.stored.mux_account)
            track = await mux.track(job.request.asset_id, track_id)
        except MuxRefused as error:
            log.info("archive.track_not_shown", job=job.id, status=error.status)
            await self._store.transaction(archiving.told, taken, None, jitter=self._jitter())
        except (NotDone, OutcomeUnknown) as error:
            await self._store.transaction(
                outbox.not_done, taken, error=str(error), retry_in=error.retry_in, jitter=self._jitter()
            )
        else:
            await self._store.transaction(archiving.told, taken, track, jitter=self._jitter())

    async def _made(self, taken: Claim, profile: str) -> Kept:
        outcome = taken.stored.job.outcome or Outcome()
        # Only here: what measures and draws captions would be a fiftieth of a start.
        from bot.workers import making

        try:
            srt, words = await self._contents(outcome)
        except FileRefused as error:
            if error.code not in _LINK_OVER:
                raise
            srt, words = await self._contents(await self._fresh(taken, outcome, error))
        self._reached("archive.fetched")
        before = await self._store.transaction(differing.before, taken.stored)
        # Large files take a second to measure and draw, and nobody's request is to wait for that. One at a
        # time: Python runs one thread at a time, and every further one would take turns from the messages.
        async with self._alone:
            return await asyncio.to_thread(
                making.make, taken.stored.job, raw=srt, words=words, profile_name=profile, before=before
            )

    async def _contents(self, outcome: Outcome) -> tuple[bytes, bytes | None]:
        if outcome.vtt_url:
            return (await self._files.fetch(outcome.vtt_url, cap_bytes=MAX_BYTES)).content, None
        if not outcome.srt_url:
            raise FileRefused(rules.NO_LINK, host="")
        srt = await self._files.fetch(outcome.srt_url, cap_bytes=MAX_BYTES)
        if not outcome.words_url:
            return srt.content, None
        words = await self._files.fetch(outcome.words_url, cap_bytes=_MOST_WORDS_BYTES)
        return srt.content, words.content

    async def _fresh(self, taken: Claim, known: Outcome, error: FileRefused) -> Outcome:
        """Return the job's links as Mux has them now, when the ones that we know lead nowhere."""
        mux_id = taken.stored.job.mux_id
        if mux_id is None:
            raise error
        try:
            report = await robots.get(await self._mux_of(taken.stored.mux_account), taken.stored.job)
        except MuxRefused:
            raise error from None
        fresh = report.outcome
        if fresh is None or (fresh.srt_url or fresh.vtt_url) in (None, known.srt_url, known.vtt_url):
            raise error
        return fresh


def _said(error: NotCaptions) -> str:
    return f"{error.message} Line {error.line:,}: {error.excerpt}" if error.excerpt else error.message
