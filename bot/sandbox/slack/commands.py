"""Slash commands and shortcuts, from the Enter key to what the person then sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack.ack import Ack
from bot.sandbox.slack.core import Core
from bot.sandbox.slack.model import Message, Refusal
from bot.sandbox.slack.payloads import (
    VERIFICATION_TOKEN,
    channel_label,
    enterprise,
    interaction,
    member_channel,
    person,
    place,
)
from bot.sandbox.slack.response_urls import ResponseUrl
from bot.sandbox.slack.sender import Sender

SLACKBOT = "USLACKBOT"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandOutcome:
    """What came of a command.

    `status` is the bot's HTTP status, None where no answer came or nothing was sent. `shown` is the message
    that the ack made, or Slack's own notice to the person; None after an empty ack.
    """

    status: int | None
    timed_out: bool = False
    shown: Message | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of an act; `sent` is False where Slack tells the bot nothing of it."""

    status: int | None
    timed_out: bool = False
    sent: bool = True


class Commands:
    """People who type commands and pick shortcuts."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._sender = Sender(core)

    async def command(
        self, user_id: str, channel_id: str, command: str, text: str, *, thread_ts: str | None = None
    ) -> CommandOutcome:
        """Type a slash command, and see what the bot acks within three seconds.

        Raises:
            Refusal: `user_not_found`, `channel_not_found`, `not_in_channel` or `is_archived`.
        """
        core = self._core
        channel = member_channel(core, user_id, channel_id)
        if thread_ts is not None:
            sentence = f"{command} is not supported in threads. Sorry!"
            return CommandOutcome(status=None, shown=self._notice(channel.id, user_id, sentence))
        if not core.installed:
            return CommandOutcome(status=None, shown=self._notice(channel.id, user_id, _unknown(command)))
        url = core.response_urls.issue(channel.id, user_id, command=f"{command} {text}".rstrip())
        form = {
            "token": VERIFICATION_TOKEN,
            "team_id": core.config.team_id,
            "team_domain": core.config.team_domain,
            "channel_id": channel.id,
            "channel_name": channel_label(channel),
            "user_id": user_id,
            "user_name": person(core, user_id)["name"],
            "command": command,
            "text": text,
            "api_app_id": core.config.app_id,
            "is_enterprise_install": "true" if core.org_wide else "false",
            "response_url": core.response_urls.address(url),
            "trigger_id": core.triggers.issue(user_id, channel.id),
        }
        if (owner := enterprise(core)) is not None:
            form |= {"enterprise_id": owner["id"], "enterprise_name": owner["name"]}
        ack = await self._sender.send_form("command", form)
        return CommandOutcome(status=ack.status, timed_out=ack.timed_out, shown=self._show(command, url, ack))

    def _show(self, command: str, url: ResponseUrl, ack: Ack) -> Message | None:
        code = "operation_timeout" if ack.timed_out else "dispatch_failed"
        if ack.ok:
            try:
                content = ack.read()
                return self._core.response_urls.show(url, content) if _says_something(content) else None
            except Refusal:
                code = "invalid_command_response"
        return self._notice(url.channel, url.user, f'{command} failed with the error "{code}"')

    def _notice(self, channel_id: str, user_id: str, text: str) -> Message:
        return self._core.workspace.post(channel_id, SLACKBOT, text, ephemeral_to=user_id)

    async def shortcut(
        self, user_id: str, callback_id: str, *, channel_id: str = "", ts: str = ""
    ) -> Outcome:
        """Pick a shortcut: a message's when `ts` names one, otherwise a global one.

        Raises:
            Refusal: `message_not_found` and the like; there are none on ephemeral messages.
        """
        core = self._core
        common = {
            "callback_id": callback_id,
            "trigger_id": core.triggers.issue(user_id, channel_id),
            "action_ts": core.workspace.next_ts(),
        }
        if not ts:
            return await self._pick(user_id, interaction(core, "shortcut", user_id) | common)
        spot = place(core, user_id, channel_id=channel_id, ts=ts)
        message = spot.message
        if message is None or message.ephemeral_to is not None:
            raise Refusal("message_not_found")
        url = core.response_urls.issue(message.channel, user_id)
        described = spot.describe(core)
        payload = interaction(core, "message_action", user_id) | common
        payload |= {name: described[name] for name in ("channel", "message")}
        payload |= {"message_ts": message.ts, "response_url": core.response_urls.address(url)}
        return await self._pick(user_id, payload)

    async def _pick(self, user_id: str, payload: dict[str, Any]) -> Outcome:
        ack = await self._sender.send_payload(payload["type"], payload)
        self._tell_failure(user_id, ack)
        return Outcome(status=ack.status, timed_out=ack.timed_out)

    def _tell_failure(self, user_id: str, ack: Ack) -> None:
        if not ack.ok:
            reason = "operation_timeout" if ack.timed_out else "dispatch_failed"
            self._core.workspace.toast(user_id, f"The app did not respond ({reason}).")


def _unknown(command: str) -> str:
    return f"{command} is not a valid command. No app in this workspace has it."


def _says_something(content: dict[str, object]) -> bool:
    return bool(content.get("text") or content.get("blocks"))
