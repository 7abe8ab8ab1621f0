"""A lane wakes who carries it, and is held by one."""

from __future__ import annotations

import asyncio

from sqlalchemy import text

from bot.rules.effects import NEVER
from bot.store import effects, lanes
from tests.store.queued import LANE, lane_row


async def test_a_lane_wakes_at_the_earliest_time_that_somebody_asks_for(store):
    def wake(tx) -> None:
        for due_in in (20, 5, 10):
            lanes.wake(tx, LANE, tx.now + due_in)
        assert lanes.next_ready_at(tx, "slack") == tx.now + 5
        assert lanes.next_ready(tx, "slack") is None
        lanes.wake(tx, LANE, tx.now)
        assert lanes.next_ready(tx, "slack").name == LANE
        assert lanes.next_ready(tx, "mux") is None

    await store.transaction(wake)
    assert await store.bells.wait("slack", 0.01)


async def test_a_leased_lane_is_left_alone_until_it_is_given_back(store, new_effect):
    def lease(tx) -> None:
        new_effect(tx)
        lanes.lease(tx, LANE, owner="me", until=tx.now + 30, rate_at=tx.now + 1, effect_id=7)
        lanes.wake(tx, LANE, tx.now)
        assert lanes.next_ready(tx, "slack") is None
        assert lanes.next_ready_at(tx, "slack") == tx.now + 30
        assert lanes.holds(tx, LANE, "me")
        assert not lanes.holds(tx, LANE, "other")
        lanes.rest(tx, LANE)
        assert lanes.next_ready_at(tx, "slack") == tx.now + 1
        assert not lanes.holds(tx, LANE, "me")

    await store.transaction(lease)


async def test_a_lane_without_work_sleeps(store, new_effect):
    def rest(tx) -> None:
        lanes.wake(tx, LANE, tx.now)
        lanes.rest(tx, LANE)
        assert lanes.next_ready_at(tx, "slack") is None
        new_effect(tx, due_at=NEVER)
        lanes.rest(tx, LANE)
        assert lanes.next_ready_at(tx, "slack") is None

    await store.transaction(rest)


async def test_a_lane_that_is_given_back_waits_for_what_is_due_first(store, new_effect):
    def rest(tx) -> None:
        for name, due_in in (("j1", 9), ("j2", 5), ("j3", 7)):
            new_effect(tx, name, due_at=tx.now + due_in)
        effects.settle(tx, new_effect(tx, "j4").id, error="")
        lanes.rest(tx, LANE)
        assert lanes.next_ready_at(tx, "slack") == tx.now + 5
        lanes.rest(tx, LANE, rate_at=tx.now + 6)
        assert lanes.next_ready_at(tx, "slack") == tx.now + 6

    await store.transaction(rest)


async def test_a_pause_that_the_vendor_asked_for_only_grows(store, new_effect):
    def rest(tx) -> None:
        new_effect(tx)
        lanes.rest(tx, LANE, rate_at=tx.now + 30)
        lanes.rest(tx, LANE, rate_at=tx.now + 10)
        assert lanes.next_ready_at(tx, "slack") == tx.now + 30
        lanes.wake(tx, LANE, tx.now)
        assert lanes.next_ready_at(tx, "slack") == tx.now + 30

    await store.transaction(rest)


async def test_holding_all_lanes_of_an_account_keeps_leases_and_sleepers_and_other_accounts(
    store, new_effect
):
    def hold(tx) -> None:
        new_effect(tx, lane="mux:a_:2")
        for name in ("mux:a_:1", "mux:a_:2", "mux:a_:3", "mux:ab:1"):
            lanes.wake(tx, name, tx.now)
        lanes.lease(tx, "mux:a_:2", owner="me", until=tx.now + 30, rate_at=0, effect_id=1)
        lanes.rest(tx, "mux:a_:3")
        lanes.hold_all(tx, "mux:a_:", tx.now + 60)
        assert lane_row(tx, "mux:a_:1").ready_at == tx.now + 60
        assert lane_row(tx, "mux:a_:2").ready_at == tx.now + 30
        assert lane_row(tx, "mux:a_:3").ready_at is None
        assert lane_row(tx, "mux:ab:1").ready_at == tx.now
        lanes.rest(tx, "mux:a_:2")
        assert lane_row(tx, "mux:a_:2").ready_at == tx.now + 60

    await store.transaction(hold)


