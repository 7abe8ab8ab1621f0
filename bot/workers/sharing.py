"""Puts files into threads: uploaded unseen, shown by one request, and then looked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import structlog

from bot.clock import Clock
from bot.errors import NotDone, OutcomeUnknown, SlackRefused
from bot.rules.archive import NOT_SHOWN, TITLES, UNDELIVERABLE
from bot.rules.effects import Action
from bot.rules.pacing import Timing
from bot.services import outbox, sharing
from bot.services.claiming import Claim
from bot.services.sharing import Parcel
from bot.slack.client import SlackClient
from bot.slack.errors import THREAD_CLOSED, TOKEN_DEAD
from bot.slack.files import SlackFiles
from bot.slack.tokens import TokenOf
from bot.store.archive import Share
from bot.store.database import Database
from bot.store.files import StoredFile
from bot.ui.shared import comment

_PEOPLE: Final = ("U", "W")

log = structlog.get_logger(__name__)


class _NotOurs(Exception):
    """Somebody else has taken the share over."""


class Sharing:
    """The part of `Archive` that sends files to Slack; its arguments are explained there."""

    def __init__(
        self,
        store: Database,
        slack: SlackClient,
        uploads: SlackFiles,
        clock: Clock,
        *,
        token_of: TokenOf,
        timing: Timing,
        public_url: str,
        jitter: Callable[[], float],
        reached: Callable[[str], None],
    ) -> None:
        self._store = store
        self._slack = slack
        self._uploads = uploads
        self._clock = clock
        self._token_of = token_of
        self._timing = timing
        self._public_url = public_url
        self._jitter = jitter
        self._reached = reached

    async def perform(self, taken: Claim) -> None:
        """Do what is next for a share, and write down what became of it."""
        try:
            if taken.action is Action.SEND:
                await self._send(taken)
            elif taken.action is Action.VERIFY:
                await self._verify(taken)
            else:
                await self._audit(taken)
        except _NotOurs:
            log.info("share.left", job=taken.stored.job.id)
        except (NotDone, OutcomeUnknown) as error:
            # Nothing of this can have been shown: what may have been is dealt with where it is sent.
            await self._not_done(taken, error, share_id=None)
        except SlackRefused as error:
            await self._refused(taken, error)

    async def _send(self, taken: Claim) -> None:
        parcel = await self._store.transaction(sharing.parcel, taken)
        if parcel is None:
            raise NotDone("the result is not said yet")
        if not parcel.channel or not parcel.files:
            await self._offer(taken, UNDELIVERABLE)
            return
        channel = await self._channel(taken, parcel)
        titles = [await self._upload(taken, file, content) for file, content in parcel.files]
        self._reached("share.uploaded")
        slack_ids = tuple(slack_id for slack_id, _ in titles)
        started = self._clock.monotonic()
        share_id = await self._store.transaction(sharing.intended, taken, slack_ids)
        if share_id is None:
            raise _NotOurs
        self._reached("share.intended")
        try:
            await self._complete(taken, replace(parcel, channel=channel), titles, started)
        except NotDone as error:
            await self._not_done(taken, error, share_id=share_id)
        except OutcomeUnknown as error:
            log.warning("share.unknown", job=taken.stored.job.id, error=str(error))
            await self._store.transaction(outbox.unknown, taken, error=str(error), jitter=self._jitter())
        else:
            self._reached("share.completed")
            await self._store.transaction(sharing.answered, taken, share_id)

    async def _complete(
        self, taken: Claim, parcel: Parcel, titles: list[tuple[str, str]], started: float
    ) -> None:
        token = await self._token(taken)
        if self._clock.monotonic() - started > self._timing.send:
            raise NotDone("the intent grew too old before it was sent")
        said = comment(taken.stored.job, [file.kind for file, _ in parcel.files])
        await self._uploads.complete(token, titles, parcel.channel, thread_ts=parcel.thread_ts, comment=said)

    async def _upload(self, taken: Claim, file: StoredFile, content: bytes) -> tuple[str, str]:
        """Send one file's bytes, which nobody sees by that; return its id at Slack and its title."""
        token = await self._token(taken)
        place = await self._uploads.place(token, file.name, file.size, alt=file.alt)
        await self._uploads.put(place, content)
        if not await self._store.transaction(sharing.renewed, taken, timing=self._timing):
            raise _NotOurs
        return place.file_id, TITLES.get(file.kind, file.name)

    async def _verify(self, taken: Claim) -> None:
        """Look for what was perhaps shown; only what is certainly nowhere is sent anew."""
        tried = await self._store.transaction(sharing.tries, taken)
        if not tried:
            await self._store.transaction(sharing.nothing_sent, taken)
            return
        latest = tried[-1]
        try:
            channel = await self._where(taken)
            ts = await self._ts(taken, latest, channel)
        except SlackRefused as error:
            if error.code in TOKEN_DEAD:
                raise
            await self._unreadable(taken, tried, error)
            return
        self._reached("share.looked")
        if ts is not None:
            await self._shown(taken, latest, channel, ts)
        elif await self._store.transaction(
            sharing.not_shown, taken, latest, timing=self._timing, jitter=self._jitter()
        ):
            await self._start_anew(taken, tried)

    async def _start_anew(self, taken: Claim, tried: list[Share]) -> None:
        """Delete what Slack took and never showed, so that it never will, and send it once more."""
        for slack_id in tried[-1].slack_ids:
            await self._uploads.delete(await self._token(taken), slack_id)
        if len(tried) >= sharing.MOST_ROUNDS:
            await self._offer(taken, NOT_SHOWN)
        else:
            await self._store.transaction(sharing.sent_anew, taken)

    async def _audit(self, taken: Claim) -> None:
        """Delete what an earlier try showed after all."""
        channel = taken.effect.ext_channel or ""
        tried = await self._store.transaction(sharing.tries, taken)
        for share in tried:
            if share.ts == taken.effect.ext_id:
                continue
            if await self._ts(taken, share, channel) is None:
                continue
            log.error("share.copy_deleted", job=taken.stored.job.id)
            for slack_id in share.slack_ids:
                await self._uploads.delete(await self._token(taken), slack_id)
        await self._store.transaction(outbox.audited, taken, visible=taken.effect.have)

    async def _unreadable(self, taken: Claim, tried: list[Share], error: SlackRefused) -> None:
        """Go by Slack's yes where files may not be read; without one they are deleted and sent anew."""
        latest = tried[-1]
        log.warning("share.cannot_be_looked_for", job=taken.stored.job.id, code=error.code)
        if latest.answered_at is not None:
            await self._shown(taken, latest, await self._where(taken), latest.slack_ids[0])
        elif await self._store.transaction(
            sharing.not_shown, taken, latest, timing=self._timing, jitter=self._jitter()
        ):
            await self._start_anew(taken, tried)

    async def _shown(self, taken: Claim, share: Share, channel: str, ts: str) -> None:
        await self._store.transaction(
            sharing.shown, taken, share.id, channel=channel, ts=ts, timing=self._timing
        )

    async def _ts(self, taken: Claim, share: Share, channel: str) -> str | None:
        return await self._uploads.shared_as(await self._token(taken), share.slack_ids[0], channel)

    async def _where(self, taken: Claim) -> str:
        parcel = await self._store.transaction(sharing.place, taken)
        if parcel is None:
            raise NotDone("the result is not said yet")
        return await self._channel(taken, parcel)

    async def _channel(self, taken: Claim, parcel: Parcel) -> str:
        """Return the channel's id; a person's is their conversation with us."""
        if parcel.channel.startswith(_PEOPLE):
            return await self._slack.open_dm(await self._token(taken), parcel.channel)
        return parcel.channel

    async def _refused(self, taken: Claim, error: SlackRefused) -> None:
        facts = {"job": taken.stored.job.id, "code": error.code, "needed": error.needed}
        if error.code in TOKEN_DEAD:
            log.error("share.token_refused", **facts)
            await self._store.transaction(outbox.parked, taken, error=error.code)
        elif taken.action is not Action.SEND:
            log.warning("share.not_looked_after", **facts)
            await self._store.transaction(
                outbox.unverifiable, taken, error=error.code, timing=self._timing, repost=False
            )
        elif error.code in THREAD_CLOSED and not taken.effect.target:
            log.warning("share.thread_closed", **facts)
            await self._store.transaction(sharing.to_person, taken, code=error.code)
        else:
            log.warning("share.refused", **facts)
            await self._offer(taken, error.code)

    async def _offer(self, taken: Claim, code: str) -> None:
        await self._store.transaction(sharing.offered, taken, code=code, public_url=self._public_url)

    async def _not_done(self, taken: Claim, error: NotDone | OutcomeUnknown, *, share_id: int | None) -> None:
        await self._store.transaction(
            sharing.not_done,
            taken,
            share_id,
            error=str(error),
            retry_in=error.retry_in,
            jitter=self._jitter(),
        )

    async def _token(self, taken: Claim) -> str:
        return await self._token_of(taken.stored.job.team_id)
