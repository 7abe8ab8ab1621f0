"""`caption-bot audit`: who did what, when, and from where."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from bot.clock import SystemClock
from handlers import options
from handlers.database import age_seconds, database_url, in_words

if TYPE_CHECKING:
    from bot.store.auditing import Row

_CONTROLS: Final = dict.fromkeys((*range(32), *range(127, 160), 0x2028, 0x2029), " ")


@click.command()
@click.option("--since", default="", help="Not older than this, as 7d or 2w.")
@click.option("--user", default="", help="Only what this member ID did.")
@click.option("--team", default="", help="Only this workspace's team id.")
@click.option("--action", default="", help="Only this action, such as job.requested.")
@click.option("--job", default="", help="Only what concerns this job.")
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="The newest so many."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@options.ENV_FILE
def show(
    *, since: str, user: str, team: str, action: str, job: str, limit: int, as_json: bool, env_file: Path
) -> None:
    """Show the audit log: who did what, when, and from where; also while the bot runs."""
    from bot.store import auditing, reading

    clock = SystemClock()
    with in_words():
        wanted = auditing.Wanted(
            since_at=clock.now() - age_seconds(since) if since else 0.0,
            user_id=user,
            team_id=team,
            action=action,
            job_id=job,
            most=limit,
        )
        rows = asyncio.run(reading.read(database_url(env_file), clock, auditing.rows, wanted))
    for line in _as_json(rows) if as_json else _as_text(rows):
        click.echo(line)
    if not rows:
        click.echo("Nothing in the audit log fits.", err=True)


def _as_json(rows: list[Row]) -> Iterator[str]:
    for row in rows:
        yield json.dumps({**asdict(row), "at": _time(row.at)})


def _as_text(rows: list[Row]) -> Iterator[str]:
    for row in rows:
        where = row.detail.get("channel", "")
        rest = {name: value for name, value in row.detail.items() if name != "channel"}
        who = f"{row.user_id} in {row.team_id}/{where}" if where else f"{row.user_id} in {row.team_id}"
        parts = [_time(row.at), row.action, who, f"job {row.job_id}" if row.job_id else "", _detail(rest)]
        # What people typed may hold line breaks and terminal codes; a row is one line, whatever it holds.
        yield "  ".join(filter(None, parts)).translate(_CONTROLS)


def _detail(detail: dict[str, Any]) -> str:
    return " ".join(
        f"{name}={value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for name, value in detail.items()
        if value not in ("", None)
    )


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
