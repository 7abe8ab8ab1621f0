"""The unmodified bot, a local Slack and a local Mux on loopback ports, driven as people do."""

from __future__ import annotations

import asyncio
import re
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot import settings as setting
from bot.sandbox import app as sandbox_app
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faulty import HangupProtocol
from bot.settings import Settings
from handlers import demo, greeting, serving
from handlers.app import build
from tests.journeys.workspaces import SEVERAL, People

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

    async def until_mux_is_done(self) -> None:
        """Wait until Mux has completed a job: before that it would be asked in vain, and again much later."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await self.journal("mux.effect", "job.completed"):
                await self.control("mux/tick")
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


@dataclass
class Sandbox:
    """`caption-bot sandbox` in a process of its own, driven over HTTP, and the settings that it prints."""

    url: str
    printed: dict[str, str]
    http: aiohttp.ClientSession
    bot_url: str

    async def control(self, path: str, **body: Any) -> Any:
        """Use its control interface."""
        async with self.http.post(f"{self.url}/_sandbox/{path}", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def look(self, path: str, **query: str) -> Any:
        """Read something of its control interface."""
        async with self.http.get(f"{self.url}/_sandbox/{path}", params=query) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def says(self, text: str, **more: str) -> str:
        """Type a `/caption` command and return what the person saw."""
        where = {"user_id": "U0ANA", "channel_id": "C0DEMO", **more}
        shown = await self.control("slack/command", command="/caption", text=text, **where)
        return str((shown["shown"] or {}).get("text", ""))

    async def told(self, kind: str, **query: str) -> list[str]:
        """Return the texts of the bot's messages of a kind."""
        state = await self.look("slack/state", **query)
        messages = (message for place in state["channels"] for message in place["messages"])
        return [
            message["text"]
            for message in messages
            if ((message["metadata"] or {}).get("event_payload") or {}).get("kind") == kind
        ]

    async def eventually(self, kind: str, count: int = 1, **query: str) -> list[str]:
        """Wait until there are that many messages of a kind."""
        async with asyncio.timeout(2 * PATIENCE_SECONDS):
            while len(found := await self.told(kind, **query)) < count:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)
        return found


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    """Close what a test has opened, the last first."""
    async with AsyncExitStack() as opened:
        yield opened


@pytest.fixture
async def sandbox(stack: AsyncExitStack) -> Sandbox:
    """Start the stand-ins alone, as one does to try a bot by hand."""
    bot_url = f"http://127.0.0.1:{_free_port()}"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "sandbox", "--port", "0", "--bot-url", bot_url),
        stdout=asyncio.subprocess.PIPE,
    )

    async def end() -> None:
        process.terminate()
        await process.communicate()

    stack.push_async_callback(end)
    assert process.stdout is not None
    printed: dict[str, str] = {}
    async with asyncio.timeout(2 * PATIENCE_SECONDS):
        # The last lines are for whoever drives it.
        while b"mux/assets" not in (line := await process.stdout.readline()):
            assert line, "the sandbox ended"
            if match := re.fullmatch(r"([A-Z_]+)=(.*)", line.decode().strip()):
                printed[match[1]] = match[2]
    http = await stack.enter_async_context(aiohttp.ClientSession())
    return Sandbox(printed["MUX_BASE_URL"], printed, http, bot_url)


@pytest.fixture
def configured(sandbox: Sandbox, tmp_path: Path) -> Callable[..., Settings]:
    """Return a function that makes settings of what the sandbox prints for everybody, and of `named`."""

    def made(*named: str, **more: Any) -> Settings:
        everybody = ("SLACK_API_URL", "SLACK_AUTHORIZE_URL", "ALLOW_PRIVATE_HOSTS", "MUX_BASE_URL")
        links = ("MUX_STREAM_URL", "MUX_IMAGE_URL", "MUX_PLAYER_URL")
        given = {name.lower(): sandbox.printed[name] for name in (*everybody, *links, *named)}
        given["database_url"] = f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}"
        return setting.load(None, **{**given, **more})

    return made


@pytest.fixture
def run(stack: AsyncExitStack, sandbox: Sandbox) -> Callable[[Settings], Any]:
    """Return a function that runs a bot where the sandbox expects it, and returns what it says at start."""

    async def started(settings: Settings) -> str:
        app = build(settings)
        port = int(sandbox.bot_url.rpartition(":")[2]) if settings.port else 0
        sock = stack.enter_context(serving.listen("127.0.0.1", port))
        await stack.enter_async_context(serving.serving(app, sock))
        return greeting.block(settings, app.state.found, listening=sandbox.bot_url)

    return started


@pytest.fixture
async def people(sandbox: Any, configured: Any, run: Callable[..., Awaitable[str]]) -> People:
    await run(configured(*SEVERAL))
    return People(sandbox)
