"""Short runs of the harness; `make faults` runs it at length."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_KEPT, _BROKEN, _NO_SERVER = 0, 1, 3


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    # Killed processes leave no coverage data, and half of it would spoil the rest.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    return subprocess.run(  # noqa: S603 - our own interpreter and our own module
        [sys.executable, "-m", "tests.faults", *arguments],
        cwd=_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )


@pytest.mark.timeout(180)
def test_promises_hold_under_faults_and_kill_9() -> None:
    done = _run("--jobs", "25", "--kills", "15", "--patience", "60")
    assert done.returncode == _KEPT, done.stdout + done.stderr


@pytest.mark.timeout(180)
def test_promises_hold_with_two_replicas_on_postgresql() -> None:
    done = _run(
        "--jobs", "25", "--kills", "15", "--patience", "60", "--engine", "postgres", "--replicas", "2"
    )
    if done.returncode == _NO_SERVER:
        pytest.skip(done.stdout.strip())
    assert done.returncode == _KEPT, done.stdout + done.stderr


@pytest.mark.timeout(180)
def test_promises_hold_when_the_store_moves_to_postgresql_half_way() -> None:
    done = _run("--jobs", "20", "--kills", "6", "--patience", "60", "--engine", "moved")
    if done.returncode == _NO_SERVER:
        pytest.skip(done.stdout.strip())
    assert done.returncode == _KEPT, done.stdout + done.stderr
    assert "counts equal" in done.stdout


@pytest.mark.timeout(180)
def test_a_bot_that_writes_no_intent_down_is_found_out() -> None:
    done = _run("--jobs", "40", "--kills", "2", "--patience", "60", "--mutate", "intent")
    assert done.returncode == _BROKEN, done.stdout + done.stderr
    assert "doubled paid jobs" in done.stdout


@pytest.mark.timeout(180)
def test_a_restart_amid_commands_loses_none() -> None:
    done = _run("--restart", "8", "--patience", "100")
    assert done.returncode == _KEPT, done.stdout + done.stderr
    assert "8 jobs paid for 8 commands: none lost, none twice" in done.stdout
