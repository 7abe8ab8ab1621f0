"""Counts for operators; those of the backlog use partial indexes, so that history costs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select, text

from bot.store.schema import effect, inbox, job, share
from bot.store.tx import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What is not done yet at `at`. `unfinished` maps a job's state to how many jobs are in it."""

    at: float
    unfinished: dict[str, int]
    inbox_new: int
    effects_open: int
    effects_dead: int
    oldest_due_at: float | None

    @property
    def late_seconds(self) -> float:
        """For how long the oldest open effect has been due; 0 when none is."""
        return 0.0 if self.oldest_due_at is None else max(self.at - self.oldest_due_at, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What has been done, as far as it is not pruned: `jobs` by state, units, and shares that people see."""

    jobs: dict[str, int]
    units_consumed: int
    shares: int


_UNFINISHED: Final = select(job.c.state, func.count()).where(text("rank < 90")).group_by(job.c.state)
_INBOX: Final = select(func.count()).select_from(inbox).where(text("state = 0"))
_OPEN: Final = text("state = 0 AND (have < want OR suspect = 1)")
_EFFECTS: Final = select(func.count(), func.min(effect.c.due_at)).where(_OPEN)
_DEAD: Final = select(func.count()).select_from(effect).where(text("state = 1"))
_JOBS: Final = select(job.c.state, func.count(), func.sum(job.c.units_consumed)).group_by(job.c.state)
_SHARES: Final = select(func.count()).select_from(share).where(share.c.ts.is_not(None))


def backlog(tx: Tx) -> Backlog:
    """Return what is waiting, and what was given up."""
    rows: list[Any] = list(tx.conn.execute(_UNFINISHED))
    open_count, oldest = tx.conn.execute(_EFFECTS).one()
    return Backlog(
        at=tx.now,
        unfinished={row[0]: row[1] for row in rows},
        inbox_new=tx.conn.execute(_INBOX).scalar_one(),
        effects_open=open_count,
        effects_dead=tx.conn.execute(_DEAD).scalar_one(),
        oldest_due_at=oldest,
    )


def totals(tx: Tx) -> Totals:
    """Count everything that is kept; reads every job, so not to be asked more often than each minute."""
    rows: list[Any] = list(tx.conn.execute(_JOBS))
    return Totals(
        jobs={row[0]: int(row[1]) for row in rows},
        units_consumed=sum(int(row[2] or 0) for row in rows),
        shares=int(tx.conn.execute(_SHARES).scalar_one()),
    )
