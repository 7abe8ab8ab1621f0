"""Says things in Slack: each once, whatever becomes of the connection."""

from __future__ import annotations

import random
import secrets
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog

from bot.clock import Clock
from bot.errors import NotDone, OutcomeUnknown, SlackRefused
from bot.rules.effects import Action, Kind
from bot.rules.hosts import Hosts
from bot.rules.pacing import Timing
from bot.services import claiming, detours, outbox
from bot.services.claiming import Claim
from bot.slack.client import SlackClient
from bot.slack.errors import OUR_BUG, THREAD_CLOSED, TOKEN_DEAD, UNREACHABLE_CHANNEL
from bot.slack.tokens import NOT_INSTALLED, TokenOf
from bot.slack.values import Posted
from bot.store.database import Database
from bot.ui.message import Message
from bot.ui.rendering import plain, render
from bot.workers.inbox import Inbox
from bot.workers.lookup import Lookup
from bot.workers.stamp import metadata
from bot.workers.steps import Steps

_ALREADY_GONE: Final = frozenset({"message_not_found", "channel_not_found"})
_CLOSED_FOR_GOOD: Final = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})

_MUX: Final = Hosts()

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Delivery:
    """Takes one message at a time. Several loops may share one of these.

    `token_of` gives a workspace's bot token; `hosts` are where Mux shows pictures and films. `reposts` names
    the classes (`results`, `chatter`) that are sent again when nobody may read the channel. `queue` is
    `slack`, what is new, or `edit`. With an `inbox` a free loop takes an event that has just arrived, applies
    it and sends what follows from it, so that nothing is waited for in between.
    """

    def __init__(
        self,
        store: Database,
        slack: SlackClient,
        clock: Clock,
        *,
        token_of: TokenOf,
        timing: Timing,
        reposts: frozenset[str],
        queue: str = "slack",
        inbox: Inbox | None = None,
        hosts: Hosts = _MUX,
        jitter: Callable[[], float] = random.random,
        reached: Callable[[str], None] = lambda _boundary: None,
    ) -> None:
        self.bell = queue
        self._store = store
        self._slack = slack
        self._clock = clock
        self._inbox = inbox
        self._token_of = token_of
        self._timing = timing
        self._hosts = hosts
        self._jitter = jitter
        self._reached = reached
        self._steps = Steps(store, slack, token_of=token_of)
        self._lookup = Lookup(
            store,
            slack,
            token_of=token_of,
            timing=timing,
            reposts=reposts,
            jitter=jitter,
            reached=reached,
        )

    async def step(self) -> int:
        """Deal with one event, one message, or both; 0 when there is neither."""
        started = self._clock.monotonic()
        owner = secrets.token_hex(8)
        event = None if self._inbox is None else self._inbox.next()
        taken = (
            await self._store.transaction(claiming.claim, self.bell, owner=owner, timing=self._timing)
            if self._inbox is None or event is None
            else await self._inbox.apply_and_claim(event, owner=owner)
        )
        if taken is None:
            return 0 if event is None else 1
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

    async def due_in(self) -> float | None:
        """Return the seconds until the next message may be claimed."""
        return await self._store.transaction(claiming.due_in, self.bell)

    async def _perform(self, taken: Claim, started: float) -> None:
        if taken.action in {Action.VERIFY, Action.AUDIT}:
            await self._lookup.perform(taken)
        elif taken.effect.kind is Kind.UNDO:
            await self._undo(taken)
        elif taken.effect.kind is Kind.STEP:
            await self._steps.perform(taken)
        elif taken.action is Action.UPDATE:
            await self._update(taken)
        elif self._clock.monotonic() - started > self._timing.send:
            raise NotDone("the intent grew too old before it was sent")
        else:
            await self._post(taken)

    async def _post(self, taken: Claim) -> None:
        posted = await self._say(taken, self._send)
        self._reached("delivery.posted")
        if taken.anchor is not None and posted.thread_ts != taken.anchor[1]:
            log.warning("slack.thread_gone", job=taken.stored.job.id)
            await self._store.transaction(detours.strayed, taken, channel=posted.channel, ts=posted.ts)
        else:
            await self._done(taken, ext_id=posted.ts, ext_channel=posted.channel)

    async def _say(self, taken: Claim, how: Callable[[Claim, Message], Awaitable[T]]) -> T:
        message = render(
            taken.effect, taken.stored.job, in_thread=taken.anchor is not None, hosts=self._hosts
        )
        try:
            return await how(taken, message)
        except SlackRefused as error:
            if error.code not in OUR_BUG:
                raise
            # Slack certainly did not take it, so a plainer form of the same message may follow at once.
            log.error("slack.message_refused", job=taken.stored.job.id, code=error.code)  # noqa: TRY400
            return await how(taken, plain(message))

    async def _send(self, taken: Claim, message: Message) -> Posted:
        return await self._slack.post(
            await self._token(taken),
            taken.effect.target if taken.anchor is None else taken.anchor[0],
            text=message.text,
            blocks=message.blocks,
            metadata=metadata(taken),
            thread_ts=None if taken.anchor is None else taken.anchor[1],
            broadcast=taken.tells_channel,
        )

    async def _update(self, taken: Claim) -> None:
        await self._say(taken, self._replace)
        self._reached("delivery.updated")
        effect = taken.effect
        await self._done(taken, ext_id=effect.ext_id or "", ext_channel=effect.ext_channel)

    async def _replace(self, taken: Claim, message: Message) -> None:
        effect = taken.effect
        await self._slack.update(
            await self._token(taken),
            effect.ext_channel or effect.target,
            effect.ext_id or "",
            text=message.text,
            blocks=message.blocks,
            metadata=metadata(taken),
        )

    async def _undo(self, taken: Claim) -> None:
        channel, _, ts = taken.effect.target.partition(":")
        try:
            await self._slack.delete(await self._token(taken), channel, ts)
        except SlackRefused as error:
            if error.code not in _ALREADY_GONE:
                raise
        await self._store.transaction(outbox.settled, taken)

    async def _refused(self, taken: Claim, error: SlackRefused) -> None:
        facts = {"job": taken.stored.job.id, "kind": taken.effect.kind.value, "code": error.code}
        if error.method == NOT_INSTALLED:
            log.info("slack.not_installed", **facts)
            await self._store.transaction(outbox.settled, taken, error=error.code)
        elif error.code in TOKEN_DEAD or error.code == "missing_scope":
            log.error("slack.token_refused", **facts, needed=error.needed)
            await self._store.transaction(outbox.parked, taken, error=error.code)
        elif taken.action is Action.UPDATE:
            await self._cannot_edit(taken, error, facts)
        elif error.code in UNREACHABLE_CHANNEL and taken.action is Action.SEND:
            log.warning("slack.channel_closed", **facts)
            await self._store.transaction(detours.closed, taken, code=error.code)
        elif error.code in THREAD_CLOSED and taken.anchor is not None:
            log.warning("slack.thread_closed", **facts)
            await self._store.transaction(detours.unanswerable, taken, code=error.code)
        else:
            log.error("slack.gave_up", **facts)
            await self._store.transaction(outbox.buried, taken, error=error.code)

    async def _cannot_edit(self, taken: Claim, error: SlackRefused, facts: dict[str, str]) -> None:
        """Close a message that can be edited no more; a card that people deleted has no thread either."""
        log.info("slack.message_gone", **facts)
        if error.code == "message_not_found" and taken.effect.kind is Kind.CARD:
            await self._store.transaction(detours.orphaned, taken, code=error.code)
        elif error.code in _CLOSED_FOR_GOOD:
            await self._store.transaction(outbox.retired, taken, error=error.code)
        elif error.code in UNREACHABLE_CHANNEL:
            # Whoever opens the channel again sees the newest state once there is one.
            await self._store.transaction(outbox.settled, taken, error=error.code)
        else:
            log.error("slack.gave_up", **facts)
            await self._store.transaction(outbox.buried, taken, error=error.code)

    async def _done(self, taken: Claim, *, ext_id: str, ext_channel: str | None) -> None:
        await self._store.transaction(
            outbox.done, taken, ext_id=ext_id, ext_channel=ext_channel, timing=self._timing
        )

    async def _token(self, taken: Claim) -> str:
        return await self._token_of(taken.stored.job.team_id)
