"""What is wanted for a job that was just made: its first effects, all in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Insert, bindparam, insert

from bot.rules.effects import Kind
from bot.store import lanes
from bot.store.schema import effect
from bot.store.tx import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEffect:
    """An effect of a job that was just made, so that none of its keys can be there already."""

    key: str
    kind: Kind
    lane: str
    due_at: float
    target: str = ""


@cache
def _adding(rows: int) -> Insert:
    names = ("key", "kind", "lane", "target", "due_at")
    each: list[dict[str, Any]] = [{name: bindparam(f"{name}_{row}") for name in names} for row in range(rows)]
    return insert(effect).values([{**one, "job_id": bindparam("of_job")} for one in each])


def add(tx: Tx, job_id: int, wanted: Sequence[NewEffect]) -> None:
    """Ask for the first effects of a job, in one statement, and wake their lanes in another."""
    values: dict[str, Any] = {}
    for row, new in enumerate(wanted):
        values |= {
            f"key_{row}": new.key,
            f"kind_{row}": new.kind.value,
            f"lane_{row}": new.lane,
            f"target_{row}": new.target,
            f"due_at_{row}": new.due_at,
        }
    tx.run(_adding(len(wanted)), of_job=job_id, **values)
    lanes.wake_all(tx, [(new.lane, new.due_at) for new in wanted])
