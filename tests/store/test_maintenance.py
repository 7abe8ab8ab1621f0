"""Looking at a store, copying it and forgetting what is over, while others may work on it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from bot.errors import OperatorError, StoreError
from bot.rules.effects import NEVER, Action
from bot.store import effects, maintenance, places, reading, schema
from bot.store.backup import back_up, pg_dump
from bot.store.database import Database
from bot.store.filelock import StoreInUse
from bot.store.prune import EVENT_SECONDS, PAYLOAD_SECONDS, Pruned, Rule, held_back, prunable, prune
from bot.store.status import Status, status
from bot.store.tx import Tx

DAY = 86_400.0
RULE = Rule(older_than_seconds=90 * DAY)


def add_job(tx: Tx, number: int, *, days: float = 0.0, state: str = "completed", **effect: Any) -> None:
    """Add a job that came to `state` some days ago, with one effect, one watcher and one audit row."""
    at = tx.now - days * DAY
    over = state not in {"requested", "processing"}
    tx.conn.execute(
        insert(schema.job).values(
            id=number,
            public_id=f"j{number}",
            passthrough=f"captionbot:j{number}",
            request_key=f"r{number}",
            work_key=f"w{number}",
            team_id="T1",
            channel_id="C1",
            user_id="U1",
            mux_account="default",
            asset_id="asset",
            params="{}",
            state=state,
            rank=90 if over else 0,
            created_at=at,
            updated_at=at,
            finished_at=at if over else None,
        )
    )
    made = {"key": f"j{number}:card", "kind": "slack.card", "lane": "slack:T1:C1", "target": "C1"}
    done = {"have": 1, "ext_id": "1.2", "due_at": at, "job_id": number}
    tx.conn.execute(insert(schema.effect).values({**made, **done, **effect}))
    tx.conn.execute(
        insert(schema.watcher).values(job_id=number, user_id="U2", channel_id="C1", created_at=at)
    )
    tx.conn.execute(
        insert(schema.audit).values(at=at, team_id="T1", user_id="U1", action="caption", job_id=number)
    )


def add_event(tx: Tx, name: str, *, age: float, state: int = 1) -> None:
    at = tx.now - age
    values = {"source": "mux:default", "event_id": name, "type": "t", "payload": "{}"}
    tx.conn.execute(insert(schema.inbox).values(**values, received_at=at, due_at=at, state=state))


def add_troubles(tx: Tx) -> None:
    add_job(tx, 1)
    add_job(
        tx, 2, state="requested", key="j2:create", kind="mux.create", have=0, ext_id=None, due_at=tx.now - 9
    )
    add_job(tx, 3, state="processing", have=0, due_at=NEVER, ext_id=None)
    add_job(tx, 4, state="errored", have=0)
    tx.conn.execute(
        update(schema.effect).where(schema.effect.c.job_id == 4).values(state=1, error="not_in_channel")
    )
    add_event(tx, "new", age=0, state=0)
    add_event(tx, "dead", age=0, state=3)
    tx.conn.execute(
        insert(schema.channel).values(
            team_id="T1",
            channel_id="C9",
            mux_account="default",
            state=1,
            reason="is_archived",
            created_by="U1",
            created_at=tx.now,
            updated_at=tx.now,
        )
    )
    tx.conn.execute(
        insert(schema.lane).values(
            lane="slack:T1:C1", vendor="slack", ready_at=tx.now + 50, rate_at=tx.now + 50
        )
    )


async def ids(store: Database) -> list[int]:
    return await store.transaction(lambda tx: list(tx.conn.execute(select(schema.job.c.id)).scalars()))


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
                add_job(tx, number)
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
        await query_on(sqlite_store, "UPDATE alembic_version SET version_num = '9999'")
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


class TestBackup:
    async def test_a_backup_of_a_store_at_work_is_whole_and_private(
        self, sqlite_store, sqlite_url, clock, tmp_path
    ):
        await sqlite_store.transaction(add_troubles)
        made = back_up(sqlite_url, tmp_path / "copy.db", now=clock.now())
        assert (made.rows["job"], made.size_bytes) == (4, (tmp_path / "copy.db").stat().st_size)
        assert (tmp_path / "copy.db").stat().st_mode & 0o077 == 0
        assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []
        await sqlite_store.transaction(add_job, 5)

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
            add_job(tx, 1)
            add_job(tx, 2)

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
        await query_on(sqlite_store, "UPDATE alembic_version SET version_num = '9999'")
        assert back_up(sqlite_url, tmp_path / "copy.db", now=clock.now()).asked_first == 0

    def test_postgresql_is_told_its_own_command_without_a_password(self, tmp_path):
        url = "postgresql+asyncpg://captions:secret@db:5433/captions?ssl=require"
        command = "pg_dump --format=custom --file=x.dump --dbname=postgresql://captions@db:5433/captions"
        assert pg_dump(url, Path("x.dump")) == command
        with pytest.raises(OperatorError, match="pg_dump --format=custom"):
            back_up(url, tmp_path / "x.dump", now=0.0)


class TestPrune:
    async def test_only_jobs_that_are_long_over_go_with_all_that_is_theirs(self, store):
        def fill(tx: Tx) -> None:
            add_job(tx, 1, days=91)
            add_job(tx, 2, days=89)
            add_job(tx, 3, days=200, state="processing")
            add_job(tx, 4, days=1)

        await store.transaction(fill)
        expected = await store.transaction(prunable, RULE)
        gone = await store.transaction(prune, RULE)
        assert await ids(store) == [2, 3, 4]
        assert gone == expected == Pruned(jobs=1, belongings=gone.belongings)
        assert {"effect": 1, "watcher": 1}.items() <= dict(gone.belongings).items()
        assert (await store.transaction(prune, RULE)).total == 0

    async def test_a_job_with_something_to_do_or_given_up_lately_stays(self, store):
        def fill(tx: Tx) -> None:
            add_job(tx, 1, days=100, have=0)
            add_job(tx, 2, days=100, suspect=1)
            add_job(tx, 3, days=100, have=0, due_at=NEVER)
            add_job(tx, 4, days=100)
            add_job(tx, 5, days=100)
            add_job(tx, 6)
            given_up = update(schema.effect).values(state=1, have=0)
            tx.conn.execute(given_up.where(schema.effect.c.job_id == 4).values(due_at=tx.now - DAY))
            tx.conn.execute(given_up.where(schema.effect.c.job_id == 5))

        await store.transaction(fill)
        assert await store.transaction(held_back, RULE) == 4
        await store.transaction(prune, RULE)
        assert await ids(store) == [1, 2, 3, 4, 6]

    async def test_the_next_job_never_inherits_the_audit_rows_of_one_that_is_gone(self, store):
        def fill(tx: Tx) -> None:
            for number in (1, 2, 3):
                add_job(tx, number, days=100)

        await store.transaction(fill)
        await store.transaction(prune, RULE)
        assert await ids(store) == [3]

    async def test_events_lose_their_body_after_a_week_and_their_id_after_five(self, store):
        def fill(tx: Tx) -> None:
            add_event(tx, "fresh", age=PAYLOAD_SECONDS - 60)
            add_event(tx, "old", age=PAYLOAD_SECONDS + 60)
            add_event(tx, "ignored", age=PAYLOAD_SECONDS + 60, state=2)
            add_event(tx, "dead", age=PAYLOAD_SECONDS + 60, state=3)
            add_event(tx, "waiting", age=EVENT_SECONDS + 60, state=0)
            add_event(tx, "ancient", age=EVENT_SECONDS + 60, state=3)

        await store.transaction(fill)
        expected = await store.transaction(prunable, RULE)
        gone = await store.transaction(prune, RULE)
        assert (gone.payloads, gone.events) == (expected.payloads, expected.events) == (2, 1)
        rows = await store.transaction(
            lambda tx: tx.conn.execute(select(schema.inbox.c.event_id, schema.inbox.c.payload)).all()
        )
        assert {row.event_id: row.payload for row in rows} == {
            "fresh": "{}",
            "old": None,
            "ignored": None,
            "dead": "{}",
            "waiting": "{}",
        }
        assert (await store.transaction(prune, RULE)).total == 0

    async def test_audit_rows_go_only_when_asked_for(self, store):
        def fill(tx: Tx) -> None:
            add_job(tx, 1, days=100)
            add_job(tx, 2)

        await store.transaction(fill)
        assert (await store.transaction(prune, RULE)).audit == 0
        asked = Rule(older_than_seconds=90 * DAY, with_audit=True)
        assert (await store.transaction(prunable, asked)).audit == 1
        assert (await store.transaction(prune, asked)).audit == 1

    async def test_no_transaction_takes_more_than_it_may(self, store):
        def fill(tx: Tx) -> None:
            for number in range(1, 7):
                add_job(tx, number, days=100)
                add_event(tx, f"e{number}", age=EVENT_SECONDS + 60)

        await store.transaction(fill)
        first = await store.transaction(prune, RULE, most=2)
        assert (first.jobs, first.events) == (2, 2)
        assert await ids(store) == [3, 4, 5, 6]

    async def test_everything_is_pruned_from_outside_while_the_bot_is_stopped(
        self, sqlite_store, sqlite_url, clock
    ):
        def fill(tx: Tx) -> None:
            for number in range(1, 1_003):
                add_job(tx, number, days=100, have=int(number != 7))

        await sqlite_store.transaction(fill)
        assert (await maintenance.count_prunable(sqlite_url, RULE, clock))[0].jobs == 1_000
        with pytest.raises(StoreInUse):
            await maintenance.prune_all(sqlite_url, RULE, clock)
        await sqlite_store.close()
        gone, kept = await maintenance.prune_all(sqlite_url, RULE, clock)
        assert (gone.jobs, dict(gone.belongings)["effect"], kept) == (1_000, 1_000, 1)

    async def test_replicas_may_work_on_while_postgresql_is_pruned(self, postgres_store, postgres_url, clock):
        def fill(tx: Tx) -> None:
            add_job(tx, 1, days=100)
            add_job(tx, 2)

        await postgres_store.transaction(fill)
        gone, kept = await maintenance.prune_all(postgres_url, RULE, clock)
        assert (gone.jobs, kept) == (1, 0)

    async def test_pruning_makes_no_database_where_there_was_none(self, sqlite_url, clock, tmp_path):
        with pytest.raises(OperatorError, match="there is no database"):
            await maintenance.prune_all(sqlite_url, RULE, clock)
        assert list(tmp_path.iterdir()) == []

    async def test_counting_in_another_versions_schema_is_refused(
        self, sqlite_store, sqlite_url, clock, query_on
    ):
        await query_on(sqlite_store, "UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(OperatorError, match="has schema 9999"):
            await maintenance.count_prunable(sqlite_url, RULE, clock)


@pytest.fixture
def query_on() -> Callable[..., Any]:
    async def run(store: Database, statement: str) -> None:
        await store.transaction(lambda tx: tx.conn.exec_driver_sql(statement))

    return run
