"""Drafts: kept for their author alone, and not for ever."""

from __future__ import annotations

from bot.store import drafts

MINE = {"team_id": "T1", "user_id": "U1", "kind": "form"}


async def test_a_draft_comes_back_to_its_author_alone(store):
    await store.transaction(drafts.add, "d1", **MINE, content={"title": "שלום \U0001f44b"})
    assert await store.transaction(drafts.get, "d1", **MINE) == {"title": "שלום \U0001f44b"}
    assert await store.transaction(drafts.get, "d1", **{**MINE, "user_id": "U2"}) is None
    assert await store.transaction(drafts.get, "d1", **{**MINE, "team_id": "T2"}) is None
    assert await store.transaction(drafts.get, "d1", **{**MINE, "kind": "list"}) is None
    assert await store.transaction(drafts.get, "d2", **MINE) is None


async def test_old_drafts_are_forgotten(sqlite_store, clock):
    await sqlite_store.transaction(drafts.add, "d1", **MINE, content={})
    clock.forward(10)
    await sqlite_store.transaction(drafts.add, "d2", **MINE, content={})
    assert await sqlite_store.transaction(drafts.purge, before=clock.now()) == 1
    assert await sqlite_store.transaction(drafts.get, "d1", **MINE) is None
    assert await sqlite_store.transaction(drafts.get, "d2", **MINE) == {}
