"""Reads a channel back for our own messages: to adopt one that was perhaps sent, or to heal copies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import structlog

from bot.errors import NotDone, OutcomeUnknown, SlackRefused
from bot.rules.effects import Action, Kind
from bot.rules.pacing import Timing
from bot.services import detours, outbox
from bot.services.claiming import Claim
from bot.slack.client import SlackClient
from bot.slack.errors import TOKEN_DEAD
from bot.slack.tokens import TokenOf
from bot.slack.values import Found
from bot.store.database import Database
from bot.workers.stamp import is_stamped, version

# Slack's signature check refuses requests from further apart, so no bot that hears anything is further off.
# https://docs.slack.dev/authentication/verifying-requests-from-slack
_CLOCKS_APART_SECONDS: Final = 300.0
_PEOPLE: Final = ("U", "W")
_THREAD_GONE: Final = frozenset({"message_not_found", "thread_not_found"})

log = structlog.get_logger(__name__)


class Lookup:
    """The part of `Delivery` that reads; `reposts` and `token_of` are explained there."""

    def __init__(
        self,
        store: Database,
        slack: SlackClient,
        *,
        token_of: TokenOf,
        timing: Timing,
        reposts: frozenset[str],
        jitter: Callable[[], float],
        reached: Callable[[str], None],
    ) -> None:
        self._store = store
        self._slack = slack
        self._token_of = token_of
        self._timing = timing
        self._reposts = reposts
        self._jitter = jitter
        self._reached = reached

    async def perform(self, taken: Claim) -> None:
        """Look for the claim's message and write down what was found.

        A read that fails decides nothing. Raises SlackRefused only when the token itself is refused, and
        whatever deleting a copy raises.
        """
        try:
            channel = await self._where(taken)
            found = await self._copies(taken, channel)
        except SlackRefused as error:
            if error.code in TOKEN_DEAD:
                raise
            await self._unverifiable(taken, error)
        except (NotDone, OutcomeUnknown) as error:
            await self._store.transaction(
                outbox.unread,
                taken,
                error=str(error),
                retry_in=error.retry_in,
                timing=self._timing,
                jitter=self._jitter(),
            )
        else:
            self._reached("delivery.looked")
            await self._conclude(taken, channel, found)

    async def _conclude(self, taken: Claim, channel: str, found: list[Found]) -> None:
        if taken.action is Action.AUDIT:
            await self._heal(taken, channel, found)
        elif not found:
            await self._store.transaction(outbox.absent, taken, timing=self._timing, jitter=self._jitter())
        elif taken.anchor is not None and found[0].thread_ts != taken.anchor[1]:
            log.warning("slack.thread_gone", job=taken.stored.job.id)
            await self._store.transaction(detours.strayed, taken, channel=channel, ts=found[0].ts)
        else:
            log.info("slack.message_found", job=taken.stored.job.id, kind=taken.effect.kind.value)
            await self._store.transaction(
                outbox.done,
                taken,
                ext_id=found[0].ts,
                ext_channel=channel,
                have=version(found[0]),
                timing=self._timing,
            )

    async def _where(self, taken: Claim) -> str:
        """Return the channel that the message is in, if it is; a person's is their conversation with us."""
        if taken.anchor is not None:
            return taken.anchor[0]
        channel = taken.effect.ext_channel or taken.effect.target
        if channel.startswith(_PEOPLE):
            return await self._slack.open_dm(await self._token(taken), channel)
        return channel

    async def _copies(self, taken: Claim, channel: str) -> list[Found]:
        """Return the messages with the claim's stamp, oldest first."""
        found = await self._thread(taken, channel)
        if found is None:
            found = await self._top_level(taken, channel)
        ours = (message for message in found if is_stamped(message, taken))
        return sorted(ours, key=lambda message: float(message.ts))

    async def _thread(self, taken: Claim, channel: str) -> list[Found] | None:
        """Return the messages of the card's thread, None when there is no thread (any more)."""
        if taken.anchor is None:
            return None
        try:
            return await self._slack.replies(
                await self._token(taken), channel, taken.anchor[1], oldest=self._oldest(taken)
            )
        except SlackRefused as error:
            if error.code not in _THREAD_GONE:
                raise
            return None

    async def _top_level(self, taken: Claim, channel: str) -> list[Found]:
        sent_at = taken.effect.maybe_sent_at or taken.at
        latest = sent_at + self._timing.settle + _CLOCKS_APART_SECONDS
        return await self._slack.history(
            await self._token(taken), channel, oldest=self._oldest(taken), latest=latest
        )

    def _oldest(self, taken: Claim) -> float:
        return (taken.effect.first_sent_at or taken.at) - _CLOCKS_APART_SECONDS

    async def _heal(self, taken: Claim, channel: str, found: list[Found]) -> None:
        visible = None
        for message in found:
            if message.ts == taken.effect.ext_id:
                visible = version(message)
            else:
                log.error("slack.copy_deleted", job=taken.stored.job.id, ts=message.ts)
                await self._delete(taken, channel, message.ts)
        await self._store.transaction(outbox.audited, taken, visible=visible)

    async def _delete(self, taken: Claim, channel: str, ts: str) -> None:
        try:
            await self._slack.delete(await self._token(taken), channel, ts)
        except SlackRefused as error:
            if error.code in TOKEN_DEAD:
                raise
            log.warning("slack.copy_stays", job=taken.stored.job.id, ts=ts, code=error.code)

    async def _unverifiable(self, taken: Claim, error: SlackRefused) -> None:
        kind = taken.effect.kind
        repost = ("chatter" if kind is Kind.CARD else "results") in self._reposts
        log.warning("slack.cannot_read_back", job=taken.stored.job.id, code=error.code, repost=repost)
        await self._store.transaction(
            outbox.unverifiable, taken, error=error.code, timing=self._timing, repost=repost
        )

    async def _token(self, taken: Claim) -> str:
        return await self._token_of(taken.stored.job.team_id)
