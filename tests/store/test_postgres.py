"""PostgreSQL's own ways: connections that are kept and lost, statements that fail, whose turn it is."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import bindparam, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot.errors import StoreError
from bot.store import inbox
from bot.store.database import in_background
from bot.store.inbox import Filed
from bot.store.schema import lane, meta

_PUT = insert(meta)
_VALUE = select(meta.c.value).where(meta.c.key == bindparam("key"))
_PUT_LANE = insert(lane).returning(lane.c.ready_at, lane.c.effect_id)


def _event(name: str) -> Filed:
    return Filed(source="mux:default", event_id=name, type="t", payload="{}")


def _put(tx, key: str, value: str = "") -> None:
    tx.run(_PUT, key=key, value=value)


async def _backends(rival, *, end: bool = False) -> set[int]:
    """Return the connections that others than `rival` have to its database, or end them."""
    what = "pg_terminate_backend(pid)" if end else "pid"
    async with rival.connect() as conn:
        rows = await conn.execute(
            text(
                f"SELECT {what} FROM pg_stat_activity"  # noqa: S608 - one of the two words above
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
        return set(rows.scalars())


async def test_connections_that_were_lost_in_the_meantime_are_replaced_unnoticed(postgres_store, rival):
    await asyncio.gather(*(postgres_store.transaction(_put, f"k{n}") for n in range(5)))
    assert len(await _backends(rival)) > 1
    await _backends(rival, end=True)
    await asyncio.gather(*(postgres_store.transaction(_put, f"again{n}") for n in range(5)))


async def test_a_connection_that_is_lost_in_the_middle_is_told_and_leaves_nothing(postgres_store, query_on):
    def lose(tx) -> None:
        _put(tx, "half")
        tx.conn.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(StoreError):
        await postgres_store.transaction(lose)
    assert await query_on(postgres_store)("SELECT key FROM meta WHERE key = 'half'") == []


async def test_a_function_that_fails_keeps_its_connection_and_changes_nothing(postgres_store, query_on):
    def fail(tx) -> None:
        _put(tx, "prepared")
        tx.conn.execute(_PUT, {"key": "built", "value": ""})
        raise LookupError(tx.conn.execute(text("SELECT pg_backend_pid()")).scalar_one())

    pids = set()
    for _ in range(3):
        with pytest.raises(LookupError) as caught:
            await postgres_store.transaction(fail)
        pids.add(caught.value.args)
    assert len(pids) == 1
    assert await query_on(postgres_store)("SELECT key FROM meta WHERE key IN ('prepared', 'built')") == []


async def test_what_a_statement_fails_with_is_what_sqlalchemy_would_raise(postgres_store):
    seen = []

    def twice(tx) -> None:
        _put(tx, "k")
        try:
            _put(tx, "k", "what they wrote")
        except IntegrityError as error:
            seen.append(error)
            raise LookupError from error

    with pytest.raises(LookupError):
        await postgres_store.transaction(twice)
    assert seen[0].orig.sqlstate == "23505"
    assert "what they wrote" not in str(seen[0])


async def test_a_failed_statement_cannot_be_passed_over(postgres_store, query_on):
    def pass_over(tx) -> None:
        _put(tx, "k")
        with pytest.raises(DBAPIError):
            _put(tx, "k")

    with pytest.raises(StoreError, match="took the transaction back"):
        await postgres_store.transaction(pass_over)
    assert await query_on(postgres_store)("SELECT key FROM meta WHERE key = 'k'") == []


async def test_a_race_for_a_key_between_statements_that_were_built_once_is_run_again(postgres_store, clock):
    runs = []

    def put(tx) -> None:
        runs.append(tx)
        _put(tx, "new" if len(runs) > 2 else "same")

    await postgres_store.transaction(put)
    await postgres_store.transaction(put)
    assert len(runs) == 3
    assert len(clock.slept) == 1


async def test_values_come_back_as_they_were_given(store):
    def there_and_back(tx) -> None:
        _put(tx, "ключ", "a\nb 'c' $1 %s :d ✂")
        assert tx.run(_VALUE, key="ключ").value() == "a\nb 'c' $1 %s :d ✂"
        assert tx.run(_VALUE, key="none").value() is None
        row = tx.run(_PUT_LANE, lane="l", vendor="v", ready_at=7, effect_id=2**40).one()
        assert (row.ready_at, row.effect_id) == (7.0, 2**40)

    await store.transaction(there_and_back)


async def test_a_hundred_at_once_take_sixteen_connections_at_most(postgres_store, rival):
    async def work(number: int) -> None:
        in_background.set(number % 2 == 0)
        await postgres_store.transaction(inbox.file, _event(str(number)))

    await asyncio.gather(*(asyncio.create_task(work(number)) for number in range(100)))
    assert len(await _backends(rival)) <= 16


async def test_who_stands_at_a_door_does_not_wait_for_all_of_the_background(postgres_store):
    order = []

    async def behind(number: int) -> None:
        in_background.set(True)
        await postgres_store.transaction(_put, f"k{number}")
        order.append("behind")

    working = [asyncio.create_task(behind(number)) for number in range(50)]
    await asyncio.sleep(0)
    await postgres_store.transaction(_put, "door")
    order.append("door")
    await asyncio.gather(*working)
    assert order.index("door") < 25
