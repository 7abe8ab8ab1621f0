"""The door for buttons on our messages: a press in, one service, a private answer after the ack."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.errors import VendorError
from bot.mux.accounts import AccountOf
from bot.rules.policy import Act
from bot.rules.steering import Scope
from bot.services import many, sharing, standing, steering
from bot.services.steering import Wish
from bot.slack.client import SlackClient
from bot.store.database import Database
from bot.ui import buttons, listing, mend_buttons, shared, steered
from bot.ui import many as many_ui
from bot.ui.message import Message
from handlers.acting import Press
from handlers.replying import afterwards

# All presses of one button of a job are the same act, so that a double click makes one new job.
_KEY: Final = "button"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Buttons:
    """The buttons of jobs and lists; the arguments are those of `Commands`."""

    store: Database
    slack: SlackClient
    account_of: AccountOf
    poll_in_seconds: float

    async def pressed(self, ack: AsyncAck, body: Mapping[str, Any], context: AsyncBoltContext) -> None:
        """Commit what the press does, then ack; the private answer follows when the ack has left."""
        press = Press.from_body(body)
        answer = self._answers().get(press.action_id)
        if answer is not None:
            message = await answer(press)
            afterwards(context, lambda: self._tell(press, message))
        await ack()

    def _answers(self) -> dict[str, Callable[[Press], Awaitable[Message]]]:
        return {
            buttons.CANCEL: self._cancel,
            buttons.RETRY: self._retry,
            buttons.REPLACE: self._replace,
            buttons.FILES_ONLY: self._files_only,
            mend_buttons.UNSAVED: self._unsaved,
            buttons.STATUS: self._status,
            buttons.FILES: self._files,
            buttons.LIST_PAGE: self._page,
            buttons.LIST_TOP: self._page,
            many_ui.START: self._start_many,
            many_ui.DROP: self._drop_many,
        }

    async def _cancel(self, press: Press) -> Message:
        return steered.cancelled(await self.store.transaction(steering.cancel, await self._wish(press)))

    async def _retry(self, press: Press) -> Message:
        return await self._again(press, Act.RETRY)

    async def _replace(self, press: Press) -> Message:
        return await self._again(press, Act.REPLACE)

    async def _files_only(self, press: Press) -> Message:
        return await self._again(press, Act.FILES_ONLY)

    async def _unsaved(self, press: Press) -> Message:
        return await self._again(press, Act.UNSAVED)

    async def _again(self, press: Press, act: Act) -> Message:
        outcome = await self.store.transaction(steering.retry, await self._wish(press), act)
        return steered.retried(outcome, on_a_button=True)

    async def _status(self, press: Press) -> Message:
        found = await self.store.transaction(
            standing.of, press.asker, name=press.value, account=await self.account_of(press.asker.team_id)
        )
        return listing.standing(found, name=press.value)

    async def _files(self, press: Press) -> Message:
        account = await self.account_of(press.asker.team_id)
        asked = await self.store.transaction(sharing.ask, press.asker, name=press.value, account=account)
        return shared.answer(asked, name=press.value)

    async def _page(self, press: Press) -> Message:
        scope, _, before = press.value.partition(":")
        found = await self.store.transaction(
            standing.page,
            press.asker,
            # A value that no button of ours has shows what everybody may see of their own.
            scope=Scope(scope) if scope in set(Scope) else Scope.MINE,
            before=int(before) if before.isdecimal() else None,
        )
        return listing.page(found)

    async def _start_many(self, press: Press) -> Message:
        made = await self.store.transaction(
            many.start,
            press.value,
            press.asker,
            mux_account=await self.account_of(press.asker.team_id),
            poll_in_seconds=self.poll_in_seconds,
        )
        return many_ui.started([(each.job, each.joined) for each in made]) if made else many_ui.gone()

    async def _drop_many(self, press: Press) -> Message:
        dropped = await self.store.transaction(many.drop, press.value, press.asker)
        return many_ui.dropped() if dropped else many_ui.gone()

    async def _wish(self, press: Press) -> Wish:
        return Wish(
            asker=press.asker,
            name=press.value,
            key=_KEY,
            mux_account=await self.account_of(press.asker.team_id),
            on_a_button=True,
            poll_in_seconds=self.poll_in_seconds,
        )

    async def _tell(self, press: Press, message: Message) -> None:
        """Say it through the response_url, best effort: the card is the record.

        A message that only this person saw is replaced, so that its buttons are gone.
        """
        try:
            await self.slack.respond(
                press.response_url, message.text, message.blocks, replace_original=press.in_private
            )
        except VendorError as error:
            log.warning("slack.private_answer_lost", action=press.action_id, error=str(error))
