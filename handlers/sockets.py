"""Socket Mode: what Slack sends comes through a socket that this process opened; no address is needed.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import structlog
from slack_bolt import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import OperatorError, SlackRefused, VendorError
from bot.slack.apps import SlackApps
from bot.slack.proxies import proxy_for
from handlers.answering import Answering

if TYPE_CHECKING:
    from slack_sdk.socket_mode.aiohttp import SocketModeClient

CONNECT_SECONDS: Final = 10.0
"""How long the first connection may take; a start that cannot reach Slack fails."""

DRAIN_SECONDS: Final = 3.0
"""How long a stop waits for what is being answered: Slack waits no longer either."""

_PING_SECONDS: Final = 5.0
_STALE_PINGS: Final = 4
_RENEW_SECONDS: Final = 30.0
_OK: Final = 200

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a socket is: `quiet_seconds` is the time since Slack last answered a ping."""

    connected: bool
    quiet_seconds: float


class SlackSocket:
    """One connection to Slack, renewed for as long as the process runs.

    slack-sdk keeps it open and opens the next one when Slack asks for that; what comes through it is ours.
    """

    def __init__(
        self,
        answering: Answering,
        *,
        app_token: str,
        apps: SlackApps,
        web: AsyncWebClient,
        ping_seconds: float = _PING_SECONDS,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> None:
        self._answering = answering
        self._app_token = app_token
        self._apps = apps
        self._web = web
        self._ping_seconds = ping_seconds
        self._connect_seconds = connect_seconds
        self._client: SocketModeClient | None = None
        self._watch: asyncio.Task[None] | None = None
        self._in_hand: set[asyncio.Task[None]] = set()
        self._closing = False

    async def open(self) -> None:
        """Open the socket; to be called inside the event loop that it lives in.

        Raises:
            OperatorError: when Slack refuses the app token, or cannot be reached; nothing is tried again.
        """
        url = await self._address()
        client = self._made(url)
        self._client = client
        try:
            async with asyncio.timeout(self._connect_seconds):
                await client.connect()  # type: ignore[no-untyped-call]  # slack-sdk left it out
        except TimeoutError:
            await self.close()
            raise OperatorError(
                "the socket to Slack could not be opened: Slack gave an address for it that does not answer; "
                "a firewall or proxy may refuse outgoing WebSockets"
            ) from None
        self._watch = asyncio.create_task(self._renew(client), name="socket")
        log.info("slack.socket_open")

    async def close(self) -> None:
        """Take nothing new, finish what is being answered, then close."""
        self._closing = True
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        if self._in_hand:
            await asyncio.wait(self._in_hand, timeout=DRAIN_SECONDS)
        if self._client is not None:
            await self._client.close()  # type: ignore[no-untyped-call]  # as above
            log.info("slack.socket_closed", unanswered=len(self._in_hand))

    async def health(self) -> Health:
        """Return how the connection is at this moment."""
        client = self._client
        if client is None:
            return Health(connected=False, quiet_seconds=0.0)
        heard_at = client.last_ping_pong_time
        return Health(
            connected=not self._closing and await client.is_connected(),
            # The library keeps it on the machine's own clock.
            quiet_seconds=0.0 if heard_at is None else max(time.time() - heard_at, 0.0),
        )

    async def problem(self) -> str:
        """Return why Slack does not reach this process, empty when it does."""
        health = await self.health()
        if health.connected and health.quiet_seconds <= _STALE_PINGS * self._ping_seconds:
            return ""
        return f"the socket to Slack is not connected (last answer {health.quiet_seconds:.0f} s ago)"

    def _made(self, url: str) -> SocketModeClient:
        from slack_sdk.socket_mode.aiohttp import SocketModeClient

        # What the library logs of a failure holds the socket's address, which is a secret.
        silent = logging.getLogger("slack_sdk.socket")
        silent.setLevel(logging.CRITICAL + 1)
        client = SocketModeClient(
            self._app_token, logger=silent, web_client=self._web, ping_interval=self._ping_seconds
        )
        # It ignores NO_PROXY where it looks for a proxy itself.
        client.proxy = proxy_for(_as_http(url))
        client.wss_uri = url
        client.message_listeners.append(self._hear)
        return client

    async def _address(self) -> str:
        try:
            async with asyncio.timeout(self._connect_seconds):
                return await self._apps.connections_open(self._app_token)
        except SlackRefused as error:
            raise OperatorError(_explain(error.code)) from error
        except (VendorError, TimeoutError) as error:
            why = str(error) or type(error).__name__
            raise OperatorError(f"Slack was not reached to open a socket: {why}") from error

    async def _renew(self, client: SocketModeClient) -> None:
        """Let go of an address that leads nowhere: the library would try the same one for ever."""
        while True:
            await asyncio.sleep(_RENEW_SECONDS)
            if not await client.is_connected():
                log.warning("slack.socket_down")
                client.wss_uri = None

    async def _hear(self, client: Any, message: Mapping[str, Any], _raw: str | None = None) -> None:
        """Take an envelope into a task of our own: the library holds no reference to its tasks."""
        if self._closing or not isinstance(message.get("envelope_id"), str):
            return
        task = asyncio.create_task(self._take(client, message), name="envelope")
        self._in_hand.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._in_hand.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("slack.envelope_failed", exc_info=error)

    async def _take(self, client: Any, envelope: Mapping[str, Any]) -> None:
        started = time.perf_counter()
        payload = envelope.get("payload")
        if not isinstance(payload, dict):
            await self._ack(client, envelope, None)
            return
        answer = None
        try:
            answer = await self._answering.answer(payload, _retry_headers(envelope), started=started)
        finally:
            await self._ack(client, envelope, None if answer is None else answer.response)
        if answer.response.status != _OK:
            log.warning("slack.envelope_unanswered", status=answer.response.status, kind=envelope.get("type"))
        if answer.afterwards is not None:
            await answer.afterwards()

    async def _ack(self, client: Any, envelope: Mapping[str, Any], response: BoltResponse | None) -> None:
        """Tell Slack that it was heard, whatever came of it: what is not acked is shown as a time-out."""
        ack: dict[str, Any] = {"envelope_id": envelope["envelope_id"]}
        said = None if response is None else _payload(response)
        if said and envelope.get("accepts_response_payload") is True:
            ack["payload"] = said
        try:
            await client.send_socket_mode_response(ack)
        except ConnectionError:
            log.warning("slack.ack_lost", kind=envelope.get("type"))


def _payload(response: BoltResponse) -> dict[str, Any] | None:
    if not response.body:
        return None
    kind = response.headers.get("content-type", [""])[0]
    if kind.startswith("application/json"):
        said = json.loads(response.body)
        return said if isinstance(said, dict) else None
    return {"text": response.body} if response.status == _OK else None


def _retry_headers(envelope: Mapping[str, Any]) -> dict[str, str]:
    """Return a repetition as the headers that HTTP has for it."""
    found = {
        "x-slack-retry-num": envelope.get("retry_attempt"),
        "x-slack-retry-reason": envelope.get("retry_reason"),
    }
    return {name: str(value) for name, value in found.items() if value is not None}


def _as_http(url: str) -> str:
    return url.replace("ws", "http", 1)


def _explain(code: str) -> str:
    if code in {"not_allowed_token_type", "missing_scope", "no_permission"}:
        fix = "make an app-level token with the scope connections:write; a bot token is not one"
    elif code in {"forbidden_team", "team_access_not_granted"}:
        fix = "the app is not installed where the token belongs; install it again"
    else:
        fix = "copy the app-level token (xapp-...) from Basic Information, and switch Socket Mode on"
    return f"Slack does not accept SLACK_APP_TOKEN ({code}); {fix}"
