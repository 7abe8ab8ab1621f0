"""`caption-bot db ...` as an operator types it, on real files."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert, update

from bot.clock import SystemClock
from bot.store import schema
from bot.store.backup import Backup
from bot.store.database import Database
from bot.store.filelock import FileLock
from bot.store.status import GivenUp, Pending, Status
from bot.store.tx import Tx
from handlers import database_report as report
from handlers.cli import app
from tests.store.job_rows import add_job

DAY = 86_400.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the file of a store with an old job, a job that waits, and one that was given up."""
    file = tmp_path / "bot.db"

    async def make() -> None:
        store = Database(url(file), SystemClock())
        await store.open()
        await store.transaction(fill)
        await store.close()

    asyncio.run(make())
    return file


def url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


def fill(tx: Tx) -> None:
    for number, days, state in ((1, 100, "completed"), (2, 0, "requested"), (3, 0, "errored")):
        add_job(tx, number, days=days, state=state)
        effect = {"key": f"j{number}:card", "kind": "slack.card", "lane": "slack:T1:C1", "target": "C1"}
        tx.conn.execute(
            insert(schema.effect).values(
                **effect, job_id=number, due_at=tx.now - days * DAY, have=int(state != "requested")
            )
        )
    dead = update(schema.effect).where(schema.effect.c.job_id == 3)
    tx.conn.execute(dead.values(state=1, have=0, error="not_in_channel"))


def db(target: Path | str, *arguments: str) -> Result:
    """Run the command with `target` as DATABASE_URL and no other setting."""
    where = url(target) if isinstance(target, Path) else target
    return CliRunner().invoke(app, ["db", *arguments], env={"DATABASE_URL": where})


def test_plain_db_shows_what_an_operator_looks_for(path):
    shown = db(path)
    assert shown.exit_code == 0
    assert shown.output == db(path, "status").output
    for line in ("Engine  SQLite", "  requested          1", "  slack.card               1", "Given up: 1"):
        assert line in shown.output
    assert "j3:card  slack.card to C1: not_in_channel" in shown.output


@pytest.mark.parametrize("arguments", [("--json",), ("status", "--json")])
def test_status_is_there_for_machines_too(path, arguments):
    read: dict[str, Any] = json.loads(db(path, *arguments).output)
    assert read["rows"]["job"] == 3
    assert read["jobs"] == {"completed": 1, "errored": 1, "requested": 1}
    assert read["pending"]["given_up"][0]["error"] == "not_in_channel"


def test_the_address_comes_from_the_env_file_too(path, tmp_path):
    env_file = tmp_path / "settings"
    env_file.write_text(f"DATABASE_URL={url(path)}\nOTHER=1\n")
    shown = CliRunner().invoke(app, ["db", "status", "--env-file", str(env_file)], env={"DATABASE_URL": ""})
    assert str(path) in shown.output


def test_while_the_bot_runs_it_can_be_looked_at_and_backed_up_but_not_changed(path, tmp_path):
    lock = FileLock(path)
    lock.acquire()
    assert db(path).exit_code == 0
    made = db(path, "backup", str(tmp_path / "copy.db"))
    assert "integrity checked" in made.output
    assert "1 request had not been sent yet" in made.output
    assert (
        "Would remove (nothing was changed)" in db(path, "prune", "--older-than", "90d", "--dry-run").output
    )
    for arguments in (("prune", "--older-than", "90d"), ("move", "--to", "postgresql+asyncpg://u:pw@h/d")):
        refused = db(path, *arguments)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert "the bot is running" in refused.stderr
        assert "stop the bot first" in refused.stderr
    lock.release()


def test_a_backup_is_a_store_that_status_reads(path, tmp_path):
    copy = tmp_path / "copy.db"
    assert db(path, "backup", str(copy)).exit_code == 0
    assert db(copy).output.split("Rows")[1] == db(path).output.split("Rows")[1]
    again = db(path, "backup", str(copy))
    assert (again.exit_code, again.stderr) == (
        2,
        f"caption-bot: {copy} exists already; give another name, or --force to replace it\n",
    )
    assert db(path, "backup", str(copy), "--force").exit_code == 0


