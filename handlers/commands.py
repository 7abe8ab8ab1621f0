"""The door for slash commands: text in, one service, an answer out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.errors import BadCommand
from bot.rules import grammar
from bot.rules.text import normalise
from bot.services import captions
from bot.services.captions import Ask
from bot.store.database import Database
from bot.ui import replies
from bot.ui.message import Message
from handlers.replying import ephemeral


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """`/caption` for one Mux account. `poll_in_seconds` is when a new job is first asked about."""

    store: Database
    mux_account: str
    poll_in_seconds: float

    async def caption(self, ack: AsyncAck, body: Mapping[str, Any]) -> None:
        """Commit the job, then ack; nothing is sent to anybody before or after."""
        await ack(**ephemeral(await self._answer(body)))

    async def _answer(self, body: Mapping[str, Any]) -> Message:
        text = str(body.get("text", ""))
        command = str(body.get("command", "/caption"))
        try:
            asked = grammar.parse(text)
        except BadCommand as error:
            return replies.bad_command(error, normalise(text), command=command)
        match asked:
            case grammar.Caption():
                return await self._request(asked, body)
            case grammar.Help() | grammar.OpenModal():
                return _help(command)

    async def _request(self, asked: grammar.Caption, body: Mapping[str, Any]) -> Message:
        user_id = str(body["user_id"])
        outcome = await self.store.transaction(
            captions.request,
            Ask(
                request=asked.request,
                warnings=asked.warnings,
                request_key=f"command:{body['team_id']}:{body['trigger_id']}",
                team_id=str(body["team_id"]),
                channel_id=str(body["channel_id"]),
                user_id=user_id,
                mux_account=self.mux_account,
                poll_in_seconds=self.poll_in_seconds,
            ),
        )
        if outcome.joined:
            whose = outcome.job.user_id
            return replies.joined(outcome.job, whose="" if whose == user_id else whose)
        return replies.accepted(outcome.job)


def _help(command: str) -> Message:
    usage, *rows = grammar.help_rows(command)
    return replies.help_message(usage.syntax, [(row.syntax, row.meaning, row.example) for row in rows])
