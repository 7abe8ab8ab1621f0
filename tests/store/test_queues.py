"""The inbox, the outbox and its lanes: what is asked for once is there once, and wakes who carries it."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from bot.rules.effects import NEVER, Action, Kind
from bot.rules.jobs import Failure, Outcome, ReplacedTrack, State
from bot.store import counts, effects, inbox, jobs, lanes, records
from bot.store.inbox import Filed, InboxState

EVENT = Filed(source="mux:default", event_id="e1", type="t", payload="{}")
LANE = "slack:T1:C1"


def lane_row(tx, name: str = LANE):
    return tx.conn.execute(text("SELECT * FROM lane WHERE lane = :name"), {"name": name}).one()


async def test_second_delivery_of_an_event_changes_nothing(store):
    assert await store.transaction(inbox.file, EVENT)
    assert not await store.transaction(inbox.file, EVENT)
    assert await store.transaction(inbox.due, 10) == [EVENT]


async def test_the_same_id_from_another_sender_is_another_event(store):
    await store.transaction(inbox.file, EVENT)
    other = Filed(source="mux:other", event_id="e1", type="t", payload="{}")
    assert await store.transaction(inbox.file, other)


async def test_a_hundred_deliveries_at_once_file_one_event(store):
    first = await asyncio.gather(*(store.transaction(inbox.file, EVENT) for _ in range(100)))
    assert sum(first) == 1


async def test_an_event_that_is_closed_is_due_no_more(store):
    def close(tx) -> None:
        inbox.file(tx, EVENT)
        assert inbox.lock(tx, EVENT)
        inbox.close(tx, EVENT, InboxState.DONE)
        assert not inbox.lock(tx, EVENT)
        assert inbox.due(tx, 10) == []
        assert inbox.next_due_at(tx) is None

    await store.transaction(close)


async def test_an_event_that_is_put_back_comes_again_later(store):
    def put_back(tx) -> None:
        inbox.file(tx, EVENT)
        inbox.postpone(tx, EVENT, due_at=tx.now + 5, error="LookupError")
        assert inbox.due(tx, 10) == []
        assert inbox.next_due_at(tx) == tx.now + 5

    await store.transaction(put_back)


async def test_an_event_is_applied_by_one_replica_at_a_time(postgres_store, rival):
    await postgres_store.transaction(inbox.file, EVENT)
    inside = asyncio.Event()

    async def elsewhere() -> bool:
        await inside.wait()
        return await postgres_store.transaction(inbox.lock, EVENT)

    other = asyncio.create_task(elsewhere())
    async with rival.begin() as conn:
        await conn.execute(text("SELECT 1 FROM inbox WHERE event_id = 'e1' FOR UPDATE"))
        inside.set()
        assert not await other
    assert await postgres_store.transaction(inbox.lock, EVENT)


async def test_an_effect_is_asked_for_once(store, new_effect):
    def twice(tx) -> None:
        first = new_effect(tx)
        again = effects.add(tx, key=first.key, kind=Kind.CARD, lane=LANE, job_id=first.job_id)
        assert not again
        assert first.action is Action.SEND
        assert effects.head(tx, LANE) == first
        assert [each.id for each in effects.of_job(tx, first.job_id)] == [first.id]

    await store.transaction(twice)


def posted(tx, effect) -> None:
    later = tx.now + 60
    effects.converge(
        tx, effect.id, have=1, ext_id="1.1", ext_channel="C1", lane=effect.lane, look_again_at=later
    )


async def test_ten_changes_before_the_first_post_cost_nothing(store, new_effect):
    def change(tx):
        first = new_effect(tx)
        for _ in range(10):
            effects.want_more(tx, first.key)
        return first, effects.by_key(tx, first.key)

    before, after = await store.transaction(change)
    assert (after.want, after.due_at, after.action) == (11, before.due_at, Action.SEND)


async def test_a_change_of_what_is_posted_is_due_at_once(store, new_effect):
    def change(tx):
        first = new_effect(tx)
        posted(tx, first)
        effects.schedule(tx, first.id, due_at=tx.now + 60)
        effects.want_more(tx, first.key)
        return effects.by_key(tx, first.key), tx.now

    after, now = await store.transaction(change)
    assert (after.action, after.due_at) == (Action.UPDATE, now)


async def test_a_change_does_not_hurry_what_backs_off_and_does_not_wake_what_is_given_up(store, new_effect):
    def change(tx) -> None:
        first = new_effect(tx)
        posted(tx, first)
        effects.postpone(tx, first.id, due_at=tx.now + 60, error="e")
        effects.want_more(tx, first.key)
        assert effects.get(tx, first.id).due_at == tx.now + 60
        effects.bury(tx, first.id, error="e")
        effects.want_more(tx, first.key)
        assert effects.get(tx, first.id).want == 2
        assert effects.get(tx, first.id).buried
        effects.want_more(tx, "nobody:card")

    await store.transaction(change)


async def test_what_waits_for_another_effect_is_let_go_once(store, new_effect):
    def let_go(tx) -> None:
        waiting = new_effect(tx, due_at=NEVER)
        assert effects.next_due_at(tx, LANE) is None
        assert lanes.next_ready(tx, "slack") is None
        effects.release(tx, [waiting.key])
        assert effects.head(tx, LANE).due_at == tx.now
        effects.schedule(tx, waiting.id, due_at=tx.now + 9)
        effects.release(tx, [waiting.key])
        assert effects.get(tx, waiting.id).due_at == tx.now + 9

    await store.transaction(let_go)


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


async def test_a_leased_lane_is_left_alone_until_it_is_given_back(store):
    def lease(tx) -> None:
        lanes.wake(tx, LANE, tx.now)
        lanes.lease(tx, LANE, owner="me", until=tx.now + 30, rate_at=tx.now + 1, effect_id=7)
        lanes.wake(tx, LANE, tx.now)
        assert lanes.next_ready(tx, "slack") is None
        assert lanes.next_ready_at(tx, "slack") == tx.now + 30
        assert lanes.holds(tx, LANE, "me")
        assert not lanes.holds(tx, LANE, "other")
        lanes.rest(tx, LANE, tx.now)
        assert lanes.next_ready_at(tx, "slack") == tx.now + 1
        assert not lanes.holds(tx, LANE, "me")

    await store.transaction(lease)


async def test_a_lane_without_work_sleeps(store):
    def rest(tx) -> None:
        lanes.wake(tx, LANE, tx.now)
        lanes.rest(tx, LANE, None)
        assert lanes.next_ready_at(tx, "slack") is None
        lanes.rest(tx, LANE, NEVER)
        assert lanes.next_ready_at(tx, "slack") is None

    await store.transaction(rest)


async def test_a_pause_that_the_vendor_asked_for_only_grows(store):
    def rest(tx) -> None:
        lanes.wake(tx, LANE, tx.now)
        lanes.rest(tx, LANE, tx.now, rate_at=tx.now + 30)
        lanes.rest(tx, LANE, tx.now, rate_at=tx.now + 10)
        assert lanes.next_ready_at(tx, "slack") == tx.now + 30
        lanes.wake(tx, LANE, tx.now)
        assert lanes.next_ready_at(tx, "slack") == tx.now + 30

    await store.transaction(rest)


async def test_holding_all_lanes_of_an_account_keeps_leases_and_sleepers_and_other_accounts(store):
    def hold(tx) -> None:
        for name in ("mux:a_:1", "mux:a_:2", "mux:a_:3", "mux:ab:1"):
            lanes.wake(tx, name, tx.now)
        lanes.lease(tx, "mux:a_:2", owner="me", until=tx.now + 30, rate_at=0, effect_id=1)
        lanes.rest(tx, "mux:a_:3", None)
        lanes.hold_all(tx, "mux:a_:", tx.now + 60)
        assert lane_row(tx, "mux:a_:1").ready_at == tx.now + 60
        assert lane_row(tx, "mux:a_:2").ready_at == tx.now + 30
        assert lane_row(tx, "mux:a_:3").ready_at is None
        assert lane_row(tx, "mux:ab:1").ready_at == tx.now
        lanes.rest(tx, "mux:a_:2", tx.now)
        assert lane_row(tx, "mux:a_:2").ready_at == tx.now + 60

    await store.transaction(hold)


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


async def test_a_job_that_somebody_else_changes_is_not_waited_for(postgres_store, rival, new_job):
    stored = await postgres_store.transaction(new_job)
    async with rival.begin() as conn:
        await conn.execute(text("SELECT 1 FROM job FOR UPDATE"))
        assert not await postgres_store.transaction(jobs.lock_now, {stored.row_id})
    assert await postgres_store.transaction(jobs.lock_now, {stored.row_id})
    assert await postgres_store.transaction(jobs.lock_now, set())


async def test_a_job_comes_back_as_it_was_put_in(store, new_job):
    outcome = Outcome(language_code="en", track_id="t", replaced=(ReplacedTrack(id="old"),))
    failure = Failure(code="c", message="m", retryable=True, status=422)

    def walk(tx) -> None:
        row_id = new_job(tx, warnings=("careful",)).row_id
        assert jobs.advance(tx, row_id, State.PROCESSING, mux_id="m1")
        assert not jobs.advance(tx, row_id, State.PENDING, mux_id="m2")
        assert jobs.advance(tx, row_id, State.COMPLETED, outcome=outcome)
        assert not jobs.advance(tx, row_id, State.ERRORED, failure=failure)
        job = jobs.get(tx, row_id).job
        assert (job.state, job.mux_id, job.outcome, job.warnings) == (
            State.COMPLETED,
            "m1",
            outcome,
            ("careful",),
        )
        jobs.correct(tx, row_id, State.ERRORED, outcome=None, failure=failure)
        job = jobs.get(tx, row_id).job
        assert (job.state, job.outcome, job.failure) == (State.ERRORED, None, failure)

    await store.transaction(walk)


async def test_mux_means_the_job_that_holds_its_id_before_the_one_that_was_stamped(store, new_job):
    def find(tx) -> None:
        stamped, holder = new_job(tx, "stamped"), new_job(tx, "holder")
        ask = {"account": "default", "mux_id": "m1", "passthrough": stamped.passthrough}
        assert jobs.find(tx, **ask) == stamped.row_id
        jobs.note(tx, holder.row_id, mux_id="m1")
        assert jobs.find(tx, **ask) == holder.row_id
        assert jobs.find(tx, account="other", mux_id="m1", passthrough="") is None

    await store.transaction(find)


async def test_unfinished_jobs_are_polled_and_finished_ones_never(store, new_job):
    def poll(tx) -> None:
        running, finished = new_job(tx, "running"), new_job(tx, "finished")
        jobs.advance(tx, finished.row_id, State.COMPLETED)
        assert jobs.next_poll_at(tx) == tx.now + 30
        assert jobs.due_polls(tx, 10) == []
        assert jobs.poll_all(tx, within_seconds=0.0) == 1
        assert [stored.row_id for stored in jobs.due_polls(tx, 10)] == [running.row_id]

    await store.transaction(poll)


async def test_somebody_watches_once(store, new_job):
    def watch(tx) -> None:
        stored = new_job(tx)
        assert jobs.watch(tx, stored.row_id, "U2", "C1")
        assert not jobs.watch(tx, stored.row_id, "U2", "C9")
        assert jobs.watch(tx, stored.row_id, "U3", "C2")
        assert jobs.get(tx, stored.row_id).job.watchers == ("U2", "U3")
        assert jobs.watching_elsewhere(tx, stored) == ["U3"]

    await store.transaction(watch)


async def test_a_closed_channel_is_marked_and_never_forgotten(store):
    place = {"team_id": "T1", "channel_id": "C1"}

    def park(tx) -> None:
        for _ in range(2):
            records.know_channel(tx, **place, user_id="U1", mux_account="default")
        assert records.parked_reason(tx, **place) is None
        records.park_channel(tx, **place, reason="is_archived")
        assert records.parked_reason(tx, **place) == "is_archived"
        records.unpark_channel(tx, **place)
        assert records.parked_reason(tx, **place) is None

    await store.transaction(park)


async def test_what_the_installation_knows_of_itself_is_decided_once(store):
    values = await asyncio.gather(
        *(store.transaction(records.remembered, "deployment", str(n)) for n in range(5))
    )
    assert len(set(values)) == 1


async def test_the_backlog_counts_what_waits_and_what_was_given_up(store, new_effect):
    def fill(tx):
        inbox.file(tx, EVENT)
        new_effect(tx, "open")
        effects.bury(tx, new_effect(tx, "dead").id, error="e")
        effects.retire(tx, new_effect(tx, "retired").id, error="e")
        return counts.backlog(tx), tx.now

    backlog, now = await store.transaction(fill)
    assert backlog == counts.Backlog(
        at=now,
        unfinished={"requested": 3},
        inbox_new=1,
        effects_open=1,
        effects_dead=1,
        oldest_due_at=now,
    )
    assert backlog.late_seconds == 0


async def test_totals_count_every_job_and_its_units(store, new_effect):
    def fill(tx):
        new_effect(tx, "one")
        return counts.totals(tx)

    assert await store.transaction(fill) == counts.Totals(jobs={"requested": 1}, units_consumed=0, shares=0)


@pytest.mark.parametrize("when", [None, 12.0])
async def test_a_bucket_is_booked_up_to_a_time(store, when):
    def book(tx) -> float:
        if when is not None:
            assert lanes.booked_until(tx, "T1:post") == 0
            lanes.book_until(tx, "T1:post", when)
        return lanes.booked_until(tx, "T1:post")

    assert await store.transaction(book) == (when or 0.0)
