"""Requests to the bot: signed as Slack signs them, timed on the sandbox's clock, journaled."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.slack.ack import ACK_SECONDS, Ack
from bot.sandbox.slack.core import Core

_FORM = "application/x-www-form-urlencoded"
# Interactions that are answered by the ack itself.
_ANSWERED = frozenset({"view_submission", "block_suggestion"})

# What an app hears of a workspace that it is no longer in.
_FAREWELLS = frozenset({"app_uninstalled", "tokens_revoked"})


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return the value of X-Slack-Signature."""
    # https://docs.slack.dev/authentication/verifying-requests-from-slack
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class Sender:
    """Sends what a person did to the bot: on a socket while Socket Mode is on, else to `/slack/events`."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def send_form(self, name: str, form: Mapping[str, str]) -> Ack:
        """Send a slash command's form."""
        if self._nobody(name):
            return Ack(status=None)
        if self._core.sockets.carry:
            return await self._envelope(name, "slash_commands", dict(form), accepts=True)
        return await self._send(name, urlencode(form).encode(), _FORM, dict(form))

    async def send_payload(self, name: str, payload: dict[str, Any]) -> Ack:
        """Send an interaction: a form with the one field `payload`."""
        if self._nobody(name):
            return Ack(status=None)
        if self._core.sockets.carry:
            return await self._envelope(name, "interactive", payload, accepts=name in _ANSWERED)
        body = urlencode({"payload": json.dumps(payload)}).encode()
        return await self._send(name, body, _FORM, payload)

    async def send_event(
        self, name: str, body: dict[str, Any], *, retry: tuple[int, str] | None = None
    ) -> Ack:
        """Send an event's envelope; `retry` is the number and the reason of a further attempt."""
        if name not in _FAREWELLS and self._nobody(name):
            return Ack(status=None, headers={"x-slack-no-retry": "1"})
        if self._core.sockets.carry:
            return await self._envelope(name, "events_api", body, accepts=False, retry=retry)
        headers = {"X-Slack-Retry-Num": str(retry[0]), "X-Slack-Retry-Reason": retry[1]} if retry else {}
        return await self.send_json(name, body, headers)

    async def send_json(
        self, name: str, body: dict[str, Any], headers: Mapping[str, str] | None = None
    ) -> Ack:
        """Send JSON over HTTP, whatever the mode."""
        return await self._send(name, json.dumps(body).encode(), "application/json", body, headers)

    def _nobody(self, name: str) -> bool:
        """Say whether the app is not in this workspace, so that it hears nothing from there."""
        if self._core.installed:
            return False
        self._core.journal.add("slack.refused", name, error="app_not_installed")
        return True

    async def probe(self, name: str, form: Mapping[str, str]) -> Ack:
        """Send a form over HTTP without a signature, whatever the mode."""
        return await self._send(name, urlencode(form).encode(), _FORM, dict(form), signed=False)

    async def _envelope(
        self,
        name: str,
        kind: str,
        payload: dict[str, Any],
        *,
        accepts: bool,
        retry: tuple[int, str] | None = None,
    ) -> Ack:
        started = time.perf_counter()
        ack = await self._core.sockets.deliver(kind, payload, accepts=accepts, retry=retry)
        self._note(name, payload, ack, started, via="socket", retry=retry)
        return ack

    async def _send(
        self,
        name: str,
        body: bytes,
        content_type: str,
        shown: dict[str, Any],
        headers: Mapping[str, str] | None = None,
        *,
        signed: bool = True,
    ) -> Ack:
        # The bot checks the age of a signature on its own clock, which `advance` does not move.
        timestamp = str(int(time.time()))
        sent = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            **(headers or {}),
        }
        if signed:
            secret = self._core.config.slack_signing_secret
            sent |= {
                "X-Slack-Request-Timestamp": timestamp,
                "X-Slack-Signature": signature(secret, timestamp, body),
            }
        started = time.perf_counter()
        ack = await self._post(body, sent)
        self._note(name, shown, ack, started, headers=dict(headers or {}))
        return ack

    def _note(self, name: str, shown: dict[str, Any], ack: Ack, started: float, **how: Any) -> None:
        told = {key: value for key, value in shown.items() if key not in {"token", "view", "message"}}
        self._core.journal.add(
            "slack.request",
            name,
            sent=told,
            status=ack.status,
            timed_out=ack.timed_out,
            ack_ms=round(1_000 * (time.perf_counter() - started), 1),
            **how,
        )

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
