"""`caption-bot audit` as an operator types it, on a real store."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner, Result

from bot.clock import SystemClock
from bot.rules.request import CaptionRequest
from bot.services import captions
from bot.services.captions import Ask
from bot.store import records
from bot.store.database import Database
from bot.store.tx import Tx
from handlers.cli import app

ROOT: Final = Path(__file__).parents[2]
DAY: Final = 86_400.0


class Shifted(SystemClock):
    """A clock that is wrong by some days, to write old rows."""

    def __init__(self, days: float) -> None:
        self.days = days

    def now(self) -> float:
        return super().now() + self.days * DAY


def write(path: Path, days: float, work: Any, *args: Any) -> Any:
    async def run() -> Any:
        store = Database(f"sqlite+aiosqlite:///{path}", Shifted(days))
        await store.open()
        try:
            return await store.transaction(work, *args)
        finally:
            await store.close()

    return asyncio.run(run())


def ask(asset: str, user: str) -> Ask:
    return Ask(
        request=CaptionRequest(asset_id=asset),
        request_key=f"{asset}:{user}",
        team_id="T1",
        channel_id="C1",
        user_id=user,
        mux_account="default",
    )


def strange(tx: Tx) -> None:
    records.audited(tx, team_id="T2", user_id="U9", action="strange", typed="a\nb\x1b[31m\u2028c")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a store with one act of ten days ago and two of today."""
    file = tmp_path / "bot.db"
    write(file, -10, captions.request, ask("oldAsset1", "U1"))
    write(file, 0, captions.request, ask("newAsset1", "U2"))
    write(file, 0, strange)
    return file


def audit(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["audit", *arguments], env={"DATABASE_URL": f"sqlite+aiosqlite:///{path}"})


def test_each_line_says_when_what_who_where_and_which_job(path):
    shown = audit(path)
    assert shown.exit_code == 0
    first = shown.output.splitlines()[0]
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  \S+  U1 in T1/C1  job \S+  asset=oldAsset1", first
    ), first


def test_the_newest_come_last_and_the_limit_keeps_the_newest(path):
    lines = audit(path, "--limit", "2").output.splitlines()
    assert len(lines) == 2
    assert "newAsset1" in lines[0]
    assert "strange" in lines[1]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--since", "7d"], 2),
        (["--since", "2w"], 3),
        (["--user", "U1"], 1),
        (["--team", "T2"], 1),
        (["--action", "strange"], 1),
    ],
)
def test_it_can_be_narrowed(path, arguments, found):
    assert len(audit(path, *arguments).stdout.splitlines()) == found


def test_a_jobs_whole_story_is_found_by_its_id(path):
    job = json.loads(audit(path, "--user", "U2", "--json").output)["job_id"]
    lines = audit(path, "--job", job).output.splitlines()
    assert len(lines) == 1
    assert "newAsset1" in lines[0]


def test_as_json_every_line_is_an_object_with_its_details(path):
    rows = [json.loads(line) for line in audit(path, "--json").output.splitlines()]
    assert [row["user_id"] for row in rows] == ["U1", "U2", "U9"]
    assert rows[0]["detail"] == {"channel": "C1", "asset": "oldAsset1"}
    assert rows[0]["at"].endswith("Z")


def test_what_somebody_typed_cannot_forge_a_line_or_colour_the_terminal(path):
    (line,) = audit(path, "--action", "strange").output.splitlines()
    assert "\x1b" not in line
    assert "a b" in line


def test_nothing_found_is_said_and_is_no_failure(path):
    nothing = audit(path, "--user", "U404")
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert "Nothing in the audit log fits." in nothing.stderr


@pytest.mark.parametrize(
    ("arguments", "said"), [(["--since", "soon"], "is no age"), (["--since", "-1d"], "is no age")]
)
def test_what_is_not_understood_is_said(path, arguments, said):
    refused = audit(path, *arguments)
    assert refused.exit_code == 2
    assert said in refused.stderr


def test_a_store_that_is_not_there_is_said(tmp_path):
    refused = audit(tmp_path / "none.db")
    assert refused.exit_code == 2
    assert "caption-bot:" in refused.stderr


def test_nothing_in_the_bot_changes_the_audit_log_and_only_pruning_shortens_it():
    changing = re.compile(r"\b(?:update|delete)\(\s*(?:schema\.)?audit\s*[,)]")
    offenders = {
        path.name
        for room in ("bot", "handlers")
        for path in (ROOT / room).rglob("*.py")
        if changing.search(path.read_text())
    }
    assert offenders <= {"prune.py"}
