"""A copy of a store is whole, private and tried out, while others work on it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import OperatorError, StoreError
from bot.rules.effects import Action
from bot.store import effects
from bot.store.backup import back_up, pg_dump
from bot.store.database import Database
from bot.store.tx import Tx
from tests.store.troubles import add_troubles, add_whole_job


class TestBackup:
    async def test_a_backup_of_a_store_at_work_is_whole_and_private(
        self, sqlite_store, sqlite_url, clock, tmp_path
    ):
        await sqlite_store.transaction(add_troubles)
        made = back_up(sqlite_url, tmp_path / "copy.db", now=clock.now())
        assert (made.rows["job"], made.size_bytes) == (4, (tmp_path / "copy.db").stat().st_size)
        assert (tmp_path / "copy.db").stat().st_mode & 0o077 == 0
        assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []
        await sqlite_store.transaction(add_whole_job, 5)

    async def test_a_restored_store_asks_before_it_sends_again(
        self, sqlite_store, sqlite_url, clock, tmp_path
    ):
        await sqlite_store.transaction(add_troubles)
        made = back_up(sqlite_url, tmp_path / "copy.db", now=clock.now())
        restored = Database(f"sqlite+aiosqlite:///{tmp_path / 'copy.db'}", clock)
        await restored.open()
        create = await restored.transaction(effects.by_key, "j2:create")
        finished = await restored.transaction(effects.by_key, "j1:card")
        await restored.close()
        assert made.asked_first == 2
        assert create is not None
        assert finished is not None
        assert (create.action, create.suspect, create.maybe_sent_at) == (Action.VERIFY, True, clock.now())
        assert (finished.suspect, finished.maybe_sent_at) == (False, None)
        untouched = await sqlite_store.transaction(effects.by_key, "j2:create")
        assert untouched is not None
        assert untouched.action is Action.SEND

    @pytest.mark.usefixtures("sqlite_store")
    async def test_a_backup_replaces_nothing_unless_told_to(self, sqlite_url, clock, tmp_path):
        target = tmp_path / "copy.db"
        target.write_text("precious")
        with pytest.raises(OperatorError, match="--force"):
            back_up(sqlite_url, target, now=clock.now())
        assert target.read_text() == "precious"
        back_up(sqlite_url, target, now=clock.now(), force=True)
        assert target.read_bytes().startswith(b"SQLite format 3")

    @pytest.mark.parametrize("name", ["bot.db", "bot.db-wal", "bot.db-shm", "bot.db.lock"])
    @pytest.mark.usefixtures("sqlite_store")
    async def test_the_store_itself_is_never_the_target(self, sqlite_url, clock, tmp_path, name):
        before = (tmp_path / "bot.db").read_bytes()
        with pytest.raises(OperatorError, match="belongs to the store"):
            back_up(sqlite_url, tmp_path / name, now=clock.now(), force=True)
        assert (tmp_path / "bot.db").read_bytes() == before

    @pytest.mark.usefixtures("sqlite_store")
    async def test_a_target_that_cannot_be_written_is_told(self, sqlite_url, clock, tmp_path):
        with pytest.raises(OperatorError, match="does not exist"):
            back_up(sqlite_url, tmp_path / "none" / "copy.db", now=clock.now())
        with pytest.raises(OperatorError, match="is a folder"):
            back_up(sqlite_url, tmp_path, now=clock.now(), force=True)
        with pytest.raises(OperatorError, match="choose another folder"):
            back_up(sqlite_url, Path("/proc/copy.db"), now=clock.now())

    async def test_a_damaged_copy_never_gets_its_name(self, sqlite_store, sqlite_url, clock, tmp_path):
        def lose_a_job(tx: Tx) -> None:
            add_whole_job(tx, 1)
            add_whole_job(tx, 2)

        await sqlite_store.transaction(lose_a_job)
        await sqlite_store.close()
        with closing(sqlite3.connect(tmp_path / "bot.db", isolation_level=None)) as writer:
            writer.execute("PRAGMA foreign_keys=OFF")
            writer.execute("DELETE FROM job WHERE id = 1")
        with pytest.raises(StoreError, match="2 rows without their job"):
            back_up(sqlite_url, tmp_path / "copy.db", now=clock.now())
        assert not (tmp_path / "copy.db").exists()

    async def test_a_copy_that_fails_half_way_leaves_nothing_behind(self, tmp_path, clock):
        source = tmp_path / "bot.db"
        source.write_bytes(b"SQLite format 3\x00" + b"\xff" * 8_000)
        with pytest.raises(StoreError, match="the copy failed"):
            back_up(f"sqlite+aiosqlite:///{source}", tmp_path / "copy.db", now=clock.now())
        assert [path.name for path in tmp_path.iterdir()] == ["bot.db"]

    async def test_a_store_of_another_version_is_copied_as_it_is(
        self, sqlite_store, sqlite_url, clock, tmp_path, query_on
    ):
        await sqlite_store.transaction(add_troubles)
        await query_on(sqlite_store)("UPDATE alembic_version SET version_num = '9999'")
        assert back_up(sqlite_url, tmp_path / "copy.db", now=clock.now()).asked_first == 0

    def test_postgresql_is_told_its_own_command_without_a_password(self, tmp_path):
        url = "postgresql+asyncpg://captions:secret@db:5433/captions?ssl=require"
        command = "pg_dump --format=custom --file=x.dump --dbname=postgresql://captions@db:5433/captions"
        assert pg_dump(url, Path("x.dump")) == command
        with pytest.raises(OperatorError, match="pg_dump --format=custom"):
            back_up(url, tmp_path / "x.dump", now=0.0)
