"""Looking at a store tells what waits and what was given up, and changes nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import update

from bot.errors import OperatorError, StoreError
from bot.store import places, reading, schema
from bot.store.database import Database
from bot.store.status import Status, status
from bot.store.tx import Tx
from tests.store.troubles import add_troubles, add_whole_job


class TestStatus:
    async def test_status_tells_what_waits_and_what_was_given_up_and_why(self, store, clock):
        await store.transaction(add_troubles)
        found = await reading.read(store.url, clock, status)
        pending = found.pending
        assert pending is not None
        assert (found.schema, found.rows["job"], found.rows["audit"]) == (schema.HEAD, 4, 4)
        assert found.jobs == {"completed": 1, "errored": 1, "processing": 1, "requested": 1}
        assert (pending.inbox_new, pending.inbox_dead) == (1, 1)
        assert pending.effects_open == {"mux.create": 1, "slack.card": 1}
        assert pending.oldest_due_at == pytest.approx(found.at - 9, abs=60)
        assert [(one.key, one.kind, one.error) for one in pending.given_up] == [
            ("j4:card", "slack.card", "not_in_channel")
        ]
        assert [(one.channel_id, one.reason) for one in pending.parked] == [("C9", "is_archived")]
        assert [one.lane for one in pending.throttled] == ["slack:T1:C1"]
        assert found.size_bytes > 0

    async def test_lists_are_cut_and_say_how_many_there_are(self, store, clock):
        def give_up(tx: Tx) -> None:
            for number in range(1, 6):
                add_whole_job(tx, number)
            tx.conn.execute(update(schema.effect).values(state=1))

        await store.transaction(give_up)
        pending = (await reading.read(store.url, clock, status, most=2)).pending
        assert pending is not None
        assert [one.key for one in pending.given_up] == ["j5:card", "j4:card"]
        assert pending.given_up_count == 5

    async def test_status_reads_while_the_bot_is_in_the_middle_of_writing(
        self, sqlite_store, sqlite_url, clock
    ):
        await sqlite_store.transaction(add_troubles)
        with closing(sqlite3.connect(places.existing_file(sqlite_url), isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("DELETE FROM audit")
            found = await reading.read(sqlite_url, clock, status)
            writer.execute("ROLLBACK")
        assert found.rows["audit"] == 4

    async def test_a_reader_can_change_nothing(self, store, clock):
        with pytest.raises(StoreError, match=r"read-?only"):
            await reading.read(store.url, clock, add_troubles)

    async def test_what_a_dead_process_left_in_the_log_is_read_and_left_alone(self, tmp_path, clock):
        # Two files as `kill -9` leaves them: copied while the writer is open, so nothing is checkpointed.
        url = f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}"
        store = Database(url, clock)
        await store.open()
        await store.transaction(add_troubles)
        left = tmp_path / "left"
        left.mkdir()
        for name in ("bot.db", "bot.db-wal"):
            (left / name).write_bytes((tmp_path / name).read_bytes())
        await store.close()
        before = (left / "bot.db").read_bytes(), (left / "bot.db-wal").read_bytes()
        found = await reading.read(f"sqlite+aiosqlite:///{left / 'bot.db'}", clock, status)
        assert found.rows["job"] == 4
        assert ((left / "bot.db").read_bytes(), (left / "bot.db-wal").read_bytes()) == before

    async def test_a_newer_database_is_counted_but_not_interpreted(
        self, sqlite_store, sqlite_url, clock, query_on
    ):
        await query_on(sqlite_store)("UPDATE alembic_version SET version_num = '9999'")
        found = await reading.read(sqlite_url, clock, status)
        assert (found.schema, found.jobs, found.pending) == ("9999", None, None)
        assert found.rows["job"] == 0

    async def test_an_empty_database_has_no_schema_and_no_rows(self, tmp_path, clock):
        path = tmp_path / "empty.db"
        path.touch()
        found = await reading.read(f"sqlite+aiosqlite:///{path}", clock, status)
        assert isinstance(found, Status)
        assert (found.schema, found.rows) == (None, {})


class TestWords:
    @pytest.mark.parametrize(
        ("url", "words"),
        [
            ("nonsense", "cannot be read"),
            ("mysql://u:secret@h/d", "not supported"),
            ("sqlite+aiosqlite:///:memory:", "memory only"),
            ("sqlite+aiosqlite:////nowhere/bot.db", "there is no database at /nowhere/bot.db"),
            ("postgresql+asyncpg://u:secret@127.0.0.1:1/d", r"u:\*\*\*@127.0.0.1:1/d does not work"),
            ("postgresql+asyncpg://u@127.0.0.1:1/d?password=secret", r"password=\*\*\* does not work"),
            ("postgresql+asyncpg://u:secret@127.0.0.1:1/d?sslmode=require", "ssl=require"),
        ],
    )
    async def test_a_store_that_cannot_be_reached_is_told_without_its_password(self, clock, url, words):
        with pytest.raises(OperatorError, match=words) as caught:
            await reading.read(url, clock, status)
        assert "secret" not in str(caught.value)

    async def test_a_file_that_is_no_database_is_told_as_such(self, tmp_path, clock):
        path = tmp_path / "notes.txt"
        path.write_text("no database " * 100)
        with pytest.raises(StoreError, match="file is not a database"):
            await reading.read(f"sqlite+aiosqlite:///{path}", clock, status)

    def test_a_missing_driver_is_named_and_how_to_install_it(self):
        with pytest.raises(OperatorError, match=r"caption-bot\[postgres\]"):
            self._fail(ModuleNotFoundError("No module named 'asyncpg'", name="asyncpg"))

    @pytest.mark.parametrize("bug", [TypeError("a bug"), ModuleNotFoundError("other", name="other")])
    def test_a_bug_of_ours_is_not_dressed_up_as_the_operators(self, bug):
        with pytest.raises(type(bug)):
            self._fail(bug)

    def _fail(self, error: Exception) -> None:
        with places.told_in_words("postgresql+asyncpg://u@h/d"):
            raise error
