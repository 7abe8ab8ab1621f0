"""The two ends of a socket: a Slack that sends and hears raw frames, and what stands where Bolt would."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.request.async_request import AsyncBoltRequest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from handlers.replying import afterwards

COMMAND = {
    "command": "/caption",
    "text": "help",
    "team_id": "T1",
    "channel_id": "C1",
    "user_id": "U1",
    "trigger_id": "1.2",
    "response_url": "https://hooks.slack.test/1",
}


class Slack:
    """Slack's side of a socket."""

    def __init__(self) -> None:
        self.url = ""
        self.refusal = ""
        self.deaf = False
        self.asked = 0
        self.heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.open: list[WebSocket] = []
        self.opened = 0

    async def connections(self, request: Request) -> JSONResponse:
        self.asked += 1
        assert request.headers["authorization"] == "Bearer xapp-1"
        if self.refusal:
            return JSONResponse({"ok": False, "error": self.refusal})
        return JSONResponse({"ok": True, "url": self.url.replace("http", "ws") + "/link/?ticket=secret"})

    async def link(self, socket: WebSocket) -> None:
        if self.deaf:
            await socket.close(1008)
            return
        await socket.accept()
        self.open.append(socket)
        self.opened += 1
        await socket.send_json({"type": "hello", "num_connections": 1})
        try:
            while True:
                self.heard.put_nowait(json.loads(await socket.receive_text()))
        except WebSocketDisconnect:
            self.open.remove(socket)

    async def send(self, envelope_id: str, **envelope: Any) -> None:
        await self.open[-1].send_json(
            {
                "envelope_id": envelope_id,
                "type": "slash_commands",
                "payload": COMMAND,
                "accepts_response_payload": True,
                **envelope,
            }
        )

    async def ack(self) -> dict[str, Any]:
        async with asyncio.timeout(5):
            return await self.heard.get()


class Listener:
    """What stands where Bolt would."""

    def __init__(self) -> None:
        self.response = BoltResponse(status=200, body={"text": "done"})
        self.error: Exception | None = None
        self.wait = asyncio.Event()
        self.wait.set()
        self.asked: list[AsyncBoltRequest] = []
        self.followed = asyncio.Event()

    async def dispatch(self, asked: AsyncBoltRequest) -> BoltResponse:
        self.asked.append(asked)
        await self.wait.wait()
        if self.error is not None:
            raise self.error

        async def follow() -> None:
            self.followed.set()

        afterwards(asked.context, follow)
        return self.response
