"""Runs the local Slack and the local Mux: alone, or together with the unmodified bot."""

from __future__ import annotations

import socket
import sys
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typer

from bot import log
from bot import settings as setting
from bot.errors import OperatorError
from bot.sandbox import app as sandbox_app
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faulty import HangupProtocol
from bot.settings import Settings
from handlers import serving
from handlers.app import build

HOST: Final = "127.0.0.1"
PAGE_PORT: Final = 3030


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """Where everything is while a demo runs."""

    page_url: str
    bot_url: str


async def start(
    stack: AsyncExitStack, *, port: int | None, folder: Path, caption_model: Path | None = None
) -> Demo:
    """Start the stand-ins and then the bot; leaving `stack` stops the bot first.

    `folder` holds the bot's database. Without a `port` the usual one is taken, or any if that is in use.
    """
    page = stack.enter_context(_listen(port))
    doors = stack.enter_context(serving.listen(HOST, 0))
    places = Demo(page_url=_url(page), bot_url=_url(doors))
    config = SandboxConfig(bot_url=places.bot_url, public_url=places.page_url, caption_model=caption_model)
    await _serve_sandbox(stack, config, page)
    settings = settings_for(config, database_url=f"sqlite+aiosqlite:///{folder / 'caption-bot.db'}")
    await stack.enter_async_context(serving.serving(build(settings), doors))
    return places


def settings_for(config: SandboxConfig, *, database_url: str) -> Settings:
    """Return the settings with which a bot works on the stand-ins, whatever the environment says."""
    return setting.load(
        None,
        slack_bot_token=config.slack_bot_token,
        slack_signing_secret=config.slack_signing_secret,
        slack_api_url=f"{config.public_url}/api/",
        mux_token_id=config.mux_token_id,
        mux_token_secret=config.mux_token_secret,
        mux_webhook_secret=config.mux_webhook_secret,
        mux_base_url=config.public_url,
        mux_robots_version="v0",
        database_url=database_url,
        public_url=config.bot_url,
        unverifiable="results:repost,chatter:hold",
    )


async def run(*, port: int | None, script: bool, caption_model: Path | None) -> int:
    """Run the demo until it is stopped, or until its script is played; return the exit code."""
    log.configure(json=False, level="WARNING")
    with tempfile.TemporaryDirectory(prefix="caption-bot-") as folder:
        async with AsyncExitStack() as stack:
            places = await start(stack, port=port, folder=Path(folder), caption_model=caption_model)
            if script:
                return await play(places.page_url, typer.echo)
            typer.echo(f"\n  Caption Bot is ready. Open {places.page_url}\n\n  Ctrl-C stops it.\n")
            await serving.until_stopped()
    return 0


async def play(page_url: str, say: Callable[[str], None]) -> int:
    """Play one whole conversation and judge it; return the exit code."""
    from bot.sandbox import script

    return 0 if await script.play(page_url, say) else 1


async def sandbox(*, port: int, bot_url: str, caption_model: Path | None) -> int:
    """Run the stand-ins alone and print the settings that point a bot at them."""
    log.configure(json=False, level="WARNING")
    async with AsyncExitStack() as stack:
        page = stack.enter_context(serving.listen(HOST, port))
        config = SandboxConfig(bot_url=bot_url, public_url=_url(page), caption_model=caption_model)
        await _serve_sandbox(stack, config, page)
        typer.echo(f"The local Slack and the local Mux are at {config.public_url}; a bot finds them with:\n")
        typer.echo(environment(config))
        sys.stdout.flush()
        await serving.until_stopped()
    return 0


async def _serve_sandbox(stack: AsyncExitStack, config: SandboxConfig, sock: socket.socket) -> None:
    app = sandbox_app.build(config)
    await stack.enter_async_context(
        serving.serving(app, sock, protocol=HangupProtocol, before_stop=app.state.sandbox.end_streams)
    )


def environment(config: SandboxConfig) -> str:
    """Return the settings of a bot in another process, as lines of a .env file."""
    settings = settings_for(config, database_url="sqlite+aiosqlite:///caption-bot.db")
    return "\n".join(
        [
            f"SLACK_BOT_TOKEN={settings.slack_bot_token.get_secret_value()}",
            f"SLACK_SIGNING_SECRET={settings.slack_signing_secret.get_secret_value()}",
            f"SLACK_API_URL={settings.slack_api_url}",
            f"MUX_TOKEN_ID={settings.mux_token_id}",
            f"MUX_TOKEN_SECRET={settings.mux_token_secret.get_secret_value()}",
            f"MUX_WEBHOOK_SECRET={','.join(one.get_secret_value() for one in settings.mux_webhook_secret)}",
            f"MUX_BASE_URL={settings.mux_base_url}",
        ]
    )


def _listen(port: int | None) -> socket.socket:
    if port is not None:
        return serving.listen(HOST, port)
    try:
        return serving.listen(HOST, PAGE_PORT)
    except OperatorError:
        return serving.listen(HOST, 0)


def _url(sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    return f"http://{host}:{port}"
