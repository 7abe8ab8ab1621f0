"""Only what is long over is forgotten, with all that belongs to it."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from bot.errors import OperatorError
from bot.rules.effects import NEVER
from bot.store import maintenance, schema
from bot.store.database import Database
from bot.store.filelock import StoreInUse
from bot.store.prune import EVENT_SECONDS, PAYLOAD_SECONDS, Pruned, Rule, held_back, prunable, prune
from bot.store.tx import Tx
from tests.store.troubles import DAY, add_event, add_whole_job

RULE = Rule(older_than_seconds=90 * DAY)


async def ids(store: Database) -> list[int]:
    return await store.transaction(lambda tx: list(tx.conn.execute(select(schema.job.c.id)).scalars()))


class TestPrune:
    async def test_only_jobs_that_are_long_over_go_with_all_that_is_theirs(self, store):
        def fill(tx: Tx) -> None:
            add_whole_job(tx, 1, days=91)
            add_whole_job(tx, 2, days=89)
            add_whole_job(tx, 3, days=200, state="processing")
            add_whole_job(tx, 4, days=1)

        await store.transaction(fill)
        expected = await store.transaction(prunable, RULE)
        gone = await store.transaction(prune, RULE)
        assert await ids(store) == [2, 3, 4]
        assert gone == expected == Pruned(jobs=1, belongings=gone.belongings)
        assert {"effect": 1, "watcher": 1}.items() <= dict(gone.belongings).items()
        assert (await store.transaction(prune, RULE)).total == 0

    async def test_a_job_with_something_to_do_or_given_up_lately_stays(self, store):
        def fill(tx: Tx) -> None:
            add_whole_job(tx, 1, days=100, have=0)
            add_whole_job(tx, 2, days=100, suspect=1)
            add_whole_job(tx, 3, days=100, have=0, due_at=NEVER)
            add_whole_job(tx, 4, days=100)
            add_whole_job(tx, 5, days=100)
            add_whole_job(tx, 6)
            given_up = update(schema.effect).values(state=1, have=0)
            tx.conn.execute(given_up.where(schema.effect.c.job_id == 4).values(due_at=tx.now - DAY))
            tx.conn.execute(given_up.where(schema.effect.c.job_id == 5))

        await store.transaction(fill)
        assert await store.transaction(held_back, RULE) == 4
        await store.transaction(prune, RULE)
        assert await ids(store) == [1, 2, 3, 4, 6]

    async def test_the_next_job_never_inherits_the_audit_rows_of_one_that_is_gone(self, store):
        def fill(tx: Tx) -> None:
            for number in (1, 2, 3):
                add_whole_job(tx, number, days=100)

        await store.transaction(fill)
        await store.transaction(prune, RULE)
        assert await ids(store) == [3]

    async def test_events_lose_their_body_after_a_week_and_their_id_after_five(self, store):
        def fill(tx: Tx) -> None:
            add_event(tx, "fresh", age=PAYLOAD_SECONDS - 60)
            add_event(tx, "old", age=PAYLOAD_SECONDS + 60)
            add_event(tx, "ignored", age=PAYLOAD_SECONDS + 60, state=2)
            add_event(tx, "dead", age=PAYLOAD_SECONDS + 60, state=3)
            add_event(tx, "waiting", age=EVENT_SECONDS + 60, state=0)
            add_event(tx, "ancient", age=EVENT_SECONDS + 60, state=3)

        await store.transaction(fill)
        expected = await store.transaction(prunable, RULE)
        gone = await store.transaction(prune, RULE)
        assert (gone.payloads, gone.events) == (expected.payloads, expected.events) == (2, 1)
        rows = await store.transaction(
            lambda tx: tx.conn.execute(select(schema.inbox.c.event_id, schema.inbox.c.payload)).all()
        )
        assert {row.event_id: row.payload for row in rows} == {
            "fresh": "{}",
            "old": None,
            "ignored": None,
            "dead": "{}",
            "waiting": "{}",
        }
        assert (await store.transaction(prune, RULE)).total == 0

    async def test_audit_rows_go_only_when_asked_for(self, store):
        def fill(tx: Tx) -> None:
            add_whole_job(tx, 1, days=100)
            add_whole_job(tx, 2)

        await store.transaction(fill)
        assert (await store.transaction(prune, RULE)).audit == 0
        asked = Rule(older_than_seconds=90 * DAY, with_audit=True)
        assert (await store.transaction(prunable, asked)).audit == 1
        assert (await store.transaction(prune, asked)).audit == 1

    async def test_no_transaction_takes_more_than_it_may(self, store):
        def fill(tx: Tx) -> None:
            for number in range(1, 7):
                add_whole_job(tx, number, days=100)
                add_event(tx, f"e{number}", age=EVENT_SECONDS + 60)

        await store.transaction(fill)
        first = await store.transaction(prune, RULE, most=2)
        assert (first.jobs, first.events) == (2, 2)
        assert await ids(store) == [3, 4, 5, 6]

    async def test_everything_is_pruned_from_outside_while_the_bot_is_stopped(
        self, sqlite_store, sqlite_url, clock
    ):
        def fill(tx: Tx) -> None:
            for number in range(1, 1_003):
                add_whole_job(tx, number, days=100, have=int(number != 7))

        await sqlite_store.transaction(fill)
        assert (await maintenance.count_prunable(sqlite_url, RULE, clock))[0].jobs == 1_000
        with pytest.raises(StoreInUse):
            await maintenance.prune_all(sqlite_url, RULE, clock)
        await sqlite_store.close()
        gone, kept = await maintenance.prune_all(sqlite_url, RULE, clock)
        assert (gone.jobs, dict(gone.belongings)["effect"], kept) == (1_000, 1_000, 1)

    async def test_replicas_may_work_on_while_postgresql_is_pruned(self, postgres_store, postgres_url, clock):
        def fill(tx: Tx) -> None:
            add_whole_job(tx, 1, days=100)
            add_whole_job(tx, 2)

        await postgres_store.transaction(fill)
        gone, kept = await maintenance.prune_all(postgres_url, RULE, clock)
        assert (gone.jobs, kept) == (1, 0)

    async def test_pruning_makes_no_database_where_there_was_none(self, sqlite_url, clock, tmp_path):
        with pytest.raises(OperatorError, match="there is no database"):
            await maintenance.prune_all(sqlite_url, RULE, clock)
        assert list(tmp_path.iterdir()) == []

    async def test_counting_in_another_versions_schema_is_refused(
        self, sqlite_store, sqlite_url, clock, query_on
    ):
        await query_on(sqlite_store)("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(OperatorError, match="has schema 9999"):
            await maintenance.count_prunable(sqlite_url, RULE, clock)
