"""Requests to the bot: signed as Slack signs them, timed on the sandbox's clock, journaled."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.slack.core import Core
from bot.sandbox.slack.model import Refusal

# https://docs.slack.dev/interactivity/handling-user-interaction
ACK_SECONDS = 3.0
_FORM = "application/x-www-form-urlencoded"
_OK = 200
_OK_END = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """What the bot answered within three seconds; `status` is None where no answer came."""

    status: int | None
    timed_out: bool = False
    content_type: str = ""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Say whether this is an ack: Slack takes any 2xx for one."""
        return self.status is not None and _OK <= self.status < _OK_END

    def read(self) -> dict[str, Any]:
        """Return the content of an ack: JSON as it is, plain text as a message, {} for an empty body.

        Raises:
            Refusal: `invalid_command_response`, when it says JSON and is not an object.
        """
        text = self.body.decode(errors="replace").strip()
        if not text:
            return {}
        if self.content_type != "application/json" and not text.startswith("{"):
            return {"text": text}
        try:
            content = json.loads(text)
        except ValueError:
            raise Refusal("invalid_command_response") from None
        if not isinstance(content, dict):
            raise Refusal("invalid_command_response")
        return content


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return the value of X-Slack-Signature."""
    # https://docs.slack.dev/authentication/verifying-requests-from-slack
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class Sender:
    """Sends what a person did to the bot's `/slack/events`."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def send_form(self, name: str, form: Mapping[str, str]) -> Ack:
        """Send a slash command's form."""
        return await self._send(name, urlencode(form).encode(), _FORM, dict(form))

    async def send_payload(self, name: str, payload: dict[str, Any]) -> Ack:
        """Send an interaction: a form with the one field `payload`."""
        body = urlencode({"payload": json.dumps(payload)}).encode()
        return await self._send(name, body, _FORM, payload)

    async def send_json(
        self, name: str, body: dict[str, Any], headers: Mapping[str, str] | None = None
    ) -> Ack:
        """Send an event's envelope."""
        return await self._send(name, json.dumps(body).encode(), "application/json", body, headers)

    async def _send(
        self,
        name: str,
        body: bytes,
        content_type: str,
        shown: dict[str, Any],
        headers: Mapping[str, str] | None = None,
    ) -> Ack:
        # The bot checks the age of a signature on its own clock, which `advance` does not move.
        timestamp = str(int(time.time()))
        signed = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._core.config.slack_signing_secret, timestamp, body),
            **(headers or {}),
        }
        started = time.perf_counter()
        ack = await self._post(body, signed)
        told = {key: value for key, value in shown.items() if key not in {"token", "view", "message"}}
        self._core.journal.add(
            "slack.request",
            name,
            sent=told,
            headers=dict(headers or {}),
            status=ack.status,
            timed_out=ack.timed_out,
            ack_ms=round(1_000 * (time.perf_counter() - started), 1),
        )
        return ack

    async def _post(self, body: bytes, headers: dict[str, str]) -> Ack:
        request = asyncio.ensure_future(self._exchange(body, headers))
        timer = asyncio.ensure_future(self._core.clock.sleep(ACK_SECONDS))
        try:
            await asyncio.wait({request, timer}, return_when=asyncio.FIRST_COMPLETED)
            return request.result() if request.done() else Ack(status=None, timed_out=True)
        finally:
            request.cancel()
            timer.cancel()
            await asyncio.gather(request, timer, return_exceptions=True)

    async def _exchange(self, body: bytes, headers: dict[str, str]) -> Ack:
        url = f"{self._core.config.bot_url}/slack/events"
        try:
            async with self._core.session.post(
                url, data=body, headers=headers, allow_redirects=False
            ) as reply:
                return Ack(
                    status=reply.status,
                    content_type=reply.content_type,
                    body=await reply.read(),
                    headers={key.lower(): value for key, value in reply.headers.items()},
                )
        except aiohttp.ClientError:
            return Ack(status=None)
