"""From an SQLite file to PostgreSQL: everything or nothing, and the bot goes on there."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.errors import OperatorError, StoreError
from bot.store import effects, move, schema
from bot.store.database import Database
from bot.store.filelock import FileLock, StoreInUse
from bot.store.tx import Tx
from tests.store.job_rows import job_values

TEXTS = ("", "plain", "naïve 🎬 東京 \u202e", "tab\tnewline\nquote'\"\\ %s :x", "x" * 20_000)


def add_jobs(tx: Tx, count: int) -> None:
    numbers = range(1, count + 1)
    jobs = [
        {
            "id": number * 3,
            **job_values(number, at=tx.now, state="requested"),
            "title": TEXTS[number % len(TEXTS)],
            "created_at": tx.now + number / 3,
        }
        for number in numbers
    ]
    create = {"kind": "mux.create", "due_at": tx.now, "maybe_sent_at": tx.now}
    tx.conn.execute(insert(schema.job), jobs)
    tx.conn.execute(
        insert(schema.effect),
        [{**create, "key": f"j{n}:create", "lane": f"mux:default:{n % 8}", "job_id": n * 3} for n in numbers],
    )
    first = tx.conn.execute(select(func.min(schema.effect.c.id))).scalar_one()
    tx.conn.execute(
        insert(schema.lane).values(
            lane="mux:default:1",
            vendor="mux",
            ready_at=tx.now + 30,
            lease_owner="dead",
            lease_until=tx.now + 30,
            effect_id=first,
        )
    )


@pytest.fixture
async def source(sqlite_url: str, clock: Any) -> str:
    """Return the URL of a store with 1,050 jobs, whose bot died with one effect in flight."""
    store = Database(sqlite_url, clock)
    await store.open()
    await store.transaction(add_jobs, 1_050)
    await store.close()
    return sqlite_url


async def test_every_row_arrives_as_it_was(source, empty_postgres, clock):
    moved = await move.move(source, empty_postgres, clock)
    assert (moved.rows["job"], moved.rows["effect"], moved.in_flight) == (1_050, 1_050, 1)
    assert await everything(source, clock) == await everything(empty_postgres, clock)


async def test_new_rows_follow_the_moved_ones(source, postgres_url, clock):
    await move.move(source, postgres_url, clock)
    store = Database(postgres_url, clock)
    await store.open()
    highest = await store.transaction(lambda tx: tx.conn.execute(func.max(schema.job.c.id).select()).scalar())
    added = await store.transaction(
        lambda tx: tx.conn.execute(
            insert(schema.job).values(job_values(0, at=0.0, state="requested")).returning(schema.job.c.id)
        ).scalar_one()
    )
    await store.close()
    assert added == highest + 1


async def test_what_was_in_flight_is_free_and_looked_up_first(source, postgres_url, clock):
    await move.move(source, postgres_url, clock)
    store = Database(postgres_url, clock)
    await store.open()
    effect = await store.transaction(effects.by_key, "j1:create")
    leased = await store.transaction(
        lambda tx: tx.conn.execute(select(schema.lane.c.lease_owner, schema.lane.c.effect_id)).all()
    )
    await store.close()
    assert effect is not None
    assert effect.suspect
    assert leased == [(None, None)]


async def test_a_store_that_the_bot_works_on_is_not_moved(source, postgres_url, clock, tmp_path):
    lock = FileLock(tmp_path / "bot.db")
    lock.acquire()
    with pytest.raises(StoreInUse):
        await move.move(source, postgres_url, clock)
    lock.release()
    await move.move(source, postgres_url, clock)


async def test_a_target_with_rows_is_left_as_it_is(source, postgres_url, clock):
    await move.move(source, postgres_url, clock)
    before = await everything(postgres_url, clock)
    with pytest.raises(OperatorError, match="holds rows already, in job, lane, effect"):
        await move.move(source, postgres_url, clock)
    assert await everything(postgres_url, clock) == before


async def test_a_database_of_another_program_is_refused(source, empty_postgres, clock):
    await execute(empty_postgres, "CREATE TABLE invoices (id int)")
    with pytest.raises(OperatorError, match=r"not Caption Bot's \(invoices\)"):
        await move.move(source, empty_postgres, clock)
    assert await execute(empty_postgres, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [
        (1,)
    ]


async def test_a_row_that_postgresql_refuses_takes_everything_back(source, postgres_url, clock):
    store = Database(source, clock)
    await store.open()
    await store.transaction(
        lambda tx: tx.conn.execute(insert(schema.meta), {"key": "k", "value": "secret\x00words"})
    )
    await store.close()
    with pytest.raises(StoreError, match="a row of meta could not be moved") as caught:
        await move.move(source, postgres_url, clock)
    assert "secret" not in str(caught.value)
    assert await execute(postgres_url, "SELECT count(*) FROM job") == [(0,)]


async def test_a_value_that_changed_on_the_way_takes_everything_back(source, postgres_url, clock):
    # A trigger plays the fault: what is stored is not what was sent.
    await execute(
        postgres_url,
        "CREATE FUNCTION meddle() RETURNS trigger AS "
        "$$ BEGIN IF NEW.id = 30 THEN NEW.title := 'other'; END IF; RETURN NEW; END $$ LANGUAGE plpgsql",
        "CREATE TRIGGER meddle BEFORE INSERT ON job FOR EACH ROW EXECUTE FUNCTION meddle()",
    )
    with pytest.raises(StoreError, match="job arrived with 1050 rows of 1050, or with other values"):
        await move.move(source, postgres_url, clock)
    assert await execute(postgres_url, "SELECT count(*) FROM job") == [(0,)]


async def test_a_replica_that_starts_too_early_waits_until_everything_is_there(source, postgres_url, clock):
    seen: list[int] = []

    async def look_early() -> None:
        while not seen:
            [(count,)] = await execute(postgres_url, "SELECT count(*) FROM job")
            if count:
                seen.append(count)

    async with asyncio.timeout(60):
        await asyncio.gather(move.move(source, postgres_url, clock), look_early())
    assert seen == [1_050]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("sqlite+aiosqlite:///other.db", "moves to PostgreSQL only"),
        ("postgresql+asyncpg://u:secret@127.0.0.1:1/d", "does not work"),
        ("postgres://u:secret@h/d", "not supported"),
    ],
)
async def test_a_wrong_target_is_told_without_its_password(source, clock, target, words):
    with pytest.raises(OperatorError, match=words) as caught:
        await move.move(source, target, clock)
    assert "secret" not in str(caught.value)


async def test_only_sqlite_moves(postgres_url, clock):
    with pytest.raises(OperatorError, match="pg_dump and pg_restore"):
        await move.move(postgres_url, postgres_url, clock)


async def test_moving_makes_no_database_where_there_was_none(postgres_url, clock, tmp_path):
    with pytest.raises(OperatorError, match="there is no database"):
        await move.move(f"sqlite+aiosqlite:///{tmp_path / 'none.db'}", postgres_url, clock)
    assert not (tmp_path / "none.db").exists()


async def everything(url: str, clock: Any) -> dict[str, list[Any]]:
    """Return all rows but for the leases, which a move clears."""
    store = Database(url, clock)
    await store.open()

    def read(tx: Tx) -> dict[str, list[Any]]:
        tables = [table for table in schema.metadata.sorted_tables if table.name != "lane"]
        found = {
            table.name: [tuple(row) for row in tx.conn.execute(select(*_kept(table)))] for table in tables
        }
        return {name: sorted(rows, key=repr) for name, rows in found.items()}

    rows = await store.transaction(read)
    await store.close()
    return rows


def _kept(table: Any) -> list[Any]:
    return [column for column in table.columns if (table.name, column.name) != ("effect", "suspect")]


async def execute(url: str, *statements: str) -> list[Any]:
    engine = create_async_engine(url)
    async with engine.begin() as conn:
        for statement in statements:
            result = await conn.execute(text(statement))
    await engine.dispose()
    return [tuple(row) for row in result] if result.returns_rows else []
