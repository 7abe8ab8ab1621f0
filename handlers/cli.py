"""The command line: `caption-bot run | demo | sandbox | doctor | manifest | audit | export | keys | db`.

A bot that starts imports what it runs with and nothing else, so commands get what they need when they are
called, and those of other files are found by name.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import click

from bot.errors import OperatorError
from handlers import lean, options
from handlers import manifest as declared

_ELSEWHERE: Final = {
    "audit": ("handlers.audit", "show"),
    "db": ("handlers.database", "app"),
    "doctor": ("handlers.doctor", "show"),
    "export": ("handlers.export", "command"),
    "keys": ("handlers.keys", "app"),
}


class _Commands(options.Group):
    """The commands of this file and those of others, which are imported when they are called or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every name, those that one starts with first."""
        return [*super().list_commands(ctx), *_ELSEWHERE]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name, None when there is none."""
        if cmd_name not in _ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module, name = _ELSEWHERE[cmd_name]
        command: click.Command = getattr(import_module(module), name)
        return command


def _port(default: int | None) -> Callable[..., Any]:
    return click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=default,
        show_default=True,
        help="Port to listen on; 0 takes a free one.",
    )


_CAPTION_MODEL: Final = click.option(
    "--caption-model",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of a faster-whisper model, to caption videos that you add.",
)


@click.group(cls=_Commands, context_settings={"max_content_width": 100})
def app() -> None:
    """A self-hosted Slack app that makes captions with Mux Robots."""


@app.command()
@_port(None)
@options.ENV_FILE
def run(*, port: int | None, env_file: Path) -> None:
    """Run the bot with the settings of the environment."""
    overrides: dict[str, Any] = {} if port is None else {"port": port}
    with lean.uncollected():
        _exit(_run(env_file, overrides))


@app.command()
@_port(None)
@click.option("--script", is_flag=True, help="Play one conversation as text, judge it, and exit.")
@_CAPTION_MODEL
def demo(*, port: int | None, script: bool, caption_model: Path | None) -> None:
    """Run the bot with a local Slack and a local Mux; nothing leaves this machine."""
    from handlers import demo as demonstration

    hearing = demonstration.hearing(caption_model, ask=None if script else click.confirm)
    _exit(demonstration.run(port=port, script=script, hearing=hearing))


@app.command()
@_port(3030)
@click.option("--bot-url", default="http://127.0.0.1:3000", show_default=True, help="Where the bot listens.")
@_CAPTION_MODEL
def sandbox(*, port: int, bot_url: str, caption_model: Path | None) -> None:
    """Run the local Slack and the local Mux alone, for a bot in another process."""
    from handlers import demo as demonstration

    hearing = demonstration.hearing(caption_model, ask=click.confirm)
    _exit(demonstration.sandbox(port=port, bot_url=bot_url, hearing=hearing))


@app.command()
@click.option(
    "--public-url",
    default=declared.PLACEHOLDER,
    show_default=True,
    help="Where Slack reaches the bot, such as https://captions.example.com.",
)
@click.option("--socket", is_flag=True, help="For Socket Mode, without any address.")
@click.option("--oauth", is_flag=True, help="For an app that several workspaces install.")
@click.option("--workflow-step", is_flag=True, help="With a step for Workflow Builder, on paid plans.")
@click.option(
    "--without",
    type=click.Choice([feature.value for feature in declared.Feature]),
    multiple=True,
    help="Leave a feature and its scopes out; repeatable.",
)
def manifest(
    *, public_url: str, socket: bool, oauth: bool, workflow_step: bool, without: tuple[str, ...]
) -> None:
    """Print the Slack app's manifest."""
    if not public_url.startswith("https://"):
        click.echo("caption-bot: --public-url must start with https://, as Slack demands", err=True)
        raise click.exceptions.Exit(2)
    wish = declared.Wish(
        public_url=public_url.rstrip("/"),
        socket=socket,
        oauth=oauth,
        workflow_step=workflow_step,
        features=frozenset(declared.Feature) - set(map(declared.Feature, without)),
    )
    click.echo(declared.text(wish), nl=False)


def main() -> None:
    """Enter here from the console script and from `python -m bot`."""
    # Else the first model looks through every installed package for plugins.
    # https://docs.pydantic.dev/latest/concepts/plugins/
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    app(prog_name="caption-bot")


async def _run(env_file: Path, overrides: dict[str, Any]) -> int:
    with lean.without(*lean.UNUSED):
        from bot import log
        from bot import settings as setting
        from handlers import greeting, serving
        from handlers.app import build

    settings = setting.load(env_file, **overrides)
    log.configure(json=settings.log_format == "json", level=settings.log_level)
    sock = serving.listen(settings.host, settings.port)
    with sock, serving.stop_signals() as stopped:
        host, port = sock.getsockname()[:2]
        app = build(settings)
        async with serving.serving(app, sock):
            lean.settle()
            click.echo(greeting.block(settings, app.state.found, listening=f"http://{host}:{port}"))
            await stopped.wait()
    return 0


def _exit(main: Coroutine[Any, Any, int]) -> None:
    from handlers import serving

    try:
        code = serving.run(main)
    except OperatorError as error:
        click.echo(f"caption-bot: {error}", err=True)
        raise click.exceptions.Exit(2) from None
    raise click.exceptions.Exit(code)
