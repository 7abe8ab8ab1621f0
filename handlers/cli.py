"""The command line: `caption-bot run | demo | sandbox | doctor | manifest | audit | export | keys | db`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from bot import settings as setting
from bot.errors import OperatorError
from handlers import audit, database, doctor, export, keys, lean, serving
from handlers import manifest as declared

app = typer.Typer(
    help="A self-hosted Slack app that makes captions with Mux Robots.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    add_completion=False,
)
app.add_typer(database.app, name="db")
app.add_typer(keys.app, name="keys")
app.command("audit")(audit.show)
app.command("doctor")(doctor.show)
app.command("export")(export.command)

Port = Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)]

Model = Annotated[
    Path | None,
    typer.Option(
        help="Folder of a faster-whisper model, to caption videos that you add.", exists=True, file_okay=False
    ),
]


@app.command()
def run(
    port: Port = None,
    env_file: Annotated[Path, typer.Option(help="File with settings; the environment wins over it.")] = Path(
        ".env"
    ),
) -> None:
    """Run the bot with the settings of the environment."""
    overrides: dict[str, Any] = {} if port is None else {"port": port}
    _exit(_run(env_file, overrides))


@app.command()
def demo(
    port: Port = None,
    *,
    script: Annotated[
        bool, typer.Option("--script", help="Play one conversation as text, judge it, and exit.")
    ] = False,
    caption_model: Model = None,
) -> None:
    """Run the bot with a local Slack and a local Mux; nothing leaves this machine."""
    from handlers import demo as demonstration

    hearing = demonstration.hearing(caption_model, ask=None if script else typer.confirm)
    _exit(demonstration.run(port=port, script=script, hearing=hearing))


@app.command()
def sandbox(
    port: Port = 3030,
    bot_url: Annotated[str, typer.Option(help="Where the bot listens.")] = "http://127.0.0.1:3000",
    caption_model: Model = None,
) -> None:
    """Run the local Slack and the local Mux alone, for a bot in another process."""
    from handlers import demo as demonstration

    hearing = demonstration.hearing(caption_model, ask=typer.confirm)
    _exit(demonstration.sandbox(port=port or 0, bot_url=bot_url, hearing=hearing))


@app.command()
def manifest(
    public_url: Annotated[
        str, typer.Option(help="Where Slack reaches the bot, such as https://captions.example.com.")
    ] = declared.PLACEHOLDER,
    *,
    socket: Annotated[bool, typer.Option("--socket", help="For Socket Mode, without any address.")] = False,
    oauth: Annotated[
        bool, typer.Option("--oauth", help="For an app that several workspaces install.")
    ] = False,
    workflow_step: Annotated[
        bool, typer.Option("--workflow-step", help="With a step for Workflow Builder, on paid plans.")
    ] = False,
    without: Annotated[
        list[declared.Feature] | None, typer.Option(help="Leave a feature and its scopes out; repeatable.")
    ] = None,
) -> None:
    """Print the Slack app's manifest."""
    if not public_url.startswith("https://"):
        typer.echo("caption-bot: --public-url must start with https://, as Slack demands", err=True)
        raise typer.Exit(2)
    features = frozenset(declared.Feature) - frozenset(without or ())
    wish = declared.Wish(
        public_url=public_url.rstrip("/"),
        socket=socket,
        oauth=oauth,
        workflow_step=workflow_step,
        features=features,
    )
    typer.echo(declared.text(wish), nl=False)


def main() -> None:
    """Enter here from the console script and from `python -m bot`."""
    app()


async def _run(env_file: Path, overrides: dict[str, Any]) -> int:
    with lean.without(*lean.UNUSED):
        from bot import log
        from handlers import greeting
        from handlers.app import build

    settings = setting.load(env_file, **overrides)
    log.configure(json=settings.log_format == "json", level=settings.log_level)
    sock = serving.listen(settings.host, settings.port)
    with sock, serving.stop_signals() as stopped:
        host, port = sock.getsockname()[:2]
        app = build(settings)
        async with serving.serving(app, sock):
            lean.settle()
            typer.echo(greeting.block(settings, app.state.found, listening=f"http://{host}:{port}"))
            await stopped.wait()
    return 0


def _exit(main: Any) -> None:
    try:
        code = serving.run(main)
    except OperatorError as error:
        typer.echo(f"caption-bot: {error}", err=True)
        raise typer.Exit(2) from None
    raise typer.Exit(code)