def test_prune_says_what_it_removed(path):
    gone = db(path, "prune", "--older-than", "12w", "--audit")
    assert gone.exit_code == 0
    assert "Removed\n  jobs                                        1\n" in gone.output
    assert "audit rows" in gone.output
    assert "The file keeps its size" in gone.output
    assert (
        "  jobs                                        0\n" in db(path, "prune", "--older-than", "12w").output
    )


@pytest.mark.parametrize(
    ("age", "words"), [("soon", "'soon' is no age; write days or weeks"), ("1d", "the least is 2d")]
)
def test_an_age_that_makes_no_sense_is_refused(path, age, words):
    refused = db(path, "prune", "--older-than", age)
    assert refused.exit_code == 2
    assert words in refused.stderr


def test_a_missing_database_is_told_with_what_to_do(tmp_path):
    refused = db(tmp_path / "none.db")
    assert refused.exit_code == 2
    assert f"there is no database at {tmp_path / 'none.db'}" in refused.stderr
    assert "Traceback" not in refused.output


async def test_a_moved_store_is_the_same_store_and_says_what_to_change(sqlite_url, empty_postgres):
    store = Database(sqlite_url, SystemClock())
    await store.open()
    await store.transaction(fill)
    await store.close()
    secret = empty_postgres.replace("captions@", "captions:secret@")
    moved = await asyncio.to_thread(db, sqlite_url, "move", "--to", secret)
    assert moved.exit_code == 0, moved.stderr
    shown = secret.replace("secret", "***")
    assert f"DATABASE_URL={shown}   (with the password for ***)" in moved.output
    assert "Moved 6 rows" in moved.output
    assert "secret" not in moved.output
    after = await asyncio.to_thread(db, secret)
    assert "PostgreSQL" in after.output
    assert "j3:card  slack.card to C1: not_in_channel" in after.output
    refused = await asyncio.to_thread(db, secret, "backup", "x.dump")
    assert "pg_dump --format=custom --file=x.dump" in refused.stderr
    pruned = await asyncio.to_thread(db, secret, "prune", "--older-than", "90d")
    assert "The file keeps its size" not in pruned.output


class TestWords:
    def test_sizes_and_spans_are_written_for_people(self):
        assert [report.size(n) for n in (0, 1023, 1536, 5 << 30, 9 << 50)] == [
            "0 B",
            "1023 B",
            "1.5 KiB",
            "5.0 GiB",
            "9216.0 TiB",
        ]
        assert [report.span(n) for n in (5, 60, 7200, 3 * DAY)] == ["5 s", "1 min", "2 h", "3 d"]

    @pytest.mark.parametrize(
        ("schema_version", "words"),
        [
            (None, "none yet; the bot makes 0005"),
            ("0004", "0004; the bot brings it to 0005 when it next starts"),
            ("0006", "0006, newer than 0005"),
        ],
    )
    def test_another_versions_schema_is_told_with_what_to_do(self, schema_version, words):
        lines = "\n".join(report.status(_status(schema=schema_version), "here"))
        assert words in lines
        assert "once the schema is this version's" in lines

    def test_what_is_not_listed_is_counted(self):
        pending = Pending(
            inbox_new=0,
            inbox_dead=2,
            effects_open={},
            oldest_due_at=130.0,
            throttled_count=0,
            throttled=(),
            given_up_count=30,
            given_up=(GivenUp(key="j:create", kind="mux.create", target="", error="no"),),
            parked_count=0,
            parked=(),
        )
        lines = list(report.status(_status(schema="0005", jobs={}, pending=pending, free_bytes=10), "here"))
        assert "Size    2.0 KiB (10 B of it free)" in lines
        assert "  The earliest is due in 30 s." in lines
        assert "  2 events could not be applied; the bot asks Mux about those jobs instead." in lines
        assert lines[lines.index("Given up: 30") + 1 :][:2] == [
            "  j:create  mux.create to Mux: no",
            "  ... and 29 more (--limit 30)",
        ]

    def test_a_backup_with_nothing_to_send_needs_no_remark(self):
        made = Backup(path=Path("x"), size_bytes=1, rows={"job": 1}, asked_first=0)
        assert len(list(report.backup(made))) == 2


def _status(**values: Any) -> Status:
    plain: dict[str, Any] = {"jobs": None, "pending": None, "rows": {}, "free_bytes": 0}
    fixed = {"at": 100.0, "engine": "SQLite 3", "schema_of_code": "0005", "size_bytes": 2048}
    return Status(**{**fixed, **plain, **values})
