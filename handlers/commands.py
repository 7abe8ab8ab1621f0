"""The door for slash commands: text in, one service, an answer out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.errors import BadCommand
from bot.mux.accounts import AccountOf
from bot.rules import grammar
from bot.rules.form import CaptionForm
from bot.rules.steering import Cancel, Files, Listing, Retry, Status
from bot.rules.text import normalise
from bot.services import captions, many, sharing, standing, steering
from bot.services.captions import Ask
from bot.services.many import Wanted
from bot.services.steering import Wish
from bot.store.database import Database
from bot.ui import diagnosis, listing, replies, shared, steered
from bot.ui import many as many_ui
from bot.ui.message import Message
from handlers.acting import commander
from handlers.channel_settings import ChannelSettings
from handlers.examining import Doctor
from handlers.modals import Modals, Opening
from handlers.replying import afterwards, ephemeral


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """`/caption`.

    `account_of` gives a workspace's Mux environment. `poll_in_seconds` is when a new job is first asked
    about.
    """

    store: Database
    modals: Modals
    account_of: AccountOf
    poll_in_seconds: float
    doctor: Doctor | None = None

    async def caption(self, ack: AsyncAck, body: Mapping[str, Any], context: AsyncBoltContext) -> None:
        """Commit the job, then ack. The form opens when the ack has left, within its trigger's time."""
        text, command = str(body.get("text", "")), str(body.get("command", "/caption"))
        try:
            asked = grammar.parse(text)
        except BadCommand as error:
            await ack(**ephemeral(replies.bad_command(error, normalise(text), command=command)))
            return
        if isinstance(asked, grammar.Doctor):
            self._examine(body, context)
            await ack(**ephemeral(diagnosis.looking()))
        elif isinstance(asked, grammar.OpenModal | grammar.Settings):
            await self._open(asked, body, context)
            await ack()
        else:
            await ack(**ephemeral(await self._answer(asked, body, command)))

    def _examine(self, body: Mapping[str, Any], context: AsyncBoltContext) -> None:
        if self.doctor is not None:
            afterwards(context, self.doctor.work(commander(body), str(body.get("response_url", ""))))

    async def _answer(
        self,
        asked: grammar.Caption | grammar.Help | Status | Listing | Cancel | Retry | Files,
        body: Mapping[str, Any],
        command: str,
    ) -> Message:
        match asked:
            case grammar.Caption():
                return await self._request(asked, body)
            case grammar.Help():
                return _help(command)
            case Status():
                return await self._status(asked, body)
            case Listing():
                return await self._list(asked, body, command)
            case Cancel() | Retry():
                return await self._steer(asked, body)
            case Files():
                return await self._files(asked, body)

    async def _open(
        self,
        asked: grammar.OpenModal | grammar.Settings,
        body: Mapping[str, Any],
        context: AsyncBoltContext,
    ) -> None:
        asker = commander(body)
        tell = self.modals.through(str(body.get("response_url", "")))
        wish = Opening(asker=asker, trigger_id=str(body["trigger_id"]), tell=tell, fresh=True)
        if isinstance(asked, grammar.Settings):
            work = await ChannelSettings(modals=self.modals).opening(wish)
        else:
            work = await self.modals.opening(CaptionForm(channel_id=asker.channel_id), wish)
        afterwards(context, work)

    async def _request(self, asked: grammar.Caption, body: Mapping[str, Any]) -> Message:
        if len(asked.pointers) > 1:
            return await self._offer(asked, body)
        user_id = str(body["user_id"])
        outcome = await self.store.transaction(
            captions.request,
            Ask(
                request=asked.request,
                pointer=asked.pointers[0],
                warnings=asked.warnings,
                request_key=f"command:{body['team_id']}:{body['trigger_id']}",
                team_id=str(body["team_id"]),
                channel_id=str(body["channel_id"]),
                user_id=user_id,
                mux_account=await self.account_of(str(body["team_id"])),
                poll_in_seconds=self.poll_in_seconds,
                with_channels_phrases=True,
            ),
        )
        if outcome.joined:
            whose = outcome.job.user_id
            return replies.joined(outcome.job, whose="" if whose == user_id else whose)
        return replies.accepted(outcome.job, added=len(outcome.added))

    async def _offer(self, asked: grammar.Caption, body: Mapping[str, Any]) -> Message:
        offered = await self.store.transaction(
            many.offer,
            Wanted(
                request=asked.request,
                pointers=asked.pointers,
                warnings=asked.warnings,
                asker=commander(body),
                act_key=f"command:{body['team_id']}:{body['trigger_id']}",
                mux_account=await self.account_of(str(body["team_id"])),
            ),
        )
        return many_ui.offer(
            offered.draft_id,
            offered.request,
            offered.videos,
            offered.warnings,
            added=len(offered.added),
        )

    async def _status(self, asked: Status, body: Mapping[str, Any]) -> Message:
        if not asked.name:
            return listing.standing(await self.store.transaction(standing.here, commander(body)))
        found = await self.store.transaction(
            standing.of, commander(body), name=asked.name, account=await self.account_of(str(body["team_id"]))
        )
        return listing.standing(found, name=asked.name)

    async def _files(self, asked: Files, body: Mapping[str, Any]) -> Message:
        account = await self.account_of(str(body["team_id"]))
        found = await self.store.transaction(sharing.ask, commander(body), name=asked.name, account=account)
        return shared.answer(found, name=asked.name)

    async def _list(self, asked: Listing, body: Mapping[str, Any], command: str) -> Message:
        found = await self.store.transaction(standing.page, commander(body), scope=asked.scope)
        return listing.page(found, command=command)

    async def _steer(self, asked: Cancel | Retry, body: Mapping[str, Any]) -> Message:
        wish = await self._wish(asked.name, body)
        if isinstance(asked, Cancel):
            return steered.cancelled(await self.store.transaction(steering.cancel, wish))
        return steered.retried(await self.store.transaction(steering.retry, wish))

    async def _wish(self, name: str, body: Mapping[str, Any]) -> Wish:
        return Wish(
            asker=commander(body),
            name=name,
            key=f"command:{body['team_id']}:{body['trigger_id']}",
            mux_account=await self.account_of(str(body["team_id"])),
            poll_in_seconds=self.poll_in_seconds,
        )


def _help(command: str) -> Message:
    usage, *rows = grammar.help_rows(command)
    return replies.help_message(usage.syntax, [(row.syntax, row.meaning, row.example) for row in rows])
