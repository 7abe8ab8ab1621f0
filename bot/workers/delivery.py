"""Says things in Slack: each once, whatever becomes of the connection."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable
from typing import Any, Final

import structlog

from bot.clock import Clock
from bot.errors import NotDone, OutcomeUnknown, SlackRefused
from bot.rules.effects import Action, Kind
from bot.rules.pacing import Timing
from bot.services import detours, outbox
from bot.services.outbox import Claim
from bot.slack.client import SlackClient
from bot.slack.errors import OUR_BUG, TOKEN_DEAD, UNREACHABLE_CHANNEL
from bot.slack.values import Found, Posted
from bot.store import lanes
from bot.store.database import Database
from bot.ui.message import Message
from bot.ui.rendering import plain, render

EVENT_TYPE: Final = "caption_job"

_CLOCKS_APART_SECONDS: Final = 5.0
_PEOPLE: Final = ("U", "W")
_ALREADY_GONE: Final = frozenset({"message_not_found", "channel_not_found"})
_CARD_GONE: Final = frozenset(
    {"message_not_found", "cant_update_message", "edit_window_closed", "is_inactive"}
)

log = structlog.get_logger(__name__)


class Delivery:
    """Takes one message at a time. Several loops may share one of these.

    `token_of` gives a workspace's bot token; `bot_user_id_of` the bot's own user, whose messages alone
    count when one is looked for. `reposts` names the classes (`results`, `chatter`) that are sent again
    when nobody may read the channel.
    """

    bell = "slack"

    def __init__(
        self,
        store: Database,
        slack: SlackClient,
        clock: Clock,
        *,
        token_of: Callable[[str], str],
        timing: Timing,
        reposts: frozenset[str],
        jitter: Callable[[], float] = random.random,
        reached: Callable[[str], None] = lambda _boundary: None,
    ) -> None:
        self._store = store
        self._slack = slack
        self._clock = clock
        self._token_of = token_of
        self._timing = timing
        self._reposts = reposts
        self._jitter = jitter
        self._reached = reached

    async def step(self) -> int:
        """Deal with one message; 0 when none is due."""
        started = self._clock.monotonic()
        taken = await self._store.transaction(
            outbox.claim, "slack", owner=secrets.token_hex(8), timing=self._timing
        )
        if taken is None:
            return 0
        self._reached("delivery.claimed")
        try:
            await self._perform(taken, started)
        except NotDone as error:
            await self._store.transaction(
                outbox.not_done, taken, error=str(error), retry_in=error.retry_in, jitter=self._jitter()
            )
        except OutcomeUnknown as error:
            await self._store.transaction(outbox.unknown, taken, error=str(error), jitter=self._jitter())
        except SlackRefused as error:
            await self._refused(taken, error)
        self._reached("delivery.finished")
        return 1

    async def next_at(self) -> float | None:
        """Return when the next message may be claimed."""
        return await self._store.transaction(lanes.next_ready_at, "slack")

    async def _perform(self, taken: Claim, started: float) -> None:
        if taken.action in {Action.VERIFY, Action.AUDIT}:
            await self._look(taken)
        elif taken.effect.kind is Kind.UNDO:
            await self._undo(taken)
        elif taken.action is Action.UPDATE:
            await self._update(taken)
        elif self._clock.monotonic() - started > self._timing.send:
            raise NotDone("the intent grew too old before it was sent")
        else:
            await self._post(taken)

    async def _post(self, taken: Claim) -> None:
        message = render(taken.effect, taken.stored.job, in_thread=taken.anchor is not None)
        try:
            posted = await self._send(taken, message)
        except SlackRefused as error:
            if error.code not in OUR_BUG:
                raise
            # Slack certainly did not take it, so a plainer form of the same message may follow at once.
            log.error("slack.message_refused", job=taken.stored.job.id, code=error.code)  # noqa: TRY400
            posted = await self._send(taken, plain(message))
        self._reached("delivery.posted")
        if taken.anchor is not None and posted.thread_ts != taken.anchor[1]:
            log.warning("slack.thread_gone", job=taken.stored.job.id)
            await self._store.transaction(detours.strayed, taken, channel=posted.channel, ts=posted.ts)
        else:
            await self._done(taken, ext_id=posted.ts, ext_channel=posted.channel)

    async def _send(self, taken: Claim, message: Message) -> Posted:
        return await self._slack.post(
            self._token(taken),
            taken.effect.target if taken.anchor is None else taken.anchor[0],
            text=message.text,
            blocks=message.blocks,
            metadata=metadata(taken),
            thread_ts=None if taken.anchor is None else taken.anchor[1],
        )

    async def _update(self, taken: Claim) -> None:
        effect = taken.effect
        message = render(effect, taken.stored.job, in_thread=taken.anchor is not None)
        await self._slack.update(
            self._token(taken),
            effect.ext_channel or effect.target,
            effect.ext_id or "",
            text=message.text,
            blocks=message.blocks,
            metadata=metadata(taken),
        )
        self._reached("delivery.updated")
        await self._done(taken, ext_id=effect.ext_id or "", ext_channel=effect.ext_channel)

    async def _undo(self, taken: Claim) -> None:
        channel, _, ts = taken.effect.target.partition(":")
        try:
            await self._slack.delete(self._token(taken), channel, ts)
        except SlackRefused as error:
            if error.code not in _ALREADY_GONE:
                raise
        await self._store.transaction(outbox.settled, taken)

    async def _look(self, taken: Claim) -> None:
        """Read the channel back for messages with our own stamp: to adopt one, or to heal copies."""
        try:
            channel = await self._where(taken)
            found = await self._copies(taken, channel)
        except SlackRefused as error:
            await self._unverifiable(taken, error)
            return
        except (NotDone, OutcomeUnknown) as error:
            await self._store.transaction(
                outbox.unread, taken, error=str(error), retry_in=error.retry_in, jitter=self._jitter()
            )
            return
        self._reached("delivery.looked")
        if taken.action is Action.AUDIT:
            await self._heal(taken, channel, found)
        elif found:
            first = found[0]
            log.info("slack.message_found", job=taken.stored.job.id, kind=taken.effect.kind.value)
            await self._done(taken, ext_id=first.ts, ext_channel=channel, have=_version(first))
        else:
            await self._store.transaction(outbox.absent, taken, timing=self._timing, jitter=self._jitter())

    async def _where(self, taken: Claim) -> str:
        """Return the channel that the message is in, if it is; a person's is their conversation with us."""
        if taken.anchor is not None:
            return taken.anchor[0]
        channel = taken.effect.ext_channel or taken.effect.target
        if channel.startswith(_PEOPLE):
            return await self._slack.open_dm(self._token(taken), channel)
        return channel

    async def _copies(self, taken: Claim, channel: str) -> list[Found]:
        oldest = (taken.effect.first_sent_at or taken.at) - _CLOCKS_APART_SECONDS
        token = self._token(taken)
        if taken.anchor is not None:
            found = await self._slack.replies(token, channel, taken.anchor[1], oldest=oldest)
        else:
            found = await self._slack.history(token, channel, oldest=oldest)
        wanted = metadata(taken)["event_payload"]
        return sorted(
            (message for message in found if _is_ours(message, wanted)), key=lambda message: float(message.ts)
        )

    async def _heal(self, taken: Claim, channel: str, found: list[Found]) -> None:
        visible = None
        for message in found:
            if message.ts == taken.effect.ext_id:
                visible = _version(message)
            else:
                log.error("slack.copy_deleted", job=taken.stored.job.id, ts=message.ts)
                await self._slack.delete(self._token(taken), channel, message.ts)
        await self._store.transaction(outbox.audited, taken, visible=visible)

    async def _unverifiable(self, taken: Claim, error: SlackRefused) -> None:
        kind = taken.effect.kind
        repost = ("chatter" if kind is Kind.CARD else "results") in self._reposts
        log.warning("slack.cannot_read_back", job=taken.stored.job.id, code=error.code, repost=repost)
        await self._store.transaction(
            outbox.unverifiable, taken, error=error.code, timing=self._timing, repost=repost
        )

    async def _refused(self, taken: Claim, error: SlackRefused) -> None:
        facts = {"job": taken.stored.job.id, "kind": taken.effect.kind.value, "code": error.code}
        if error.code in TOKEN_DEAD or error.code == "missing_scope":
            log.error("slack.token_refused", **facts, needed=error.needed)
            await self._store.transaction(outbox.parked, taken, error=error.code)
        elif taken.action is Action.UPDATE and error.code in _CARD_GONE:
            log.info("slack.message_gone", **facts)
            await self._store.transaction(outbox.settled, taken, error=error.code)
        elif error.code in UNREACHABLE_CHANNEL and taken.action is Action.SEND:
            log.warning("slack.channel_closed", **facts)
            await self._store.transaction(detours.closed, taken, code=error.code)
        else:
            log.error("slack.gave_up", **facts)
            await self._store.transaction(outbox.buried, taken, error=error.code)

    async def _done(
        self, taken: Claim, *, ext_id: str, ext_channel: str | None, have: int | None = None
    ) -> None:
        await self._store.transaction(
            outbox.done, taken, ext_id=ext_id, ext_channel=ext_channel, have=have, timing=self._timing
        )

    def _token(self, taken: Claim) -> str:
        return self._token_of(taken.stored.job.team_id)


def metadata(taken: Claim) -> dict[str, Any]:
    """Return the message's stamp: ids only, since every app in the channel may read it.

    `v` is the version of the effect that the message shows, so that an audit can tell stale text.
    """
    return {
        "event_type": EVENT_TYPE,
        "event_payload": {
            "job": taken.stored.job.id,
            "kind": taken.effect.kind.name_in_metadata,
            "v": taken.effect.want,
        },
    }


def _is_ours(message: Found, wanted: dict[str, Any]) -> bool:
    payload = message.metadata.get("event_payload") or {}
    return message.metadata.get("event_type") == EVENT_TYPE and all(
        payload.get(name) == wanted[name] for name in ("job", "kind")
    )


def _version(message: Found) -> int:
    return int((message.metadata.get("event_payload") or {}).get("v", 0))
