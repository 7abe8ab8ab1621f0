"""Socket Mode: the app's own connections to Slack, and the envelopes that travel on them.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import asyncio
import json
import secrets
import uuid
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faults import FaultKind, Faults
from bot.sandbox.journal import Journal
from bot.sandbox.slack.ack import ACK_SECONDS, Ack
from bot.sandbox.slack.model import Refusal

MOST_CONNECTIONS: Final = 10
LIFE_SECONDS: Final = 3_600.0
"""After about an hour Slack asks for a new connection."""
DEBUG_LIFE_SECONDS: Final = 360.0
"""With `debug_reconnects=true` in the address it does so after six minutes."""
WARNING_SECONDS: Final = 10.0
"""How long before that it warns."""
TICKET_SECONDS: Final = 30.0
# Invented: after `refresh_requested` the connection stays open for a moment, so that acks still arrive.
_CLOSING_SECONDS: Final = 1.0
_REASONS: Final = ("warning", "refresh_requested", "link_disabled", "too_many_websockets")


@dataclass(slots=True, kw_only=True, eq=False)
class Line:
    """One open connection; nothing new is sent on a `leaving` one."""

    id: str
    socket: WebSocket
    opened_at: float
    leaving: bool = False
    closed: bool = False
    envelopes: int = 0

    async def send(self, frame: dict[str, Any]) -> bool:
        """Send one frame; False when nobody is there any more."""
        if self.closed:
            return False
        try:
            await self.socket.send_text(json.dumps(frame))
        except WebSocketDisconnect:
            self.closed = True
        return not self.closed

    async def close(self, code: int = 1000) -> None:
        """Close the connection, unless that has happened."""
        if not self.closed:
            self.closed = True
            with suppress(WebSocketDisconnect):
                await self.socket.close(code)


class Sockets:
    """Every connection of the app, and which envelope waits for its ack.

    `mode` is True while Socket Mode is switched on, when nothing goes out over HTTP; False while it is
    switched off, when a connection is told `link_disabled`; None, as at start, switches it on with the
    first connection.
    """

    def __init__(self, config: SandboxConfig, clock: SandboxClock, journal: Journal, faults: Faults) -> None:
        self._config = config
        self._clock = clock
        self._journal = journal
        self._faults = faults
        self._tickets: dict[str, float] = {}
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._turn = 0
        self.mode: bool | None = None
        self.lines: list[Line] = []

    @property
    def carry(self) -> bool:
        """Say whether what Slack sends goes over sockets."""
        return self.mode is True

    def address(self) -> str:
        """Return an address at which one connection can be opened, once."""
        now = self._clock.now()
        for ticket in [one for one, at in self._tickets.items() if now - at > TICKET_SECONDS]:
            del self._tickets[ticket]
        ticket = secrets.token_urlsafe(24)
        self._tickets[ticket] = now
        query = urlencode({"ticket": ticket, "app_id": self._config.app_id})
        return f"{self._config.public_url.replace('http', 'ws', 1)}/link/?{query}"

    async def serve(self, socket: WebSocket) -> None:
        """Take one connection and keep it until either side closes it."""
        at = self._tickets.pop(socket.query_params.get("ticket", ""), None)
        if at is None or self._clock.now() - at > TICKET_SECONDS:
            await socket.close(1008)
            return
        await socket.accept()
        line = Line(id=uuid.uuid4().hex[:8], socket=socket, opened_at=self._clock.now())
        refused = self._unwelcome()
        if refused:
            await self.disconnect(line, refused)
            return
        self.mode = True
        self.lines.append(line)
        await self._keep(line, debug=socket.query_params.get("debug_reconnects") == "true")

    def _unwelcome(self) -> str:
        if self.mode is False:
            return "link_disabled"
        return "too_many_websockets" if len(self.lines) >= MOST_CONNECTIONS else ""

    async def _keep(self, line: Line, *, debug: bool) -> None:
        life_seconds = DEBUG_LIFE_SECONDS if debug else LIFE_SECONDS
        self._journal.add("slack.socket", "opened", connection=line.id, open=len(self.lines))
        await line.send(
            {
                "type": "hello",
                "connection_info": {"app_id": self._config.app_id},
                "num_connections": len(self.lines),
                "debug_info": {
                    "host": "applink-sandbox",
                    "build_number": 1,
                    "approximate_connection_time": int(life_seconds),
                },
            }
        )
        aging = asyncio.ensure_future(self._age(line, life_seconds))
        try:
            while (message := await line.socket.receive())["type"] == "websocket.receive":
                self._hear(line, message.get("text") or "")
        finally:
            line.closed = True
            self.lines.remove(line)
            self._journal.add("slack.socket", "closed", connection=line.id, open=len(self.lines))
            aging.cancel()
            await asyncio.gather(aging, return_exceptions=True)

    async def _age(self, line: Line, life_seconds: float) -> None:
        await self._clock.sleep(life_seconds - WARNING_SECONDS)
        await self.disconnect(line, "warning")

    def _hear(self, line: Line, text: str) -> None:
        try:
            said = json.loads(text)
        except ValueError:
            said = None
        envelope_id = said.get("envelope_id") if isinstance(said, dict) else None
        waiting = self._waiting.get(envelope_id) if isinstance(envelope_id, str) else None
        if waiting is None or waiting.done():
            # Late acks, second ones and noise change nothing.
            self._journal.add("slack.socket", "ignored", connection=line.id, envelope=envelope_id)
            return
        waiting.set_result(said.get("payload"))

    async def deliver(
        self, kind: str, payload: dict[str, Any], *, accepts: bool, retry: tuple[int, str] | None = None
    ) -> Ack:
        """Send an envelope on one of the connections, and wait for its ack for three seconds.

        An ack counts on whichever connection it comes. `accepts` says whether its payload means something.
        """
        envelope_id = str(uuid.uuid4())
        envelope: dict[str, Any] = {
            "envelope_id": envelope_id,
            "payload": payload,
            "type": kind,
            "accepts_response_payload": accepts,
        }
        if kind == "events_api":
            number, reason = retry or (0, "")
            envelope |= {"retry_attempt": number, "retry_reason": reason}
        waiting = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = waiting
        try:
            if not await self._sent(kind, envelope):
                return Ack(status=None)
            return await self._acked(waiting, accepts=accepts)
        finally:
            del self._waiting[envelope_id]

    async def _sent(self, kind: str, envelope: dict[str, Any]) -> bool:
        """Send an envelope as the standing faults will have it: not, twice, or on a line that breaks."""
        fault = self._faults.draw(f"socket:{kind}")
        if fault is None:
            return await self._send(envelope) is not None
        self._journal.add("fault", f"socket:{kind}", fault=fault.kind.value)
        if fault.kind is FaultKind.LOSE:
            return True
        if fault.kind is FaultKind.DELAY:
            await self._clock.sleep(fault.seconds)
        line = await self._send(envelope)
        if fault.kind is FaultKind.DUPLICATE:
            await self._send(envelope)
        elif fault.kind is FaultKind.DROP_AFTER and line is not None:
            await line.close(1011)
        return line is not None

    async def _send(self, envelope: dict[str, Any]) -> Line | None:
        while free := [line for line in self.lines if not line.leaving and not line.closed]:
            self._turn += 1
            line = free[self._turn % len(free)]
            if await line.send(envelope):
                line.envelopes += 1
                return line
        return None

    async def _acked(self, waiting: asyncio.Future[Any], *, accepts: bool) -> Ack:
        timer = asyncio.ensure_future(self._clock.sleep(ACK_SECONDS))
        try:
            await asyncio.wait({waiting, timer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
            await asyncio.gather(timer, return_exceptions=True)
        if not waiting.done():
            return Ack(status=None, timed_out=True)
        content = waiting.result()
        if content is None or not accepts:
            return Ack(status=200)
        return Ack(status=200, content_type="application/json", body=json.dumps(content).encode())

    async def switch(self, *, on: bool | None) -> None:
        """Switch Socket Mode on or off, or back to what it is at start; off closes every connection."""
        self.mode = on
        if on is False:
            for line in list(self.lines):
                await self.disconnect(line, "link_disabled")

    def check_reason(self, reason: str) -> None:
        """See to it that this is a reason Slack gives.

        Raises:
            Refusal: `unknown_reason`.
        """
        if reason not in _REASONS:
            raise Refusal("unknown_reason", known=_REASONS)

    async def disconnect(self, line: Line, reason: str) -> None:
        """Tell the bot to leave a connection, and close it when its time has come."""
        await self.announce(line, reason)
        await self.end(line, reason)

    async def announce(self, line: Line, reason: str) -> None:
        """Send the frame that asks the bot to leave a connection."""
        self._journal.add("slack.socket", "disconnect", connection=line.id, reason=reason)
        frame = {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-sandbox"}}
        await line.send(frame)

    async def end(self, line: Line, reason: str) -> None:
        """Close a connection that was announced to end.

        A `warning` is followed by `refresh_requested` ten seconds later, on the sandbox's clock.
        """
        if reason == "warning":
            await self._clock.sleep(WARNING_SECONDS)
            await self.announce(line, "refresh_requested")
        line.leaving = True
        if reason in {"warning", "refresh_requested"}:
            await self._clock.sleep(_CLOSING_SECONDS)
        await line.close()
