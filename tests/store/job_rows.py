"""Rows of jobs as they stand in a store, whatever brought them there."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert

from bot.store import schema
from bot.store.tx import Tx


def job_values(number: int, *, at: float, state: str = "completed") -> dict[str, Any]:
    """Return the values of a job, but for its id; it was last touched, and over if it is, at `at`."""
    over = state not in {"requested", "processing"}
    return {
        "public_id": f"j{number}",
        "passthrough": f"captionbot:j{number}",
        "request_key": f"r{number}",
        "work_key": f"w{number}",
        "team_id": "T1",
        "channel_id": "C1",
        "user_id": "U1",
        "mux_account": "default",
        "asset_id": "asset",
        "params": "{}",
        "state": state,
        "rank": 90 if over else 0,
        "created_at": at,
        "updated_at": at,
        "finished_at": at if over else None,
    }


def add_job(tx: Tx, number: int, *, days: float = 0.0, state: str = "completed") -> None:
    """Add a job that came to `state` some days ago, under `number` as its id."""
    at = tx.now - days * 86_400.0
    tx.conn.execute(insert(schema.job).values(id=number, **job_values(number, at=at, state=state)))
