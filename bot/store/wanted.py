"""What is wanted for a job: several effects in one statement, and their lanes woken in another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Insert, bindparam

from bot.rules.effects import Kind
from bot.store import engines, lanes
from bot.store.schema import effect
from bot.store.tx import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEffect:
    """An effect that is wanted once: where its key is there already, it stays as it is."""

    key: str
    kind: Kind
    lane: str
    due_at: float
    target: str = ""
    detour: str | None = None


@cache
def _adding(dialect: str, rows: int) -> Insert:
    names = ("key", "kind", "lane", "target", "detour", "due_at")
    each: list[dict[str, Any]] = [{name: bindparam(f"{name}_{row}") for name in names} for row in range(rows)]
    adding = engines.insert(dialect)(effect).values([{**one, "job_id": bindparam("of_job")} for one in each])
    statement: Insert = adding.on_conflict_do_nothing(index_elements=["key"])
    return statement


def add(tx: Tx, job_id: int, wanted: Sequence[NewEffect], *, also: Sequence[tuple[str, float]] = ()) -> None:
    """Ask for effects of a job, and wake their lanes and `also` those, given as (name, due at)."""
    values: dict[str, Any] = {}
    for row, new in enumerate(wanted):
        values |= {
            f"key_{row}": new.key,
            f"kind_{row}": new.kind.value,
            f"lane_{row}": new.lane,
            f"target_{row}": new.target,
            f"detour_{row}": new.detour,
            f"due_at_{row}": new.due_at,
        }
    tx.run(_adding(tx.conn.dialect.name, len(wanted)), of_job=job_id, **values)
    lanes.wake_all(tx, [*((new.lane, new.due_at) for new in wanted), *also])
