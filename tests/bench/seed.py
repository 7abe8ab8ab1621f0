"""Fills a store with jobs: finished ones as a past, and running ones whose end Mux will report."""

from __future__ import annotations

import time
from typing import Final

from sqlalchemy import text

from bot.clock import SystemClock
from bot.store.database import Database
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
_EDIT: Final = "'edit:' || job.team_id"


async def past(url: str, jobs: int) -> None:
    """Store that many finished jobs with what they left behind: two events and four effects each."""
    name = "'hist' || i"
    statements = [
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
    ]
    await _fill(url, statements, name=name, first=0, end=jobs, state="completed", rank=90, over=True)


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
    now = time.time()
    values = {
        "name": name,
        "state": state,
        "rank": rank,
        "now": now,
        "finished": now - 50 if over else "NULL",
        "poll": "NULL" if over else now + 1e6,
    }

    def fill(tx: Tx, start: int) -> None:
        numbers = _NUMBERS.format(first=start, end=min(start + _STEP, end))
        for statement in statements:
            insert, select = statement.strip().split("\nSELECT", 1)
            # PostgreSQL wants the numbers before the select, SQLite takes them there too.
            tx.conn.execute(text(f"{insert} {numbers} SELECT{select}".format(**values).replace(":", r"\:")))

    store = Database(url, SystemClock())
    await store.open()
    try:
        for start in range(first, end, _STEP):
            await store.transaction(fill, start)
    finally:
        await store.close()
