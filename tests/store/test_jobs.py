"""A job comes back as it was put in, under every name that it has."""

from __future__ import annotations

import asyncio

from sqlalchemy import text

from bot.rules.jobs import Failure, Outcome, ReplacedTrack, State
from bot.store import jobs


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
        watched = jobs.get(tx, stored.row_id)
        assert watched.job.watchers == ("U2", "U3")
        assert jobs.watching_elsewhere(tx, watched) == ["U3"]

    await store.transaction(watch)


async def test_somebody_who_joins_while_another_waits_for_the_job_is_seen_by_that_one(
    postgres_store, rival, new_job
):
    row_id = (await postgres_store.transaction(new_job)).row_id
    async with rival.begin() as conn:
        await conn.execute(text("SELECT 1 FROM job FOR UPDATE"))
        await conn.execute(
            text(
                "INSERT INTO watcher (job_id, user_id, channel_id, created_at) "
                "SELECT id, 'U9', 'C9', 1 FROM job"
            )
        )
        locking = asyncio.create_task(postgres_store.transaction(jobs.lock, row_id))
        await asyncio.sleep(0.05)
        assert not locking.done()
    assert (await locking).job.watchers == ("U9",)
