"""Reads the audit log.

It only ever grows: nothing in the bot changes a row, and only `db prune` removes old ones, when told to.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from bot.errors import OperatorError
from bot.store import migrate
from bot.store.schema import HEAD, audit, job
from bot.store.tx import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rows are wanted; what is empty does not narrow. `since_at` is in seconds since the epoch."""

    since_at: float = 0.0
    user_id: str = ""
    team_id: str = ""
    action: str = ""
    job_id: str = ""
    most: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One act: who did what, when, to which job (our public id), and what else is known of it.

    `detail` holds where it was done (`channel`) and what belongs to the action.
    """

    at: float
    team_id: str
    user_id: str
    action: str
    job_id: str
    detail: dict[str, Any]


def rows(tx: Tx, wanted: Wanted) -> list[Row]:
    """Return the newest rows that fit, oldest first.

    Raises:
        OperatorError: the store is of another version.
    """
    version = migrate.version(tx.conn)
    if version != HEAD:
        raise OperatorError(
            f"the store has schema {version or 'none'}, this version knows {HEAD}; start the bot once with "
            "this version, which brings the store up to date"
        )
    found = (
        select(audit, job.c.public_id)
        .outerjoin(job, job.c.id == audit.c.job_id)
        .where(audit.c.at >= wanted.since_at)
        .order_by(audit.c.id.desc())
        .limit(wanted.most)
    )
    for column, value in (
        (audit.c.user_id, wanted.user_id),
        (audit.c.team_id, wanted.team_id),
        (audit.c.action, wanted.action),
        (job.c.public_id, wanted.job_id),
    ):
        if value:
            found = found.where(column == value)
    return [
        Row(
            at=each.at,
            team_id=each.team_id,
            user_id=each.user_id,
            action=each.action,
            job_id=each.public_id or "",
            detail=dict(json.loads(each.detail)),
        )
        for each in reversed(tx.conn.execute(found).all())
    ]
