"""What is known of channels and of the installation, and what is counted."""

from __future__ import annotations

import asyncio

import pytest

from bot.store import counts, effects, inbox, lanes, records
from tests.store.queued import EVENT


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
