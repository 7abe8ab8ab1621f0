"""Counts for operators; each uses a partial index, so that history costs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select, text

from bot.store.schema import effect, inbox, job
from bot.store.tx import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What is not done yet. `unfinished` maps a job's state to how many jobs are in it."""

    unfinished: dict[str, int]
    inbox_new: int
    effects_open: int
    effects_dead: int
    oldest_due_at: float | None


_UNFINISHED: Final = select(job.c.state, func.count()).where(text("rank < 90")).group_by(job.c.state)
_INBOX: Final = select(func.count()).select_from(inbox).where(text("state = 0"))
_OPEN: Final = text("state = 0 AND (have < want OR suspect = 1)")
_EFFECTS: Final = select(func.count(), func.min(effect.c.due_at)).where(_OPEN)
_DEAD: Final = select(func.count()).select_from(effect).where(text("state = 1"))


def backlog(tx: Tx) -> Backlog:
    """Return what is waiting, and what was given up."""
    rows: list[Any] = list(tx.conn.execute(_UNFINISHED))
    open_count, oldest = tx.conn.execute(_EFFECTS).one()
    return Backlog(
        unfinished={row[0]: row[1] for row in rows},
        inbox_new=tx.conn.execute(_INBOX).scalar_one(),
        effects_open=open_count,
        effects_dead=tx.conn.execute(_DEAD).scalar_one(),
        oldest_due_at=oldest,
    )
