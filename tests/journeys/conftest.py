"""The unmodified bot, a local Slack and a local Mux on loopback ports, driven as people do."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.sandbox import app as sandbox_app
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faulty import HangupProtocol
from bot.settings import Settings
from handlers import demo, serving
from handlers.app import build

CHANNEL = "C0DEMO"
PATIENCE_SECONDS = 20.0


@dataclass
class World:
    """One workspace, one Mux environment and a bot that can be stopped and started again."""

    config: SandboxConfig
    settings: Settings
    http: aiohttp.ClientSession
    port: int
    _bot: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def start_bot(self) -> None:
        """Start the bot on the database that it left behind."""
        doors = self._bot.enter_context(serving.listen("127.0.0.1", self.port))
        await self._bot.enter_async_context(serving.serving(build(self.settings), doors))

    async def stop_bot(self) -> None:
        """Stop the bot in order."""
        await self._bot.aclose()

    async def says(self, text: str, *, user: str = "U0ANA", channel: str = CHANNEL) -> dict[str, Any]:
        """Type a `/caption` command and return what the person saw."""
        return await self.control(
            "slack/command", user_id=user, channel_id=channel, command="/caption", text=text
        )

    async def control(self, path: str, **body: Any) -> Any:
        """Use the sandbox's control interface."""
        url = f"{self.config.public_url}/_sandbox/{path}"
        async with self.http.post(url, json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def messages(self, kind: str, channel: str | None = None) -> list[dict[str, Any]]:
        """Return the bot's messages of one kind, oldest first, as they stand now."""
        url = f"{self.config.public_url}/_sandbox/slack/state"
        async with self.http.get(url) as answer:
            state = await answer.json()
        return [
            message
            for place in state["channels"]
            if channel in {None, place["id"]}
            for message in place["messages"]
            if not message["deleted"]
            and ((message["metadata"] or {}).get("event_payload") or {}).get("kind") == kind
        ]

    async def eventually(self, kind: str, count: int = 1, *, saying: str = "") -> list[dict[str, Any]]:
        """Wait until there are `count` messages of a kind whose text contains `saying`."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            found = [one for one in await self.messages(kind) if saying in one["text"]]
            if len(found) >= count:
                return found
            assert asyncio.get_running_loop().time() < deadline, f"no {kind} saying {saying!r} came"
            await asyncio.sleep(0.02)

    async def journal(self, kind: str, name: str = "") -> list[dict[str, Any]]:
        """Return what passed, by kind and name."""
        url = f"{self.config.public_url}/_sandbox/journal"
        async with self.http.get(url, params={"kind": kind, "name": name}) as answer:
            return list((await answer.json())["entries"])


@pytest.fixture
def sandbox_config() -> SandboxConfig:
    """Override to change how the stand-ins behave."""
    return SandboxConfig(job_seconds=0.3, list_lag_seconds=0.1)


@pytest.fixture
async def world(tmp_path: Path, sandbox_config: SandboxConfig) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        page = stack.enter_context(serving.listen("127.0.0.1", 0))
        port = _free_port()
        config = replace(
            sandbox_config, bot_url=f"http://127.0.0.1:{port}", public_url=f"http://127.0.0.1:{_port(page)}"
        )
        app = sandbox_app.build(config)
        await stack.enter_async_context(
            serving.serving(app, page, protocol=HangupProtocol, before_stop=app.state.sandbox.end_streams)
        )
        settings = demo.settings_for(config, database_url=f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")
        http = await stack.enter_async_context(aiohttp.ClientSession())
        world = World(config, settings, http, port)
        await world.start_bot()
        yield world
        await world.stop_bot()


def _port(sock: socket.socket) -> int:
    return int(sock.getsockname()[1])


def _free_port() -> int:
    with serving.listen("127.0.0.1", 0) as sock:
        return _port(sock)
