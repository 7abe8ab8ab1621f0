"""Measures the bot beside its peers, in interleaved rounds, and prints one table.

Everything stays on loopback and every loop is bounded. Results are kept as JSON below build/bench.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import time
from pathlib import Path
from typing import Any, Final

import uvloop

from tests.bench import claims, disk, goals, packages, publish, report, seed, servers, vendors
from tests.bench.postgres import NoServer, durable
from tests.bench.rounds import READY, Plan, Round, at_rest

FOLDER: Final = servers.ROOT / "build" / "bench"
SMALL: Final = 1_000 + 1
BIG: Final = 1_000_000
_CLAIMS: Final = 300


class Bench:
    """One run: which servers, how many rounds, and what they showed."""

    def __init__(self, given: argparse.Namespace) -> None:
        self._given = given
        self._server_core, self._own_core = servers.cores()
        self._plan = Plan(
            seconds=2.0 if given.quick else 3.0,
            busy_seconds=1.5 if given.quick else 2.0,
            log=FOLDER / "servers.log",
        )
        self._next_marker = 0
        self._began = time.time()
        self.installed = packages.installed()
        self.rounds: dict[str, list[dict[str, float]]] = {}

    async def run(self, extra: dict[str, str]) -> None:
        """Do every round; `extra` names more stores for the bot, name -> URL."""
        os.sched_setaffinity(0, self._own_core)
        stores = {} if self._given.steps else await self._stores(extra)
        rounds = 1 if self._given.quick else self._given.rounds
        everybody = self._everybody(stores)
        async with vendors.serving() as both:
            for number in range(rounds):
                for peer in everybody:
                    report.say(f"round {number + 1} of {rounds}: {peer.name}")
                    await self._one(peer, both, stores.get(peer.name))
                    self._keep()
                report.say(f"kept in {self._path.relative_to(servers.ROOT)}")

    async def _stores(self, extra: dict[str, str]) -> dict[str, str]:
        stores = {"bot": f"sqlite+aiosqlite:///{FOLDER / 'small.db'}", **extra}
        if self._given.big:
            stores["bot-million"] = f"sqlite+aiosqlite:///{FOLDER / 'big.db'}"
        for name, url in stores.items():
            report.say(f"filling the store of {name}")
            await seed.past(url, BIG if name.endswith("million") else SMALL, kept=FOLDER / "kept")
        return stores

    def _everybody(self, stores: dict[str, str]) -> list[servers.Peer]:
        if self._given.steps:
            base = (peer for peer in servers.peers(None) if peer.name == report.BASE)
            return [*base, *servers.steps(FOLDER)]
        node = servers.node_packages(FOLDER / "node") if not self._given.bot_only else "not asked for"
        if isinstance(node, str):
            report.say(f"without Bolt for JavaScript and Node-RED: {node}")
        found = servers.peers(node if isinstance(node, Path) else None)
        kept = [peer for peer in found if not self._given.bot_only or peer.name == report.BASE]
        return [*kept, *(servers.bot(name, url, ready=READY) for name, url in stores.items())]

    async def _one(self, peer: servers.Peer, both: vendors.Vendors, url: str | None) -> None:
        if url is not None:
            await seed.tidy(url)
        try:
            figures = await at_rest(peer, both, self._plan, self._server_core)
            markers = await self._jobs(url)
            figures |= await Round(peer, both, self._plan, markers).run(self._server_core)
        except servers.Unusable as problem:
            report.say(f"without {peer.name}: {problem}")
            return
        if url is not None:
            figures |= await claims.measure(url, _CLAIMS) | await disk.measure(FOLDER)
        self.rounds.setdefault(peer.name, []).append(figures)

    async def _jobs(self, url: str | None) -> list[str]:
        """Return what names the jobs that will be reported, and let them run in the store of a bot."""
        first = self._next_marker
        self._next_marker += self._plan.webhooks
        if url is not None:
            return await seed.running(url, first, self._next_marker)
        return [f"mark{number:09d}" for number in range(first, self._next_marker)]

    def _keep(self) -> None:
        """Keep what there is so far, so that a run that is cut off was not for nothing."""
        began = time.gmtime(self._began)
        facts: dict[str, Any] = {
            "began": time.strftime("%Y-%m-%dT%H:%M:%SZ", began),
            "took_seconds": round(time.time() - self._began),
            "python": platform.python_version(),
            "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.release()}",
            "installed": self.installed,
            "rounds": self.rounds,
            "medians": report.medians(self.rounds),
        }
        self._path.write_text(json.dumps(facts, indent=1))

    @property
    def _path(self) -> Path:
        return FOLDER / f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(self._began))}.json"


def main() -> int:
    """Run what the command line asks for."""
    given = _arguments()
    if given.report:
        publish.publish(given.report)
        return 0
    shutil.rmtree(FOLDER / "logs", ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    _forget(FOLDER)
    _forget(servers.MEMORY, "step-memory")
    bench = Bench(given)
    _run(bench, alone=given.steps or given.sqlite_only)
    if given.steps:
        _forget(servers.MEMORY, "step-memory")
        sys.stdout.write(f"{publish.steps(report.medians(bench.rounds))}\n")
        return 0
    table = report.table(bench.rounds)
    size = f"{bench.installed['packages']:.0f} packages, {bench.installed['mb']:.0f} MB without Python itself"
    asked = goals.table([report.medians(bench.rounds)], bench.installed["mb"])
    sys.stdout.write(f"{table}\n\nInstalled: {size}.\n\n{asked}\n")
    return 0 if "bot" in bench.rounds else 1


def _forget(folder: Path, name: str = "*") -> None:
    """Delete the stores of earlier runs."""
    for kind in ("", "-*", ".lock"):
        for left in folder.glob(f"{name}.db{kind}"):
            left.unlink()


def _run(bench: Bench, *, alone: bool) -> None:
    if alone:
        uvloop.run(bench.run({}))
        return
    try:
        with durable() as url:
            uvloop.run(bench.run({"bot-postgres": url}))
    except NoServer as reason:
        report.say(f"without PostgreSQL: {reason}")
        uvloop.run(bench.run({}))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round, about two minutes")
    parser.add_argument("--rounds", type=int, default=3, help="how many rounds (3)")
    parser.add_argument("--big", action="store_true", help="also with a million jobs in the store")
    parser.add_argument("--bot-only", action="store_true", help="only the bot and bare Bolt for Python")
    parser.add_argument("--sqlite-only", action="store_true", help="leave PostgreSQL out")
    parser.add_argument("--steps", action="store_true", help="what each step of the bot's adds to bare Bolt")
    parser.add_argument(
        "--report",
        type=Path,
        nargs="+",
        metavar="JSON",
        help="measure nothing; write the figures of kept runs into docs/performance.md",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
