"""Transactions: durable, batched on SQLite, each failing alone, and unharmed by cancelled callers."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import threading

import pytest
from sqlalchemy import text

from bot.clock import SystemClock
from bot.errors import OperatorError, StoreError
from bot.store import inbox, records
from bot.store.database import Database, in_background
from bot.store.inbox import Filed
from tests.meters import Meter


def event(name: str) -> Filed:
    return Filed(source="mux:default", event_id=name, type="t", payload="{}")


async def test_a_transaction_returns_what_its_function_returns(store, query):
    assert await store.transaction(lambda tx: tx.now) > 0
    assert await query("SELECT 1 AS one") == [(1,)]


async def test_a_failing_function_takes_only_itself_back(store, query):
    def fail(tx) -> None:
        inbox.file(tx, event("bad"))
        raise LookupError("mine")

    outcomes = await asyncio.gather(
        store.transaction(inbox.file, event("a")),
        store.transaction(fail),
        store.transaction(inbox.file, event("b")),
        store.transaction(lambda tx: tx.conn.execute(text("SELECT nothing FROM nowhere"))),
        store.transaction(inbox.file, event("c")),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [bool, LookupError, bool, StoreError, bool]
    assert sorted(await query("SELECT event_id FROM inbox")) == [("a",), ("b",), ("c",)]


async def test_a_lone_failing_function_leaves_nothing(store, query):
    def fail(tx) -> None:
        inbox.file(tx, event("bad"))
        raise LookupError("mine")

    with pytest.raises(LookupError):
        await store.transaction(fail)
    assert await query("SELECT event_id FROM inbox") == []


async def test_what_the_database_says_does_not_repeat_what_people_wrote(store):
    def fail(tx) -> None:
        tx.conn.execute(text("SELECT :secret FROM nowhere"), {"secret": "what they wrote"})

    with pytest.raises(StoreError) as caught:
        await store.transaction(fail)
    assert "what they wrote" not in str(caught.value)
    assert "nowhere" in str(caught.value)


async def test_waiting_transactions_share_a_commit(sqlite_store):
    counting = Meter()
    await counting.watch(sqlite_store)
    await asyncio.gather(*(sqlite_store.transaction(inbox.file, event(str(n))) for n in range(90)))
    assert counting.read() == (90, 1)


async def test_who_stands_at_a_door_does_not_wait_for_the_background(sqlite_store):
    order: list[object] = []
    at_work, go = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def behind(_tx, number: int) -> None:
        loop.call_soon_threadsafe(at_work.set)
        go.wait(5)
        order.append(number)

    async def work() -> None:
        in_background.set(True)
        await asyncio.gather(*(sqlite_store.transaction(behind, number) for number in range(50)))

    working = asyncio.create_task(work())
    await at_work.wait()
    asked = asyncio.create_task(sqlite_store.transaction(lambda _tx: order.append("door")))
    await asyncio.sleep(0)
    go.set()
    await asyncio.gather(working, asked)
    assert order == [0, 1, 2, 3, "door", *range(4, 50)]


async def test_a_bell_rings_only_for_what_is_committed(store):
    def ring(tx, name: str, *, fails: bool) -> None:
        tx.ring(name)
        if fails:
            raise LookupError

    await asyncio.gather(
        store.transaction(ring, "good", fails=False),
        store.transaction(ring, "bad", fails=True),
        return_exceptions=True,
    )
    assert await store.bells.wait("good", 0.01)
    assert not await store.bells.wait("bad", 0.001)


async def test_a_bell_rings_after_the_commit_and_not_before(store):
    def ring_and_look(tx) -> bool:
        tx.ring("late")
        return "late" in store.bells._kept

    assert not await store.transaction(ring_and_look)
    assert "late" in store.bells._kept


async def test_a_batch_that_sqlite_takes_back_is_reported_as_failed_and_leaves_nothing(
    sqlite_store, query_on
):
    def abort(tx) -> None:
        inbox.file(tx, event("same"))
        tx.conn.execute(
            text(
                "INSERT OR ROLLBACK INTO inbox (source, event_id, type, received_at, due_at)"
                " VALUES ('mux:default', 'same', 't', 0, 0)"
            )
        )

    outcomes = await asyncio.gather(
        sqlite_store.transaction(inbox.file, event("a")),
        sqlite_store.transaction(abort),
        sqlite_store.transaction(inbox.file, event("b")),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [StoreError] * 3
    assert await query_on(sqlite_store)("SELECT event_id FROM inbox") == []
    assert await sqlite_store.transaction(inbox.file, event("a"))


async def test_two_thousand_cancelled_callers_leave_a_usable_store_and_half_done_nothing(store, query):
    chance = random.Random(3)  # noqa: S311 - when to cancel, not a secret
    names = iter(range(10_000))

    def both(tx, name: str) -> None:
        inbox.file(tx, event(name))
        records.audited(tx, team_id="T1", user_id="U1", action=name)

    async def one() -> None:
        task = asyncio.create_task(store.transaction(both, str(next(names))))
        for _ in range(chance.randrange(30)):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    for _ in range(100):
        await asyncio.gather(*(one() for _ in range(20)))
    await store.transaction(both, "after")
    # What was cancelled goes on in the background, so the tables are compared within one statement.
    assert await query("SELECT event_id FROM inbox EXCEPT SELECT action FROM audit") == []
    assert await query("SELECT action FROM audit EXCEPT SELECT event_id FROM inbox") == []
    assert await query("SELECT action FROM audit GROUP BY action HAVING count(*) > 1") == []
    filed = {row[0] for row in await query("SELECT event_id FROM inbox")}
    assert "after" in filed
    assert len(filed) > 1_000


async def test_closing_finishes_what_was_handed_over(database_url, clock, query_on):
    store = Database(database_url, clock)
    await store.open()
    tasks = [asyncio.create_task(store.transaction(inbox.file, event(str(n)))) for n in range(5)]
    await asyncio.sleep(0)
    await store.close()
    assert await asyncio.gather(*tasks) == [True] * 5
    with pytest.raises(StoreError):
        await store.transaction(inbox.file, event("late"))
    await store.close()
    again = Database(database_url, clock)
    await again.open()
    assert await query_on(again)("SELECT count(*) FROM inbox") == [(5,)]
    await again.close()


async def test_a_store_that_was_never_opened_takes_nothing(sqlite_url, clock):
    with pytest.raises(StoreError):
        await Database(sqlite_url, clock).transaction(lambda _tx: None)


async def test_a_second_process_on_the_same_file_stops_and_says_what_to_set(sqlite_store):
    program = (
        "import asyncio, sys\n"
        "from bot.clock import SystemClock\n"
        "from bot.errors import OperatorError\n"
        "from bot.store.database import Database, in_background\n"
        "try:\n"
        "    asyncio.run(Database(sys.argv[1], SystemClock()).open())\n"
        "except OperatorError as error:\n"
        "    sys.exit(str(error))\n"
    )
    second = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", program, sqlite_store.url],
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert "DATABASE_URL=postgresql+asyncpg://" in second.stderr
    assert "bot.db" in second.stderr


async def test_a_file_is_free_again_once_it_is_closed(sqlite_url, clock):
    for _ in range(2):
        store = Database(sqlite_url, clock)
        await store.open()
        await store.close()


async def test_a_folder_that_does_not_exist_is_named(tmp_path, clock):
    with pytest.raises(OperatorError, match="DATABASE_URL"):
        await Database(f"sqlite+aiosqlite:///{tmp_path / 'missing' / 'bot.db'}", clock).open()


async def test_a_store_in_memory_needs_no_lock(clock):
    store = Database("sqlite+aiosqlite://", clock)
    await store.open()
    assert store.is_sqlite
    await store.close()


async def test_a_server_that_is_not_there_is_an_operators_matter():
    store = Database("postgresql+asyncpg://nobody@127.0.0.1:1/none", SystemClock())
    with pytest.raises(OperatorError, match="failed"):
        await store.open()


async def test_a_transaction_that_lost_a_race_for_a_key_is_run_again(postgres_store, clock):
    runs = []

    def insert(tx, name: str) -> None:
        runs.append(name)
        key = name if len(runs) > 2 else "same"
        tx.conn.execute(text("INSERT INTO meta (key, value) VALUES (:key, '')"), {"key": key})

    await postgres_store.transaction(insert, "a")
    await postgres_store.transaction(insert, "b")
    assert runs == ["a", "b", "b"]
    assert len(clock.slept) == 1


async def test_a_transaction_that_always_loses_gives_up(postgres_store, clock):
    def insert(tx) -> None:
        tx.conn.execute(text("INSERT INTO meta (key, value) VALUES ('k', 'v')"))

    await postgres_store.transaction(insert)
    with pytest.raises(StoreError):
        await postgres_store.transaction(insert)
    assert len(clock.slept) == 4


async def test_time_is_the_databases_on_postgresql_and_the_clocks_on_sqlite(
    sqlite_store, postgres_store, clock
):
    assert await sqlite_store.transaction(lambda tx: tx.now) == clock.now()
    assert await postgres_store.transaction(lambda tx: tx.now) != clock.now()
    assert await sqlite_store.transaction(lambda tx: tx.alone)
    assert not await postgres_store.transaction(lambda tx: tx.alone)
