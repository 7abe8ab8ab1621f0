"""Fills a store with jobs: finished ones as a past, and running ones whose end Mux will report."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Final

from sqlalchemy import text

from bot.clock import SystemClock
from bot.store.database import Database
from bot.store.engines import sqlite_path
from bot.store.schema import HEAD
from bot.store.tx import Tx

_STEP: Final = 50_000
_NUMBERS: Final = "WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {end}) "

# One workspace for each running job, so that Slack's limits, which the bot keeps, do not hold the results up.
_JOBS: Final = """
INSERT INTO job (public_id, passthrough, request_key, work_key, team_id, channel_id, user_id, mux_account,
  asset_id, params, state, rank, mux_id, title, created_at, updated_at, finished_at, next_poll_at)
SELECT {name}, 'captionbot:bench:' || {name}, 'command:' || {name}, 'work:' || {name}, 'T' || {team},
  'C' || (i % 5000), 'U0BENCH', 'default', 'asset_' || {name}, '{{"asset_id": "asset_' || {name} || '"}}',
  '{state}', {rank}, 'rjob_' || {name}, 'A film', {now} - 100, {now} - 50, {finished}, {poll} FROM n
"""
_EFFECT: Final = """
INSERT INTO effect (key, kind, lane, job_id, target, want, have, ext_id, ext_channel, maybe_sent_at,
  first_sent_at, due_at)
SELECT job.public_id || ':{role}', '{kind}', {lane}, job.id, job.channel_id, 2, 2, '1700000000.000100',
  job.channel_id, {now}, {now}, {now} FROM n JOIN job ON job.public_id = {name}
