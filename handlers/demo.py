"""Runs the local Slack and the local Mux: alone, or together with the unmodified bot."""

from __future__ import annotations

import socket
import sys
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import click

from bot import log
from bot import settings as setting
from bot.errors import OperatorError
from bot.sandbox import app as sandbox_app
from bot.sandbox import transcribe
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faulty import HangupProtocol
from bot.settings import Settings
from handlers import sandbox_guide, serving
from handlers.app import build

HOST: Final = "127.0.0.1"
PAGE_PORT: Final = 3030

_MAY_DOWNLOAD: Final = (
    f"May faster-whisper download its model {transcribe.DOWNLOADED_MODEL!r} (about 145 MB) from its own hub "
    "when you add a video? Without it, or --caption-model DIR, only the demo's own videos have captions."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """Where everything is while a demo runs."""

    page_url: str
    bot_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """What added videos are transcribed with: a model's folder, or a download that was agreed to."""

    model: Path | None = None
    may_download: bool = False


def at_a_terminal() -> bool:
    """Say whether somebody could agree to a download that would be of use."""
    return transcribe.available() and sys.stdin.isatty()


def hearing(
    model: Path | None, *, ask: Callable[[str], bool] | None, can_ask: Callable[[], bool] = at_a_terminal
) -> Hearing:
    """Find out what added videos are transcribed with; `ask` puts a question to the person at the terminal.

    Nobody is asked without the extra [local-captions], with a model at hand, or away from a terminal.
    """
    if model is None and ask is not None and can_ask():
        return Hearing(may_download=ask(_MAY_DOWNLOAD))
    return Hearing(model=model)


async def start(
    stack: AsyncExitStack, *, port: int | None, folder: Path, hearing: Hearing | None = None
) -> Demo:
    """Start the stand-ins and then the bot; leaving `stack` stops the bot first.

    `folder` holds the bot's database. Without a `port` the usual one is taken, or any if that is in use.
    """
    page = stack.enter_context(_listen(port))
    doors = stack.enter_context(serving.listen(HOST, 0))
    places = Demo(page_url=_url(page), bot_url=_url(doors))
    config = replace(
        _config(places.bot_url, places.page_url, hearing or Hearing()), teams=(), mux_environments=()
    )
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
        mux_stream_url=f"{config.public_url}/stream",
        mux_image_url=f"{config.public_url}/image",
        mux_player_url=f"{config.public_url}/player",
        mux_file_hosts=(),
        allow_private_hosts=True,
        database_url=database_url,
        public_url=config.bot_url,
        unverifiable="results:repost,chatter:hold",
    )


async def run(*, port: int | None, script: bool, hearing: Hearing) -> int:
    """Run the demo until it is stopped, or until its script is played; return the exit code."""
    log.configure(json=False, level="WARNING")
    with tempfile.TemporaryDirectory(prefix="caption-bot-") as folder, serving.stop_signals() as stopped:
        async with AsyncExitStack() as stack:
            places = await start(stack, port=port, folder=Path(folder), hearing=hearing)
            if script:
                return await play(places.page_url, click.echo)
            click.echo(f"\n  Caption Bot is ready. Open {places.page_url}\n\n  Ctrl-C stops it.\n")
            await stopped.wait()
    return 0


async def play(page_url: str, say: Callable[[str], None]) -> int:
    """Play one whole conversation and judge it; return the exit code."""
    from bot.sandbox import script

    return 0 if await script.play(page_url, say) else 1


async def sandbox(*, port: int, bot_url: str, hearing: Hearing) -> int:
    """Run the stand-ins alone and print the settings that point a bot at them."""
    log.configure(json=False, level="WARNING")
    async with AsyncExitStack() as stack:
        stopped = stack.enter_context(serving.stop_signals())
        page = stack.enter_context(serving.listen(HOST, port))
        config = _config(bot_url, _url(page), hearing)
        await _serve_sandbox(stack, config, page)
        click.echo(sandbox_guide.guide(config))
        sys.stdout.flush()
        await stopped.wait()
    return 0


async def _serve_sandbox(stack: AsyncExitStack, config: SandboxConfig, sock: socket.socket) -> None:
    app = sandbox_app.build(config)
    await stack.enter_async_context(
        serving.serving(app, sock, protocol=HangupProtocol, before_stop=app.state.sandbox.end_streams)
    )


def environment(config: SandboxConfig) -> str:
    """Return the settings of a bot that serves one workspace over HTTP, as lines of a .env file."""
    return "\n".join((*sandbox_guide.everybody(config), *sandbox_guide.by_http(config)))


def _config(bot_url: str, page_url: str, hearing: Hearing) -> SandboxConfig:
    return SandboxConfig(
        bot_url=bot_url,
        public_url=page_url,
        caption_model=hearing.model,
        allow_model_download=hearing.may_download,
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
