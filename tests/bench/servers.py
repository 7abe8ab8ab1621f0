"""Starts the servers on a core of their own and says what they cost. Every process is ended by its id."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.bench.traffic import HOST, SIGNING_SECRET, WEBHOOK_SECRET
from tests.bench.vendors import Vendors
from tests.bench.wire import Client

ROOT: Final = Path(__file__).parents[2]
HERE: Final = Path(__file__).parent
PACKAGES: Final = ("@slack/bolt@5", "node-red@4")

_START_SECONDS: Final = 60.0
_LOOK_SECONDS: Final = 0.004
_OK: Final = 200
_MB: Final = 1_000_000


class Unusable(Exception):
    """A peer cannot run here, or fell over; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One server: how it is started, the request by whose 200 it is ready, and what it can do."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: bytes | None = None
    webhooks: bool = True
    interactions: bool = True


@dataclass(slots=True)
class Running:
    """A server that listens on `port`; `started_seconds` is how long it took to its first good answer."""

    peer: Peer
    port: int
    process: subprocess.Popen[bytes]
    started_seconds: float

    def cpu_seconds(self) -> float:
        """Return the processor time of every thread of the process and its children so far."""
        return sum(map(_cpu_seconds, self._pids()))

    def resident_mb(self) -> float:
        """Return the resident memory of the process and its children."""
        return sum(map(_resident_mb, self._pids()))

    async def stop(self) -> None:
        """Ask it to end, and end it if it does not."""
        self.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 15
        while self.process.poll() is None and time.monotonic() < deadline:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.02)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def _pids(self) -> list[int]:
        return [self.process.pid, *_children(self.process.pid)]


def peers(node_folder: Path | None) -> list[Peer]:
    """Return what the bot is compared with; those in JavaScript only with a folder of packages."""
    python = [
        Peer(name="starlette", command=_script("floor.py"), webhooks=False, interactions=False),
        Peer(name="bolt-python", command=_script("bolt.py")),
        Peer(
            name="bolt-python-pbr", command=_script("bolt.py"), environment={"PROCESS_BEFORE_RESPONSE": "1"}
        ),
    ]
    if node_folder is None:
        return python
    return [
        *python,
        Peer(
            name="bolt-js",
            command=("node", str(HERE / "peers" / "bolt.js")),
            environment={"NODE_PATH": str(node_folder / "node_modules"), "NODE_ENV": "production"},
        ),
        _node_red(node_folder),
    ]


def bot(name: str, database_url: str, *, ready: bytes) -> Peer:
    """Return the bot itself, as an operator starts it."""
    return Peer(
        name=name,
        command=(sys.executable, "-m", "bot", "run", "--env-file", os.devnull),
        environment={"DATABASE_URL": database_url},
        ready=ready,
    )


MEMORY: Final = Path("/dev/shm")  # noqa: S108 - Linux's file system in memory, for a file of this run
STEPS: Final = {
    "read": "the command is read and checked",
    "wait": "and an empty transaction is waited for",
    "intent": "or only the request is noted, durably: one insert",
    "job": "or everything is decided and durable",
    "answer": "and the answer says what became of it",
    "memory": "the same with the store in memory, so that no disk is waited for",
}
"""What the bot does for a command, one step after the other, each in a bare Bolt app of its own."""


def steps(folder: Path) -> list[Peer]:
    """Return the apps that take one step more each, with their stores below `folder`."""
    places = dict.fromkeys(STEPS, folder) | {"memory": MEMORY}
    return [
        Peer(
            name=f"step {name}",
            command=(sys.executable, "-m", "tests.bench.peers.steps"),
            environment={
                "STEP": "answer" if name == "memory" else name,
                "DATABASE_URL": f"sqlite+aiosqlite:///{place / f'step-{name}.db'}",
            },
            webhooks=False,
            interactions=False,
        )
        for name, place in places.items()
        if place.is_dir()
    ]


def node_packages(folder: Path) -> Path | str:
    """Install the JavaScript peers below `folder`, or say why there are none."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return "Node.js is not installed"
    if not (folder / "node_modules" / "node-red").exists():
        folder.mkdir(parents=True, exist_ok=True)
        flags = ("--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts")
        ran = subprocess.run(  # noqa: S603 - the npm of this machine, arguments of our own
            [npm, "install", *flags, "--prefix", str(folder), *PACKAGES],
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if ran.returncode:
            return f"npm failed: {(ran.stderr.strip().splitlines() or ['without a word'])[-1]}"
    return folder


def cores() -> tuple[set[int], set[int]]:
    """Return the cores of the server and of the generator: one each where there are two."""
    allowed = sorted(os.sched_getaffinity(0))
    return ({allowed[0]}, {allowed[1]}) if len(allowed) > 1 else ({allowed[0]}, {allowed[0]})


async def start(peer: Peer, vendors: Vendors, *, command: bytes, log: Path, core: set[int]) -> Running:
    """Start a peer on `core` and wait for its first good answer to `peer.ready`, else to `command`.

    Raises:
        Unusable: when it ends, or is not ready after a minute.
    """
    port = _free_port()
    began = time.monotonic()
    running = Running(peer, port, _spawn(peer, _environment(peer, vendors, port), log, core), 0.0)
    client = Client(port, 1)
    try:
        while await client.request(peer.ready or command) != _OK:
            _check(running, time.monotonic() - began, log)
            await asyncio.sleep(_LOOK_SECONDS)
    except BaseException:
        await running.stop()
        raise
    finally:
        client.close()
    running.started_seconds = time.monotonic() - began
    return running


def _spawn(peer: Peer, environment: Mapping[str, str], log: Path, core: set[int]) -> subprocess.Popen[bytes]:
    with log.open("ab") as out:
        process = subprocess.Popen(  # noqa: S603 - our own command lines
            peer.command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
    os.sched_setaffinity(process.pid, core)
    return process


def _check(running: Running, waited: float, log: Path) -> None:
    if running.process.poll() is not None or waited > _START_SECONDS:
        raise Unusable(f"{running.peer.name} did not start; see {log}")


def _script(name: str) -> tuple[str, ...]:
    return (sys.executable, str(HERE / "peers" / name))


def _node_red(node_folder: Path) -> Peer:
    user = node_folder / "nodered"
    user.mkdir(exist_ok=True)
    for name in ("flows.json", "settings.js"):
        shutil.copy(HERE / "peers" / "nodered" / name, user)
    red = node_folder / "node_modules" / "node-red" / "red.js"
    return Peer(name="node-red", command=("node", str(red), "-u", str(user), "-s", str(user / "settings.js")))


def _environment(peer: Peer, vendors: Vendors, port: int) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "PORT": str(port),
        "HOST": HOST,
        "SLACK_BOT_TOKEN": "xoxb-bench",
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_API_URL": vendors.slack_url,
        "MUX_TOKEN_ID": "bench",
        "MUX_TOKEN_SECRET": "bench",
        "MUX_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "MUX_BASE_URL": vendors.mux_url,
        **peer.environment,
    }


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        return int(sock.getsockname()[1])


def _children(pid: int) -> list[int]:
    try:
        direct = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [found for child in map(int, direct.split()) for found in (child, *_children(child))]


def _cpu_seconds(pid: int) -> float:
    total = 0
    for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            total += int(task.read_text().split()[0])
        except (OSError, IndexError):
            continue  # the thread ended while we looked
    return total / 1e9


def _resident_mb(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / _MB