"""
_INBOX: Final = """
INSERT INTO inbox (source, event_id, type, received_at, state, due_at)
SELECT 'mux:default', 'event-' || {name} || '-{status}', '{status}', {now}, 1, {now} FROM n
"""
_AUDIT: Final = """
INSERT INTO audit (at, team_id, user_id, action, job_id)
SELECT {now}, job.team_id, job.user_id, 'job.requested', job.id FROM n JOIN job ON job.public_id = {name}
"""
_LANES: Final = """
INSERT INTO lane (lane, vendor)
SELECT 'slack:T' || (i % 1000) || ':C' || (i % 5000), 'slack' FROM n WHERE i < 5000
"""
_HIST: Final = "'hist' || i"
_EDIT: Final = "'edit:' || job.team_id"

# What a life under load leaves behind would be worked on in the next one.
_TIDYING: Final = (
    "DELETE FROM job WHERE public_id NOT LIKE 'hist%'",
    "UPDATE lane SET ready_at = NULL, slot_at = NULL, slot_for = NULL, effect_id = NULL",
)

# Nothing is lost if the filling of a file that is made anew is cut off.
_CARELESS: Final = ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1000000", "locking_mode=EXCLUSIVE")


async def past(url: str, jobs: int, *, kept: Path | None = None) -> None:
    """Store that many finished jobs with what they left behind: two events, four effects, an audit line each.

    On SQLite the filled file is kept in the folder `kept`, and copied from there the next time.
    """
    path = sqlite_path(url)
    if kept is None or path is None:
        await _fill(url, _past(), name=_HIST, first=0, end=jobs, state="completed", rank=90, over=True)
        return
    await asyncio.to_thread(_copy_of_kept, kept, path, jobs)


def _copy_of_kept(kept: Path, path: Path, jobs: int) -> None:
    # Filled anew when the tables change, or this file.
    made_from = hashlib.sha256(Path(__file__).read_bytes() + HEAD.encode()).hexdigest()[:12]
    filled = kept / f"{jobs}-{made_from}.db"
    if not filled.exists():
        kept.mkdir(parents=True, exist_ok=True)
        for old in kept.glob(f"{jobs}-*.db*"):
            old.unlink()
        part = filled.with_suffix(".db.part")
        part.unlink(missing_ok=True)
        asyncio.run(_create(part))
        _fill_carelessly(part, jobs)
        part.replace(filled)
    shutil.copyfile(filled, path)


def _past() -> list[str]:
    return [
        _JOBS.replace("{team}", "(i % 1000)"),
        _EFFECT.replace("{role}", "prepare")
        .replace("{kind}", "mux.prepare")
        .replace("{lane}", "'mux:default:0'"),
        _EFFECT.replace("{role}", "create")
        .replace("{kind}", "mux.create")
        .replace("{lane}", "'mux:default:0'"),
        _EFFECT.replace("{role}", "card").replace("{kind}", "slack.card").replace("{lane}", _EDIT),
        _EFFECT.replace("{role}", "result").replace("{kind}", "slack.result").replace("{lane}", _EDIT),
        _INBOX.replace("{status}", "processing"),
        _INBOX.replace("{status}", "completed"),
        _AUDIT,
        _LANES,
    ]


async def _create(path: Path) -> None:
    async with _opened(f"sqlite+aiosqlite:///{path}"):
        pass


def _fill_carelessly(path: Path, jobs: int) -> None:
    values = _values(name=_HIST, state="completed", rank=90, over=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as driver:
        for pragma in _CARELESS:
            driver.execute(f"PRAGMA {pragma}")
        driver.execute("BEGIN")
        for start in range(0, jobs, _STEP):
            for statement in _statements(_past(), values, start, min(start + _STEP, jobs)):
                driver.execute(statement)
        driver.execute("COMMIT")
        driver.execute("ANALYZE")
        driver.execute("PRAGMA journal_mode=WAL")
    path.with_name(f"{path.name}.lock").unlink(missing_ok=True)


async def tidy(url: str) -> None:
    """Delete every job but those of the past, with what was still to be done for them."""

    def delete(tx: Tx) -> None:
        for statement in _TIDYING:
            tx.conn.execute(text(statement))

    async with _opened(url) as store:
        await store.transaction(delete)


async def running(url: str, first: int, end: int) -> list[str]:
    """Store jobs that Mux is working on, their card posted; return their markers."""
    name = "'mark' || substr('' || (1000000000 + i), 2)"
    statements = [
        _JOBS.replace("{team}", "i"),
        _EFFECT.replace("{role}", "card").replace("{kind}", "slack.card").replace("{lane}", _EDIT),
    ]
    await _fill(url, statements, name=name, first=first, end=end, state="processing", rank=40, over=False)
    return [f"mark{number:09d}" for number in range(first, end)]


async def _fill(
    url: str, statements: list[str], *, name: str, first: int, end: int, state: str, rank: int, over: bool
) -> None:
    values = _values(name=name, state=state, rank=rank, over=over)

    def fill(tx: Tx, start: int) -> None:
        for statement in _statements(statements, values, start, min(start + _STEP, end)):
            tx.conn.execute(text(statement.replace(":", r"\:")))

    async with _opened(url) as store:
        for start in range(first, end, _STEP):
            await store.transaction(fill, start)


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    store = Database(url, SystemClock())
    await store.open()
    try:
        yield store
    finally:
        await store.close()


def _values(*, name: str, state: str, rank: int, over: bool) -> dict[str, object]:
    now = time.time()
    return {
        "name": name,
        "state": state,
        "rank": rank,
        "now": now,
        "finished": now - 50 if over else "NULL",
        "poll": "NULL" if over else now + 1e6,
    }


def _statements(templates: list[str], values: dict[str, object], first: int, end: int) -> list[str]:
    numbers = _NUMBERS.format(first=first, end=end)
    made = []
    for template in templates:
        insert, select = template.strip().split("\nSELECT", 1)
        # PostgreSQL wants the numbers before the select, SQLite takes them there too.
        made.append(f"{insert} {numbers} SELECT{select}".format(**values))
    return made
