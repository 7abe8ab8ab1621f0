"""A job's evidence in one file, the same bytes every time."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.clock import SystemClock
from bot.rules.request import CaptionRequest
from bot.store import archive, files, records
from bot.store.database import Database
from bot.store.tx import Tx
from handlers.cli import app
from tests.handlers.completed import completed

SRT = b"1\n00:00:00,000 --> 00:00:01,000\nHello.\n"


def fill(tx: Tx) -> str:
    request = CaptionRequest(asset_id="asset1", phrases=("Vercel",))
    stored = completed(tx, request, request_key="secret-key", track_id="tr1")
    archive.begin(tx, stored.row_id, mux_account="default", track_id="tr1")
    for content in (SRT, SRT + b"\n"):
        new = files.pack(kind="srt", name="a.en.srt", media_type="text/plain", content=content)
        files.put(tx, stored.row_id, new)
    records.audited(tx, team_id="T1", user_id="U2", action="files.share", job_id=stored.row_id)
    return stored.job.id


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, str]:
    """Return a folder to work in, whose database has one finished job, and the job's id."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}"

    async def make() -> str:
        store = Database(url, SystemClock())
        await store.open()
        made = await store.transaction(fill)
        await store.close()
        return made

    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)
    return tmp_path, asyncio.run(make())


def run(*arguments: str):
    return CliRunner().invoke(app, ["export", *arguments])


def test_a_jobs_evidence_is_one_file_with_everything_and_its_hashes(place):
    folder, job = place
    done = run(job)
    assert done.exit_code == 0, done.output
    path = folder / f"caption-job-{job}.zip"
    assert f"SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()}" in done.output
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as packed:
        contents = {name: packed.read(name) for name in packed.namelist()}
    assert contents["files/001-srt-a.en.srt"] == SRT
    assert contents["files/002-srt-a.en.srt"] == SRT + b"\n"
    told = json.loads(contents["job.json"])
    assert (told["user_id"], told["state"], told["params"]["phrases"]) == ("U1", "completed", ["Vercel"])
    assert "secret-key" not in contents["job.json"].decode()
    assert [row["action"] for row in json.loads(contents["audit.json"])][-1] == "files.share"
    sums = dict(line.split("  ")[::-1] for line in contents.pop("SHA256SUMS").decode().splitlines())
    assert sums == {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}


def test_the_same_evidence_gives_the_same_bytes_and_no_file_is_replaced(place):
    folder, job = place
    assert run(job, "--output", "a.zip").exit_code == 0
    assert run(job, "--output", "b.zip").exit_code == 0
    assert (folder / "a.zip").read_bytes() == (folder / "b.zip").read_bytes()
    again = run(job, "--output", "a.zip")
    assert (again.exit_code, "there already" in again.output) == (2, True)


def test_what_cannot_be_exported_is_said(place):
    assert "there is no job 'nobody'" in run("nobody").output
    assert "cannot be written" in run(place[1], "--output", "no/such/folder.zip").output
