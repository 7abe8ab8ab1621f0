"""`caption-bot db status | backup | prune | move`: looks after the store, and needs no other setting."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from bot import environment
from bot.clock import SystemClock
from bot.errors import OperatorError
from bot.settings import Settings
from handlers import options

_AS_JSON: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON; times are Unix seconds.")
_SPAN: Final = re.compile(r"(\d{1,5})\s*([dw])", re.IGNORECASE)
_SPAN_SECONDS: Final = {"d": 86_400.0, "w": 7 * 86_400.0}


@click.group(cls=options.Group, invoke_without_command=True)
@_AS_JSON
@click.pass_context
def app(context: click.Context, *, as_json: bool) -> None:
    """Look after the database."""
    if context.invoked_subcommand is None:
        context.invoke(status, as_json=as_json)


@app.command()
@_AS_JSON
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="Entries in each list.")
@options.ENV_FILE
def status(*, as_json: bool, limit: int, env_file: Path) -> None:
    """Show size, counts, pending work and what was given up; also while the bot runs."""
    from bot.store import places, reading
    from bot.store import status as look
    from handlers import database_report as report

    url = database_url(env_file)
    with in_words():
        found = asyncio.run(reading.read(url, SystemClock(), look.status, most=limit))
    if as_json:
        click.echo(json.dumps({"where": places.masked(url), **asdict(found)}, indent=2))
    else:
        _print(report.status(found, places.masked(url)))


@app.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@options.ENV_FILE
def backup(*, file: Path, force: bool, env_file: Path) -> None:
    """Copy an SQLite database to FILE, also while the bot runs; checked before it gets its name."""
    from bot.store.backup import back_up
    from handlers import database_report as report

    with in_words():
        made = back_up(database_url(env_file), file, now=SystemClock().now(), force=force)
    _print(report.backup(made))


@app.command()
@click.option("--older-than", required=True, help="Age of finished jobs, as 90d or 12w.")
@click.option("--dry-run", is_flag=True, help="Count only; also while the bot runs.")
@click.option("--audit", is_flag=True, help="Remove old audit rows too.")
@click.option("--files", is_flag=True, help="Forget jobs that left caption files too.")
@options.ENV_FILE
def prune(*, older_than: str, dry_run: bool, audit: bool, files: bool, env_file: Path) -> None:
    """Forget finished jobs by age, and old events; never what still has something to do."""
    from bot.store import maintenance
    from bot.store.prune import Rule
    from handlers import database_report as report

    url = database_url(env_file)
    work = maintenance.count_prunable if dry_run else maintenance.prune_all
    with in_words():
        rule = Rule(older_than_seconds=_seconds(older_than), with_audit=audit, with_files=files)
        gone, kept = asyncio.run(work(url, rule, SystemClock()))
    _print(report.pruned(gone, rule, kept=kept, dry_run=dry_run, sqlite=url.startswith("sqlite")))


@app.command()
@click.option("--to", required=True, help="postgresql+asyncpg://USER@HOST/DATABASE; PGPASSWORD is used.")
@options.ENV_FILE
def move(*, to: str, env_file: Path) -> None:
    """Take the SQLite database to an empty PostgreSQL database; the bot must be stopped."""
    from bot.store import places
    from bot.store.move import move as move_store
    from handlers import database_report as report

    url = database_url(env_file)
    with in_words():
        result = asyncio.run(move_store(url, to, SystemClock()))
        source = str(places.existing_file(url))
    _print(report.moved(result, source=source, target=places.masked(to)))


def database_url(env_file: Path) -> str:
    """Return `DATABASE_URL` by the environment and the file; a backup works where no token is at hand."""
    found = environment.given({"database_url"}, env_file)
    default: str = Settings.model_fields["database_url"].default
    return found.get("database_url", default)


def age_seconds(span: str) -> float:
    """Read an age such as `90d` or `12w`.

    Raises:
        OperatorError: it is none.
    """
    match = _SPAN.fullmatch(span.strip())
    if match is None:
        raise OperatorError(f"{span!r} is no age; write days or weeks, as 90d or 12w")
    return int(match[1]) * _SPAN_SECONDS[match[2].lower()]


def _seconds(span: str) -> float:
    from bot.store.prune import LEAST_SECONDS

    seconds = age_seconds(span)
    if seconds < LEAST_SECONDS:
        raise OperatorError(f"{span!r} is too young to forget; the least is {LEAST_SECONDS / 86_400:.0f}d")
    return seconds


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


@contextmanager
def in_words() -> Iterator[None]:
    """Say on standard error why a command cannot do what it was asked, and exit with 2."""
    from bot.store.filelock import StoreInUse

    try:
        yield
    except StoreInUse:
        reason = "the bot is running, and an SQLite database has one writer at a time: stop the bot first"
    except OperatorError as error:
        reason = str(error)
    else:
        return
    click.echo(f"caption-bot: {reason}", err=True)
    raise click.exceptions.Exit(2)
