"""A store at work: jobs with all that is theirs, events, and what went wrong."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, update

from bot.rules.effects import NEVER
from bot.store import schema
from bot.store.tx import Tx
from tests.store.job_rows import add_job

DAY = 86_400.0


def add_whole_job(tx: Tx, number: int, *, days: float = 0.0, state: str = "completed", **effect: Any) -> None:
    """Add a job that came to `state` some days ago, with one effect, one watcher and one audit row."""
    at = tx.now - days * DAY
    add_job(tx, number, days=days, state=state)
    made = {"key": f"j{number}:card", "kind": "slack.card", "lane": "slack:T1:C1", "target": "C1"}
    done = {"have": 1, "ext_id": "1.2", "due_at": at, "job_id": number}
    tx.conn.execute(insert(schema.effect).values({**made, **done, **effect}))
    tx.conn.execute(
        insert(schema.watcher).values(job_id=number, user_id="U2", channel_id="C1", created_at=at)
    )
    tx.conn.execute(
        insert(schema.audit).values(at=at, team_id="T1", user_id="U1", action="caption", job_id=number)
    )


def add_event(tx: Tx, name: str, *, age: float, state: int = 1) -> None:
    at = tx.now - age
    values = {"source": "mux:default", "event_id": name, "type": "t", "payload": "{}"}
    tx.conn.execute(insert(schema.inbox).values(**values, received_at=at, due_at=at, state=state))


def add_troubles(tx: Tx) -> None:
    add_whole_job(tx, 1)
    add_whole_job(
        tx, 2, state="requested", key="j2:create", kind="mux.create", have=0, ext_id=None, due_at=tx.now - 9
    )
    add_whole_job(tx, 3, state="processing", have=0, due_at=NEVER, ext_id=None)
    add_whole_job(tx, 4, state="errored", have=0)
    tx.conn.execute(
        update(schema.effect).where(schema.effect.c.job_id == 4).values(state=1, error="not_in_channel")
    )
    add_event(tx, "new", age=0, state=0)
    add_event(tx, "dead", age=0, state=3)
    tx.conn.execute(
        insert(schema.channel).values(
            team_id="T1",
            channel_id="C9",
            mux_account="default",
            state=1,
            reason="is_archived",
            created_by="U1",
            created_at=tx.now,
            updated_at=tx.now,
        )
    )
    tx.conn.execute(
        insert(schema.lane).values(
            lane="slack:T1:C1", vendor="slack", ready_at=tx.now + 50, rate_at=tx.now + 50
        )
    )
