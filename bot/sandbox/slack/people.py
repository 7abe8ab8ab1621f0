"""People in the workspace, and the events that Slack sends on its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack import steps
from bot.sandbox.slack.ack import Ack
from bot.sandbox.slack.commands import Outcome
from bot.sandbox.slack.core import Core
from bot.sandbox.slack.functions import GENERATE
from bot.sandbox.slack.modals import Modals
from bot.sandbox.slack.model import Message, Refusal
from bot.sandbox.slack.payloads import VERIFICATION_TOKEN, member_channel, person
from bot.sandbox.slack.shapes import view_json

# https://docs.slack.dev/apis/events-api: almost at once, then after one minute and after five.
RETRY_AFTER_SECONDS = (0.0, 60.0, 300.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOutcome:
    """What the bot answered to the event, and the run that it is about."""

    status: int | None
    timed_out: bool
    function_execution_id: str


class People(Modals):
    """Everything that a person, or Slack, does towards the bot."""

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._last: dict[str, Any] | None = None

    def say(self, user_id: str, channel_id: str, text: str, *, thread_ts: str | None = None) -> Message:
        """Post a message as a person; the bot is told nothing (see `event`).

        Raises:
            Refusal: the person is not in that channel, or it is archived.
        """
        channel = member_channel(self._core, user_id, channel_id)
        return self._core.workspace.post(channel.id, user_id, text, thread_ts=thread_ts)

    def share_file(
        self,
        user_id: str,
        channel_id: str,
        name: str,
        content: bytes,
        *,
        text: str = "",
        thread_ts: str | None = None,
    ) -> Message:
        """Post a message with a file as a person; the bot is told nothing.

        Raises:
            Refusal: the person is not in that channel, it is archived, the file has no name or no bytes, or
                uploads are not allowed.
        """
        channel = member_channel(self._core, user_id, channel_id)
        if not name or not content:
            raise Refusal("no_file_data")
        self._core.uploads.check(name)
        workspace = self._core.workspace
        file = workspace.add_file(name, content, owner=user_id)
        message = workspace.post(channel.id, user_id, text, thread_ts=thread_ts, files=[file.id])
        file.shares.setdefault(channel.id, []).append(message.ts)
        return message

    async def app_home_opened(self, user_id: str, tab: str = "home") -> Outcome:
        """Open the app's Home."""
        core = self._core
        event: dict[str, Any] = {
            "type": "app_home_opened",
            "user": person(core, user_id)["id"],
            "channel": core.workspace.channel(user_id).id,
            "tab": tab,
            "event_ts": core.workspace.next_ts(),
        }
        home = core.workspace.views.home.get(user_id)
        if tab == "home" and home is not None:
            event["view"] = view_json(core, home)
        return await self.event(event)

    async def event(self, event: dict[str, Any]) -> Outcome:
        """Send an event; what is not acked is sent again up to three times, unless the bot forbids it."""
        return await self._deliver(self._envelope(event, self._core.config.team_id))

    async def run_step(
        self, user_id: str, inputs: dict[str, Any], callback_id: str = GENERATE.callback_id
    ) -> StepOutcome:
        """Run a step of the app in a workflow of somebody's; look into `functions.runs` for how it ends.

        Raises:
            Refusal: `user_not_found`, `app_not_installed`, `function_not_found` or
                `parameter_validation_failed`.
        """
        run = steps.begin(self._core, user_id, callback_id, inputs)
        told = await self.event(steps.event_of(self._core, run))
        return StepOutcome(status=told.status, timed_out=told.timed_out, function_execution_id=run.id)

    async def report(self, event: dict[str, Any], place: str) -> None:
        """Send an event about this workspace, or about the organization `place`, even when the app is out."""
        event = {**event, "event_ts": self._core.workspace.next_ts()}
        await self._deliver(self._envelope(event, place or self._core.config.team_id))

    async def _deliver(self, envelope: dict[str, Any]) -> Outcome:
        self._last = envelope
        ack = await self._sender.send_event(envelope["event"]["type"], envelope)
        self._plan_retry(envelope, ack, 1)
        return Outcome(status=ack.status, timed_out=ack.timed_out)

    def _envelope(self, event: dict[str, Any], place: str) -> dict[str, Any]:
        core, config = self._core, self._core.config
        # What concerns a whole organization names no workspace.
        org_wide = place != config.team_id
        owner = config.enterprise_id or None
        envelope = {
            "token": VERIFICATION_TOKEN,
            "team_id": None if org_wide else config.team_id,
            "enterprise_id": owner,
            "api_app_id": config.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": core.ids.next("Ev"),
            "event_time": int(core.clock.now()),
            "authorizations": [
                {
                    "enterprise_id": owner,
                    "team_id": None if org_wide or core.org_wide else config.team_id,
                    "user_id": config.bot_user_id,
                    "is_bot": True,
                    "is_enterprise_install": org_wide or core.org_wide,
                }
            ],
            "is_ext_shared_channel": self._is_shared(event),
        }
        return envelope if owner else {name: one for name, one in envelope.items() if name != "enterprise_id"}

    def _is_shared(self, event: dict[str, Any]) -> bool:
        channel = self._core.workspace.channels.get(str(event.get("channel")))
        return channel is not None and bool(channel.shared_with)

    async def verify_url(self, challenge: str = "sandbox-challenge") -> bool:
        """Do what Slack does when somebody enters the bot's address: say whether the challenge came back."""
        body = {"token": VERIFICATION_TOKEN, "challenge": challenge, "type": "url_verification"}
        ack = await self._sender.send_json("url_verification", body)
        return ack.ok and challenge.encode() in ack.body

    async def ssl_check(self) -> Outcome:
        """Do what Slack does now and then with a distributed app's address: probe it, unsigned."""
        ack = await self._sender.probe("ssl_check", {"ssl_check": "1", "token": VERIFICATION_TOKEN})
        return Outcome(status=ack.status, timed_out=ack.timed_out)

    async def redeliver(self, number: int = 1, reason: str = "http_timeout") -> Outcome:
        """Send the last event once more although it may have been acked, marked as a further attempt.

        Raises:
            Refusal: `no_event`, when there was none yet.
        """
        if self._last is None:
            raise Refusal("no_event")
        name = self._last["event"]["type"]
        ack = await self._sender.send_event(name, self._last, retry=(number, reason))
        return Outcome(status=ack.status, timed_out=ack.timed_out)

    def _plan_retry(self, envelope: dict[str, Any], ack: Ack, number: int) -> None:
        refused = ack.headers.get("x-slack-no-retry") == "1"
        if ack.ok or refused or number > len(RETRY_AFTER_SECONDS):
            return
        retry = (number, self._reason(ack))

        async def again() -> None:
            repeated = await self._sender.send_event(envelope["event"]["type"], envelope, retry=retry)
            self._plan_retry(envelope, repeated, number + 1)

        self._core.later(RETRY_AFTER_SECONDS[number - 1], again)

    def _reason(self, ack: Ack) -> str:
        if self._core.sockets.carry:
            return "timeout"
        if ack.timed_out:
            return "http_timeout"
        return "connection_failed" if ack.status is None else "http_error"
