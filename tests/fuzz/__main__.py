"""Sends odd requests to every route of the real bot; exit code 0 says that none of them did any harm."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.faults.report import say
from tests.fuzz.attack import Attack, Findings
from tests.fuzz.bot_under_test import SECRETS, running


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--several", action="store_true", help="a bot that several workspaces install")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="caption-bot-fuzz-") as folder:
        found = asyncio.run(attack(Path(folder), given.requests, given.seed, several=given.several))
    for status, count in sorted(found.statuses.items()):
        say(f"{count:7} answered {status}")
    for problem in found.problems[:50]:
        say(problem)
    say(f"{given.requests} requests, seed {given.seed}: {len(found.problems)} problems")
    return 1 if found.problems else 0


async def attack(folder: Path, number: int, seed: int, *, several: bool = False) -> Findings:
    """Attack a fresh bot, and look into its log for secrets too."""
    async with running(folder, several=several) as (http, written):
        found = await Attack(http, seed, SECRETS).run(number)
    for line in written.getvalue().splitlines():
        found.problems.extend(f"logs a secret: {line[:300]}" for secret in SECRETS if secret in line)
    return found


if __name__ == "__main__":
    sys.exit(main())
