"""A database of the first schema keeps its rows when it is brought up to date."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, insert, inspect, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.rules.jobs import State
from bot.store import jobs, migrate, schema
from bot.store.database import Database

_JOB: dict[str, Any] = {
    "public_id": "abcdefgh23",
    "passthrough": "captionbot:d1:abcdefgh23",
    "request_key": "command:T1:1",
    "work_key": "work-1",
    "team_id": "T1",
    "channel_id": "C1",
    "user_id": "U1",
    "mux_account": "default",
    "asset_id": "asset1",
    "params": '{"asset_id": "asset1", "language_code": "en"}',
    "state": "processing",
    "rank": 40,
    "mux_id": "rjob_1",
    "title": "Keynote",
    "created_at": 1.0,
    "updated_at": 2.0,
}


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of a database without tables, once on each engine."""
    return str(request.getfixturevalue({"sqlite": "sqlite_url", "postgres": "empty_postgres"}[request.param]))


def _fill(conn: Connection) -> None:
    names = schema.job.columns.keys()
    old = names[: names.index("finished_at") + 1]
    conn.execute(insert(schema.job).values({name: _JOB[name] for name in old if name in _JOB}))
    conn.execute(
        text("INSERT INTO watcher (job_id, user_id, channel_id, created_at) VALUES (1, 'U2', 'C2', 3)")
    )


async def test_a_database_of_the_first_schema_moves_on_with_its_rows(empty_url, clock) -> None:
    engine = create_async_engine(empty_url)
    await migrate.upgrade(engine, "0001")
    async with engine.begin() as conn:
        await conn.run_sync(_fill)
    await engine.dispose()

    store = Database(empty_url, clock)
    await store.open()
    try:
        stored = await store.transaction(jobs.by_public_id, "abcdefgh23")
        version = await store.transaction(lambda tx: migrate.version(tx.conn))
    finally:
        await store.close()

    assert version == schema.HEAD
    assert stored is not None
    assert (stored.job.title, stored.job.state, stored.job.watchers) == ("Keynote", State.PROCESSING, ("U2",))
    assert (stored.job.video, stored.job.pointer, stored.job.duration_seconds) == (None, None, None)
    assert (stored.job.thread_ts, stored.job.retry_of, stored.job.stopped_by) == (None, None, None)


async def test_the_migrations_make_the_tables_that_the_code_knows(empty_url) -> None:
    def differences(conn: Connection) -> dict[str, Any]:
        made = inspect(conn)
        return {
            table.name: (columns, wanted)
            for table in schema.metadata.sorted_tables
            if (columns := sorted(column["name"] for column in made.get_columns(table.name)))
            != (wanted := sorted(table.columns.keys()))
        }

    def indexes(conn: Connection) -> set[str]:
        made = inspect(conn)
        names = {index["name"] for table in made.get_table_names() for index in made.get_indexes(table)}
        return {index.name for table in schema.metadata.tables.values() for index in table.indexes} - names

    engine = create_async_engine(empty_url)
    await migrate.upgrade(engine)
    async with engine.connect() as conn:
        assert await conn.run_sync(differences) == {}
        assert await conn.run_sync(indexes) == set()
        assert (await conn.execute(select(schema.draft))).all() == []
    await engine.dispose()