async def test_a_lane_that_somebody_has_is_not_waited_for_when_all_are_held(postgres_store, rival):
    def make(tx) -> None:
        lanes.wake_all(tx, [("mux:a:1", tx.now), ("mux:a:2", tx.now)])

    def hold(tx) -> None:
        lanes.hold_all(tx, "mux:a:", tx.now + 60)
        assert lane_row(tx, "mux:a:1").ready_at == tx.now + 60
        assert lane_row(tx, "mux:a:2").ready_at < tx.now

    await postgres_store.transaction(make)
    async with rival.begin() as conn:
        await conn.execute(text("SELECT 1 FROM lane WHERE lane = 'mux:a:2' FOR UPDATE"))
        await postgres_store.transaction(hold)


async def test_several_lanes_are_locked_in_the_order_in_which_they_are_woken(postgres_store):
    names = ["mux:a:1", "slack:T1:C1", "slack:T1:G1", "slack:T1:edits", "slack:t1:C1"]

    def lock(tx) -> None:
        lanes.wake_all(tx, [(name, tx.now) for name in names])
        assert [row.lane for row in lanes._lock(tx, set(names))] == sorted(names)

    await postgres_store.transaction(lock)


async def test_clearing_leases_frees_every_lane_and_names_what_was_in_flight(store):
    def clear(tx) -> None:
        for number in range(3):
            lanes.wake(tx, f"slack:T1:C{number}", tx.now)
        lanes.lease(tx, "slack:T1:C0", owner="dead", until=tx.now + 30, rate_at=0, effect_id=7)
        lanes.lease(tx, "slack:T1:C1", owner="dead", until=tx.now + 30, rate_at=tx.now + 9, effect_id=8)
        assert sorted(lanes.clear_leases(tx)) == [7, 8]
        assert lanes.clear_leases(tx) == []
        assert lane_row(tx, "slack:T1:C0").ready_at == tx.now
        assert lane_row(tx, "slack:T1:C1").ready_at == tx.now + 9

    await store.transaction(clear)


async def test_two_replicas_never_hold_the_same_lane(postgres_store, rival):
    await postgres_store.transaction(lambda tx: lanes.wake(tx, LANE, tx.now))
    inside, outside = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with rival.begin() as conn:
            await conn.execute(text("SELECT 1 FROM lane FOR UPDATE"))
            inside.set()
            await outside.wait()

    holder = asyncio.create_task(hold())
    await inside.wait()
    assert await postgres_store.transaction(lanes.next_ready, "slack") is None
    outside.set()
    await holder
    assert (await postgres_store.transaction(lanes.next_ready, "slack")).name == LANE


async def test_what_is_added_while_a_lane_is_given_back_is_not_overlooked(postgres_store, rival, new_effect):
    def lease(tx) -> None:
        first = new_effect(tx)
        lanes.lease(tx, LANE, owner="me", until=tx.now + 30, rate_at=0.0, effect_id=first.id)
        effects.settle(tx, first.id, error="")

    def give_back(tx) -> None:
        assert lanes.holds(tx, LANE, "me")
        lanes.rest(tx, LANE)

    await postgres_store.transaction(lease)
    async with rival.begin() as conn:
        await conn.execute(text("SELECT 1 FROM lane FOR UPDATE"))
        await conn.execute(
            text(
                "INSERT INTO effect (key, kind, lane, job_id, due_at) "
                "SELECT 'new', kind, lane, job_id, 7 FROM effect"
            )
        )
        giving = asyncio.create_task(postgres_store.transaction(give_back))
        await asyncio.sleep(0.05)
        assert not giving.done()
    await giving
    assert (await postgres_store.transaction(lane_row)).ready_at == 7
