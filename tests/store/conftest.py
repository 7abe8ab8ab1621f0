"""Rows to start from, and a way to see what a query costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, insert, text

from bot.rules.effects import Kind
from bot.rules.request import CaptionRequest
from bot.store import effects, jobs
from bot.store.schema import effect as effect_table
from bot.store.schema import job as job_table
from bot.store.tx import Tx


@pytest.fixture
def new_job() -> Callable[..., jobs.StoredJob]:
    """Return a function that adds a job in a transaction."""

    def add(tx: Tx, name: str = "j1", **changes: Any) -> jobs.StoredJob:
        values: dict[str, Any] = {
            "public_id": name,
            "passthrough": f"captionbot:d:{name}",
            "request_key": f"act-{name}",
            "work_key": f"work-{name}",
            "team_id": "T1",
            "channel_id": "C1",
            "user_id": "U1",
            "mux_account": "default",
            "request": CaptionRequest(asset_id="asset1"),
            "warnings": (),
            "next_poll_at": tx.now + 30.0,
            **changes,
        }
        return jobs.add(tx, jobs.NewJob(**values))

    return add


@pytest.fixture
def new_effect(new_job) -> Callable[..., Any]:
    """Return a function that adds a card, and its job, in a transaction."""

    def add(tx: Tx, name: str = "j1", *, lane: str = "slack:T1:C1", due_at: float | None = None) -> Any:
        stored = new_job(tx, name)
        key = f"{name}:card"
        effects.add(tx, key=key, kind=Kind.CARD, lane=lane, job_id=stored.row_id, target="C1", due_at=due_at)
        return effects.by_key(tx, key)

    return add


@pytest.fixture
def fill_lane(new_effect) -> Callable[[Tx, int], None]:
    """Return a function that leaves `count` cards waiting in one lane."""

    def fill(tx: Tx, count: int) -> None:
        job_id = new_effect(tx, "first").job_id
        rows = [
            {
                "key": f"{number}:card",
                "kind": Kind.CARD.value,
                "lane": "slack:T1:C1",
                "job_id": job_id,
                "due_at": tx.now - 1.0 - number,
            }
            for number in range(count)
        ]
        tx.conn.execute(insert(effect_table), rows)

    return fill


@pytest.fixture
def many_jobs() -> Callable[[Tx], None]:
    """Return a function that leaves so many jobs that a planner has something to choose from."""

    def fill(tx: Tx) -> None:
        rows = [
            {
                "public_id": f"j{number}",
                "passthrough": f"captionbot:{number}",
                "request_key": f"act-{number}",
                "work_key": f"work-{number}",
                "team_id": "T1",
                "channel_id": "C1",
                "user_id": "U1",
                "mux_account": "a",
                "mux_id": f"m{number}",
                "asset_id": "asset1",
                "params": "{}",
                "state": "pending",
                "rank": 30,
                "next_poll_at": tx.now + 1 + number,
                "created_at": tx.now,
                "updated_at": tx.now,
            }
            for number in range(1_000)
        ]
        tx.conn.execute(insert(job_table), rows)
        tx.conn.execute(text("ANALYZE"))

    return fill


@pytest.fixture
def plans() -> Callable[[Tx, Callable[[], Any]], list[str]]:
    """Return a function that says how the engine would run each query of a call."""

    def explain(tx: Tx, call: Callable[[], Any]) -> list[str]:
        seen: list[tuple[str, Any]] = []

        def note(_conn, _cursor, statement, parameters, _context, _many) -> None:
            hear(statement, parameters)

        def hear(statement: str, parameters: Any) -> None:
            seen.append((statement, tuple(parameters)))

        if tx.conn.dialect.name == "postgresql":
            tx.conn.execute(text("SET LOCAL enable_seqscan = off"))
        if tx.alone:
            # Past SQLAlchemy, whose way some statements do not take; the values stand in the text then.
            driver = tx.conn.connection.driver_connection
            driver.set_trace_callback(lambda statement: hear(statement, ()))
            call()
            driver.set_trace_callback(None)
        else:
            # Those that are built anew each time go through SQLAlchemy, the others do not.
            event.listen(tx.conn, "before_cursor_execute", note)
            tx.wire.listeners.append(hear)
            call()
            tx.wire.listeners.remove(hear)
            event.remove(tx.conn, "before_cursor_execute", note)
        word = "EXPLAIN " if tx.conn.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
        return [
            "\n".join(
                " ".join(map(str, row)) for row in tx.conn.exec_driver_sql(word + statement, parameters)
            )
            for statement, parameters in seen
        ]

    return explain
