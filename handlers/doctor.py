"""`caption-bot doctor` and `/caption doctor`: what is well, what is not, and how it is mended."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from bot import settings as setting
from bot.clock import Clock, SystemClock
from bot.errors import SettingsError
from bot.rules.diagnosis import own
from bot.rules.diagnosis.finding import Finding, Level, count, summary
from handlers import options

_CANNOT_RUN: Final = 2


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
@options.ENV_FILE
def show(*, as_json: bool, env_file: Path) -> None:
    """Check settings, database, Slack and Mux, and say how each problem is mended; changes nothing."""
    # Only here, because its import brings what a running bot goes without; see handlers/lean.py.
    from bot import log

    log.configure(json=False, level="ERROR")
    try:
        findings = asyncio.run(examine(env_file, SystemClock()))
    except (OSError, UnicodeDecodeError) as error:
        click.echo(f"caption-bot: {env_file} cannot be read: {error}", err=True)
        raise click.exceptions.Exit(_CANNOT_RUN) from None
    click.echo(in_json(findings) if as_json else in_words(findings))
    raise click.exceptions.Exit(1 if count(findings, Level.PROBLEM) else 0)


async def examine(env_file: Path | None, clock: Clock) -> list[Finding]:
    """Return every finding; with settings that are not complete nothing else can be looked at."""
    try:
        settings = setting.load(env_file)
    except SettingsError as error:
        return list(own.settings(error.problems))
    # Only here, as the logs above: every command would wait for what only this one needs.
    from handlers.checks import everything

    return await everything.examine(settings, clock)


def in_words(findings: Sequence[Finding]) -> str:
    """Return a line for each finding, the fix below it, and the result at the end."""
    width = max(len(level.value) for level in Level) + 2
    return "\n".join([*_lines(findings, width), "", summary(findings)])


def _lines(findings: Sequence[Finding], width: int) -> Iterator[str]:
    for finding in findings:
        yield f"{finding.level.value:<{width}}{finding.check}: {finding.said}"
        if finding.fix:
            yield f"{'':<{width}}Fix: {finding.fix}"


def in_json(findings: Sequence[Finding]) -> str:
    """Return the same for programs."""
    found = {
        "problems": count(findings, Level.PROBLEM),
        "warnings": count(findings, Level.WARNING),
        "findings": [asdict(finding) for finding in findings],
    }
    return json.dumps(found, indent=2, ensure_ascii=False)
