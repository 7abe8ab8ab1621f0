"""Lists of jobs, newest first: a person's, a channel's, an asset's. Every query walks an index.

Pages are cut by the row's id: `before` is the id that the last page ended with, and what is newer than a
list's first page never moves the second one.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Select, bindparam, exists, or_, select, text

from bot.store import jobs
from bot.store.jobs import StoredJob
from bot.store.schema import job, watcher
from bot.store.tx import Tx

FROM_THE_TOP: Final = 2**62
"""The `before` of a first page: larger than every id."""

_OPEN: Final = text("rank < 90")
_PAGE: Final = job.c.id < bindparam("before")


def _newest(statement: Select[Any]) -> Select[Any]:
    return statement.order_by(job.c.id.desc()).limit(bindparam("most"))


ASKED_FOR: Final = _newest(
    select(job.c.id).where(job.c.team_id == bindparam("team"), job.c.user_id == bindparam("user"), _PAGE)
)
WAITED_FOR: Final = (
    select(watcher.c.job_id)
    .join(job, job.c.id == watcher.c.job_id)
    .where(
        watcher.c.user_id == bindparam("user"),
        watcher.c.job_id < bindparam("before"),
        job.c.team_id == bindparam("team"),
    )
    .order_by(watcher.c.job_id.desc())
    .limit(bindparam("most"))
)
IN_CHANNEL: Final = _newest(
    select(job.c.id).where(
        job.c.team_id == bindparam("team"), job.c.channel_id == bindparam("channel"), _PAGE
    )
)
OF_ASSET: Final = _newest(
    select(job.c.id).where(job.c.team_id == bindparam("team"), job.c.asset_id == bindparam("asset"), _PAGE)
)
UNFINISHED: Final = _newest(
    select(job.c.id).where(
        job.c.team_id == bindparam("team"),
        job.c.channel_id == bindparam("channel"),
        _OPEN,
        or_(
            job.c.user_id == bindparam("user"),
            exists().where(watcher.c.job_id == job.c.id, watcher.c.user_id == bindparam("user")),
        ),
    )
)
LATEST: Final = _newest(
    select(job.c.id).where(
        job.c.team_id == bindparam("team"),
        job.c.user_id == bindparam("user"),
        job.c.channel_id == bindparam("channel"),
    )
)


def mine(tx: Tx, *, team_id: str, user_id: str, before: int, most: int) -> list[StoredJob]:
    """Return jobs that a person asked for or waits for, at most `most`, all older than `before`."""
    given = {"team": team_id, "user": user_id, "before": before, "most": most}
    return _read(tx, {*_ids(tx, ASKED_FOR, given), *_ids(tx, WAITED_FOR, given)}, most)


def in_channel(tx: Tx, *, team_id: str, channel_id: str, before: int, most: int) -> list[StoredJob]:
    """Return jobs that were asked for in a channel, at most `most`, all older than `before`."""
    given = {"team": team_id, "channel": channel_id, "before": before, "most": most}
    return _read(tx, set(_ids(tx, IN_CHANNEL, given)), most)


def of_asset(tx: Tx, *, team_id: str, asset_id: str, before: int, most: int) -> list[StoredJob]:
    """Return jobs on an asset, whoever asked for them: who may see each is for the caller to decide."""
    given = {"team": team_id, "asset": asset_id, "before": before, "most": most}
    return _read(tx, set(_ids(tx, OF_ASSET, given)), most)


def unfinished_here(tx: Tx, *, team_id: str, channel_id: str, user_id: str, most: int) -> list[StoredJob]:
    """Return a channel's unfinished jobs that a person asked for or waits for."""
    given = {"team": team_id, "channel": channel_id, "user": user_id, "most": most}
    return _read(tx, set(_ids(tx, UNFINISHED, given)), most)


def latest_here(tx: Tx, *, team_id: str, channel_id: str, user_id: str, most: int) -> list[StoredJob]:
    """Return the newest jobs that a person asked for in a channel."""
    given = {"team": team_id, "channel": channel_id, "user": user_id, "most": most}
    return _read(tx, set(_ids(tx, LATEST, given)), most)


def _ids(tx: Tx, statement: Select[Any], given: dict[str, Any]) -> list[int]:
    return list(tx.conn.execute(statement, given).scalars())


def _read(tx: Tx, row_ids: set[int], most: int) -> list[StoredJob]:
    return [jobs.get(tx, row_id) for row_id in sorted(row_ids, reverse=True)[:most]]
