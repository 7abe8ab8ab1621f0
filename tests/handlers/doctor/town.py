"""A town to examine: the stand-ins, the bot on demand, and what the doctor says of settings."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.clock import SystemClock
from bot.rules.diagnosis.finding import Finding
from bot.sandbox.config import SandboxConfig
from bot.settings import Settings
from handlers import serving
from handlers.app import build
from handlers.checks import everything

SCOPES = (
    *("commands", "chat:write", "files:write", "files:read", "users:read", "im:write"),
    *("channels:history", "groups:history", "im:history", "mpim:history"),
)
NOWHERE = "http://127.0.0.1:1"


class Shifted(SystemClock):
    """A clock that is wrong by some seconds."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._seconds = seconds

    def now(self) -> float:
        return time.time() + self._seconds


class Proxy:
    """What stands in front of the bot, and does to requests what `how` says."""

    def __init__(self, bot_url: str, how: str) -> None:
        self._bot_url = bot_url
        self._how = how

    async def pass_on(self, request: Request) -> Response:
        body, headers = await request.body(), dict(request.headers)
        if self._how == "redirects":
            return RedirectResponse("https://www.example.com/elsewhere")
        if self._how == "is down":
            return PlainTextResponse("Bad Gateway", 502)
        if self._how == "is another site":
            return PlainTextResponse("<html>Welcome</html>")
        if self._how == "changes bodies":
            body, _ = body + b" ", headers.pop("content-length")
        if self._how == "drops headers":
            headers = {
                name: value
                for name, value in headers.items()
                if "signature" not in name and "slack" not in name
            }
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.post(f"{self._bot_url}{request.url.path}", content=body, headers=headers)
        return Response(answer.content, answer.status_code, media_type="application/json")


@dataclass
class Town:
    """A sandbox, a bot on demand, and what the doctor says of settings."""

    stack: AsyncExitStack
    config: SandboxConfig
    settings: Settings
    sandbox: Any
    port: int

    async def run_bot(self, **changes: Any) -> None:
        """Start the bot, with settings that may differ from those that the doctor is shown."""
        sock = self.stack.enter_context(serving.listen("127.0.0.1", self.port))
        settings = self.settings.model_copy(update=changes)
        await self.stack.enter_async_context(serving.serving(build(settings), sock))

    async def proxy(self, how: str) -> str:
        """Put something in front of the bot and return its address."""
        sock = self.stack.enter_context(serving.listen("127.0.0.1", 0))
        passing = Proxy(self.config.bot_url, how)
        app = Starlette(routes=[Route("/{path:path}", passing.pass_on, methods=["POST"])])
        await self.stack.enter_async_context(serving.serving(app, sock))
        return f"http://127.0.0.1:{sock.getsockname()[1]}"

    async def examined(self, *, shift: float = 0.0, **changes: Any) -> list[Finding]:
        """Let the doctor examine the settings with changes."""
        given = {**self.settings.model_dump(), **changes}
        return await everything.examine(Settings.model_validate(given), Shifted(shift))


def without(*scopes: str) -> dict[str, Any]:
    return {"slack_scopes": tuple(scope for scope in SCOPES if scope not in scopes)}


async def typed(town: Town, user: str) -> tuple[str, str]:
    """Type `/caption doctor` as somebody; return the answer at once and the one that follows."""
    body = {"user_id": user, "channel_id": "C0DEMO", "command": "/caption", "text": "doctor"}
    async with httpx.AsyncClient(trust_env=False, timeout=20) as http:
        first = await http.post(f"{town.config.public_url}/_sandbox/slack/command", json=body)
    for _ in range(500):
        calls = town.sandbox.journal.find("slack.call", "response_url")
        if calls:
            return first.text, calls[-1].data["args"]["text"]
        await asyncio.sleep(0.01)
    raise AssertionError("no answer followed")
