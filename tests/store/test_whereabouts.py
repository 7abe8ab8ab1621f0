"""Where a store lies is found out without touching it."""

from __future__ import annotations

from pathlib import Path

from bot.store import facts, whereabouts
from bot.store.filelock import FileLock
from bot.store.schema import HEAD


def url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


def test_a_server_and_memory_have_no_folder():
    assert whereabouts.find("sqlite+aiosqlite://").folder is None
    found = whereabouts.find("postgresql+asyncpg://bot:secret@db/captions")
    assert (found.folder, "secret" in found.shown) == (None, False)


def test_a_folder_that_is_not_there_cannot_be_written(tmp_path):
    found = whereabouts.find(url(tmp_path / "nowhere" / "bot.db"))
    assert (found.exists, found.writable) == (False, False)


def test_who_holds_the_lock_is_read_from_the_list_of_locks(tmp_path):
    lock = FileLock(tmp_path / "bot.db")
    lock.acquire()
    inode = (tmp_path / "bot.db.lock").stat().st_ino
    locks = tmp_path / "locks"
    rows = (("POSIX", 7), ("FLOCK", 4711))
    locks.write_text("".join(f"1: {kind} ADVISORY WRITE {pid} 08:01:{inode} 0 EOF\n" for kind, pid in rows))

    assert whereabouts.find(url(tmp_path / "bot.db"), locks=locks).held_by == 4711
    assert whereabouts.find(url(tmp_path / "bot.db"), locks=tmp_path / "absent").held_by is None
    locks.write_text("1: FLOCK  ADVISORY  WRITE 4711 08:01:1 0 EOF\n")
    assert whereabouts.find(url(tmp_path / "bot.db"), locks=locks).held_by is None
    lock.release()


async def test_tables_of_another_version_are_not_looked_into(store):
    known = await store.transaction(facts.look, channels=5)
    assert (known.schema, known.channels, known.installed, known.connected) == (HEAD, (), (), ())
    assert facts.Facts(schema="0001").of_code == HEAD
