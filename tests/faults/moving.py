"""Takes the store of a killed bot to PostgreSQL with the command that an operator types."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, NullPool, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.store.places import existing_file
from bot.store.reading import connect_read_only
from tests.faults.processes import FellOver

_ROOT: Final = Path(__file__).parents[2]
_LONGEST_SECONDS: Final = 120.0
_SAID: Final = re.compile(r"^Moved ([\d,]+) rows? to .+; every row was compared\.$", re.MULTILINE)
_COUNT: Final = re.compile(r"^  (\w+) +([\d,]+)$", re.MULTILINE)
_JOBS: Final = "SELECT count(*) FROM job WHERE rank < 90"
_EFFECTS: Final = "SELECT count(*) FROM effect WHERE state = 0 AND (have < want OR suspect = 1)"
_IN_FLIGHT: Final = "SELECT count(*) FROM lane WHERE lease_owner IS NOT NULL AND effect_id IS NOT NULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """What a store still has to do: jobs that have not ended, and effects that are due or in doubt.

    Of those, `in_flight` were with a process when it was killed, and perhaps done.
    """

    jobs: int
    effects: int
    in_flight: int

    @property
    def all_kinds(self) -> bool:
        """Whether there is some of each, so that a move has everything to lose."""
        return bool(self.jobs and self.effects and self.in_flight)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A move whose counts were equal: in the file, in what the command printed, and at the server."""

    rows: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What the store's move was like, and how far people and kills were at that moment."""

    kills: int
    jobs_asked: int
    jobs_answered: int
    unfinished: Unfinished
    moved: Moved


def unfinished(source_url: str) -> Unfinished:
    """Look at a store on SQLite that no bot runs on."""
    with closing(connect_read_only(existing_file(source_url))) as conn:
        jobs, effects, in_flight = (conn.execute(sql).fetchone()[0] for sql in (_JOBS, _EFFECTS, _IN_FLIGHT))
    return Unfinished(jobs=jobs, effects=effects, in_flight=in_flight)


async def move(source_url: str, target_url: str) -> Moved:
    """Run `db move` and count everything once more, before and after.

    Raises:
        FellOver: when the command failed, or one count differs from another.
    """
    before = _rows_of_file(source_url)
    started = time.monotonic()
    output = await _command(source_url, target_url)
    seconds = time.monotonic() - started
    after = await _rows_of_server(target_url, sorted(before))
    said = _SAID.search(output)
    printed = {name: _number(count) for name, count in _COUNT.findall(output)}
    if said is None or not before == printed == after or _number(said[1]) != sum(before.values()):
        raise FellOver(f"the counts differ: {before} in the file, {after} at the server, printed: {output}")
    return Moved(rows=_number(said[1]), seconds=seconds)


async def _command(source_url: str, target_url: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "db", "move", "--to", target_url),
        cwd=_ROOT,
        env={**os.environ, "DATABASE_URL": source_url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(_LONGEST_SECONDS):
            output, _ = await process.communicate()
    except TimeoutError:
        raise FellOver(f"db move did not end within {_LONGEST_SECONDS:.0f} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise FellOver(f"db move ended with {process.returncode}: {output.decode()}")
    return output.decode()


def _rows_of_file(url: str) -> dict[str, int]:
    """Count by the file's own list of tables, so that one that the move forgot is found out."""
    with closing(connect_read_only(existing_file(url))) as conn:
        names = [
            str(name)
            for (name,) in conn.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
            if name != "alembic_version" and not name.startswith("sqlite_")
        ]
        return {name: int(conn.execute(_count(name)).fetchone()[0]) for name in names}


async def _rows_of_server(url: str, names: list[str]) -> dict[str, int]:
    def count(conn: Connection) -> dict[str, int]:
        return {name: int(conn.execute(text(_count(name))).scalar_one()) for name in names}

    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as conn:
            return await conn.run_sync(count)
    finally:
        await engine.dispose()


def _count(table: str) -> str:
    return f'SELECT count(*) FROM "{table}"'  # noqa: S608 - a name from the file's own schema


def _number(printed: str) -> int:
    return int(printed.replace(",", ""))
