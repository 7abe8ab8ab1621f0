"""Runs the real bot under fire.

Exit code 0 says that every promise was kept, 1 that one was not, 2 that the run itself failed, 3 that
there is no PostgreSQL here.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults import burst, postgres, processes, restart, told
from tests.faults.chaos import Chaos, ChaosPlan
from tests.faults.judge import judge
from tests.faults.mutations import MUTATIONS
from tests.faults.report import say, tell

_KEPT, _BROKEN, _FAILED, _NO_SERVER = 0, 1, 2, 3


def main() -> int:
    """Run what the command line asks for."""
    given = _arguments()
    processes.prepare()
    folder = Path(tempfile.mkdtemp(prefix="caption-bot-faults-"))
    try:
        code = _run(given, folder)
    except* processes.FellOver as failures:
        for failure in failures.exceptions:
            say(f"FAILED: {failure}")
        code = _FAILED
    # What a mutation breaks is broken on purpose, and nothing to be looked into.
    if code in {_KEPT, _NO_SERVER} or (code == _BROKEN and given.mutate != "none"):
        shutil.rmtree(folder)
    else:
        say(f"The logs and the database are in {folder}")
    return code


def _run(given: argparse.Namespace, folder: Path) -> int:
    if given.burst:
        return _KEPT if asyncio.run(burst.run(given.burst, given.seed, folder)) else _BROKEN
    if given.restart:
        return _KEPT if _restart(given, folder) else _BROKEN
    if given.told:
        return _KEPT if asyncio.run(told.run(given.told, given.channels, folder)) else _BROKEN
    try:
        with _databases(given.engine, folder) as (url, move_to):
            return _chaos(given, url, move_to, folder)
    except postgres.NoServer as reason:
        say(str(reason))
        return _NO_SERVER


def _restart(given: argparse.Namespace, folder: Path) -> bool:
    return asyncio.run(restart.run(given.restart, folder, patience_seconds=given.patience))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--jobs", type=int, default=500)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=("sqlite", "postgres", "moved"), default="sqlite")
    parser.add_argument("--replicas", type=int, default=1)
    parser.add_argument("--mutate", choices=MUTATIONS, default="none")
    parser.add_argument("--patience", type=float, default=240.0)
    parser.add_argument("--burst", type=int, default=0, metavar="WEBHOOKS", help="only send a burst")
    parser.add_argument("--told", type=int, default=0, metavar="JOBS", help="only let jobs finish at once")
    parser.add_argument("--restart", type=int, default=0, metavar="COMMANDS", help="only restart in order")
    parser.add_argument("--channels", type=int, default=50)
    given = parser.parse_args()
    if given.engine != "postgres" and given.replicas > 1:
        parser.error("SQLite is for one process; use --engine postgres")
    return given


@contextmanager
def _databases(engine: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Give the URL of the database that a run begins on, and of the one that it moves to, if it does."""
    file = f"sqlite+aiosqlite:///{folder / 'bot.db'}"
    if engine == "sqlite":
        yield file, ""
    else:
        with postgres.database() as url:
            yield (file, url) if engine == "moved" else (url, "")


def _chaos(given: argparse.Namespace, url: str, move_to: str, folder: Path) -> int:
    plan = ChaosPlan(
        jobs=given.jobs,
        kills=given.kills,
        seed=given.seed,
        database_url=url,
        folder=folder,
        move_to=move_to,
        replicas=given.replicas,
        mutation=given.mutate,
        job_seconds=1.5 if given.mutate == "none" else 0.3,
        patience_seconds=given.patience,
    )
    outcome = asyncio.run(Chaos(plan).run())
    verdict = judge(outcome.evidence)
    mutated = "" if given.mutate == "none" else f", mutation {given.mutate}"
    tell(f"{given.engine}, seed {given.seed}{mutated}", plan, outcome, verdict)
    return _KEPT if verdict.kept and not outcome.unrest else _BROKEN


if __name__ == "__main__":
    sys.exit(main())
