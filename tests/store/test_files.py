"""Files that jobs leave behind: every version kept, byte for byte, and never pruned by age alone."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bot.errors import BotError
from bot.store import files, schema
from bot.store.prune import Rule, prune
from tests.store.job_rows import add_job

OLD = Rule(older_than_seconds=90 * 86_400.0)


def packed(content: bytes, kind: str = "srt") -> files.Packed:
    return files.pack(kind=kind, name=f"a.{kind}", media_type="text/plain", content=content)


async def test_what_was_put_comes_back_byte_for_byte(store):
    await store.transaction(add_job, 1, days=400)
    content = bytes(range(256)) * 40
    put = await store.transaction(files.put, 1, packed(content))
    assert await store.transaction(files.content, put.id) == content
    assert await store.transaction(files.get, put.id) == put
    assert (put.size, put.version) == (len(content), 1)


async def test_the_same_content_twice_is_one_file_and_other_content_the_next_version(store):
    await store.transaction(add_job, 1, days=400)
    first = await store.transaction(files.put, 1, packed(b"one"))
    again = await store.transaction(files.put, 1, packed(b"one"))
    assert again.id == first.id
    second = await store.transaction(files.put, 1, packed(b"two"))
    assert second.version == 2
    await store.transaction(files.put, 1, packed(b"x", "vtt"))
    newest = await store.transaction(files.listed, 1)
    assert [(each.kind, each.version) for each in newest] == [("srt", 2), ("vtt", 1)]
    every = await store.transaction(lambda tx: files.listed(tx, 1, all_versions=True))
    assert [(each.kind, each.version) for each in every] == [("srt", 1), ("srt", 2), ("vtt", 1)]
    assert await store.transaction(files.count, 1) == 3


async def test_what_is_not_there_is_none(store):
    assert await store.transaction(files.get, 9) is None
    assert await store.transaction(files.content, 9) is None
    assert await store.transaction(files.newest, 9, "srt") is None


async def test_content_that_was_damaged_is_never_handed_out(store):
    await store.transaction(add_job, 1, days=400)
    put = await store.transaction(files.put, 1, packed(b"one"))
    damage = update(schema.file).values(content=packed(b"two").packed)
    await store.transaction(lambda tx: tx.conn.execute(damage) and None)
    with pytest.raises(BotError, match="does not hold what was stored"):
        await store.transaction(files.content, put.id)


async def test_a_job_with_files_is_pruned_only_when_that_is_asked_for(store):
    for number in (1, 2, 3):
        await store.transaction(add_job, number, days=400)
    await store.transaction(files.put, 2, packed(b"one"))
    assert (await store.transaction(prune, OLD)).jobs == 1
    with_files = Rule(older_than_seconds=OLD.older_than_seconds, with_files=True)
    gone = await store.transaction(prune, with_files)
    assert gone.jobs == 1
    assert dict(gone.belongings)["file"] == 1
