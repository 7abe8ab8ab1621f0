"""What waits is found by the size of what is due, never by the size of history or of a throttled channel."""

from __future__ import annotations

import pytest

from bot.rules.pacing import Timing
from bot.services import claiming
from bot.store import counts, effects, inbox, jobs, lanes

QUERIES = {
    "next_ready": (lambda tx: lanes.next_ready(tx, "slack"), "lane_ready"),
    "next_ready_at": (lambda tx: lanes.next_ready_at(tx, "slack"), "lane_ready"),
    "head": (lambda tx: effects.head(tx, "slack:T1:C1"), "effect_open"),
    "rest": (lambda tx: lanes.rest(tx, "slack:T1:C1"), "effect_open"),
    "inbox due": (lambda tx: inbox.due(tx, 100), "inbox_due"),
    "inbox next": (inbox.next_due_at, "inbox_due"),
    "due polls": (lambda tx: jobs.due_polls(tx, 20), "job_poll"),
    "next poll": (jobs.next_poll_at, "job_poll"),
    "running": (lambda tx: jobs.running(tx, "work"), "job_running"),
    "by mux id": (lambda tx: jobs.find(tx, account="a", mux_id="m", passthrough=""), "job_mux_id"),
}
COUNTS = ("job_", "effect_open", "inbox_due", "effect_dead")


@pytest.mark.parametrize("name", QUERIES)
async def test_every_queue_query_uses_its_partial_index(store, plans, name, many_jobs):
    call, index = QUERIES[name]
    await store.transaction(many_jobs)
    (plan,) = await store.transaction(lambda tx: plans(tx, lambda: call(tx)))
    assert index in plan, plan


async def test_what_operators_see_is_counted_by_partial_indexes(store, plans):
    found = await store.transaction(lambda tx: plans(tx, lambda: counts.backlog(tx)))
    for plan, index in zip(found, COUNTS, strict=True):
        assert index in plan, plan


async def vm_steps(store, call) -> int:
    """Return how many instructions SQLite's machine runs for a call."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    def work(tx) -> None:
        driver = tx.conn.connection.driver_connection
        driver.set_progress_handler(count, 1)
        call(tx)
        driver.set_progress_handler(None, 1)

    await store.transaction(work)
    return steps


@pytest.mark.parametrize("ready", [False, True])
async def test_a_claim_costs_the_same_with_ten_and_with_ten_thousand_waiting_in_one_channel(
    sqlite_store, clock, fill_lane, ready
):
    await sqlite_store.transaction(fill_lane, 10)
    await sqlite_store.transaction(lanes.hold_all, "slack:", clock.now() + 60)
    costs = []
    for more in (0, 10_000):
        if more:
            await sqlite_store.transaction(_refill, more)
        clock.forward(100 if ready else 0)
        outcome = []
        costs.append(
            await vm_steps(
                sqlite_store,
                lambda tx, seen=outcome: seen.append(claiming.claim(tx, "slack", owner="o", timing=Timing())),
            )
        )
        assert (outcome[0] is not None) is ready
    assert costs[1] < costs[0] * 1.3 + 50, costs


def _refill(tx, count: int) -> None:
    first = effects.by_key(tx, "first:card")
    tx.conn.exec_driver_sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
        "INSERT INTO effect (key, kind, lane, job_id, due_at) "
        "SELECT 'more:' || i, 'slack.card', 'slack:T1:C1', ?, ? - i FROM n",
        (count, first.job_id, tx.now - 1_000),
    )
