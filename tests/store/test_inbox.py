"""What is delivered is there once, whoever delivers and applies it."""

from __future__ import annotations

import asyncio

from sqlalchemy import text

from bot.store import inbox
from bot.store.inbox import Filed, InboxState
from tests.store.queued import EVENT


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
