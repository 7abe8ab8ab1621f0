"""The real bot as a process that can be killed at a named step boundary, or made to break a promise."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from bot import log
from bot.clock import SystemClock
from bot.rules.pacing import Rate, Timing
from bot.sandbox.config import SandboxConfig
from handlers import serving
from handlers.app import Doubles, build
from handlers.demo import settings_for
from tests.faults.mutations import databases, mux_clients

HOST: Final = "127.0.0.1"

BOUNDARIES: Final = (
    "prepare.resolved",
    "prepare.seen",
    "submit.claimed",
    "submit.created",
    "submit.verified",
    "submit.finished",
    "delivery.claimed",
    "delivery.posted",
    "delivery.updated",
    "delivery.looked",
    "delivery.finished",
    "inbox.read",
    "inbox.applied",
    "poll.taken",
    "poll.answered",
    "cancel.stopped",
    "archive.begun",
    "archive.fetched",
    "archive.made",
    "share.uploaded",
    "share.intended",
    "share.completed",
    "share.looked",
)

# settle > send + request + the latest effect of a lost request (0.5 s), with a second to spare for a
# machine that has other things to do.
FAST: Final = Timing(
    send=0.4,
    request=0.6,
    settle=2.5,
    lease=3.0,
    idle=0.2,
    post_spacing=0.02,
    edit_spacing=0.02,
    posts=Rate(spacing=0.01, burst=20),
    reads=Rate(spacing=0.02, burst=20),
    shares=Rate(spacing=0.02, burst=20),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BotPlan:
    """How one life of the bot begins, and perhaps how it ends.

    `die_at` names a boundary, at whose `passes`-th passing the process kills itself. Several processes may
    have the same `port`; the kernel then spreads the connections over those that are alive.
    """

    port: int
    sandbox_url: str
    database_url: str
    log_path: Path
    mutation: str = "none"
    die_at: str = ""
    passes: int = 1
    timing: Timing = FAST


def run(plan: BotPlan, told: Connection) -> None:
    """Be the bot until SIGTERM or the end that `plan` has in store; tells `told` when it listens."""
    log_to(plan.log_path)
    sys.exit(serving.run(_serve(plan, told)))


async def _serve(plan: BotPlan, told: Connection) -> int:
    log.configure(json=False, level="INFO")
    end_with_parent()
    config = SandboxConfig(bot_url=f"http://{HOST}:{plan.port}", public_url=plan.sandbox_url)
    doubles = Doubles(
        clock=SystemClock(),
        timing=plan.timing,
        reached=_deadly(plan.die_at, plan.passes),
        database=databases()[plan.mutation],
        mux=mux_clients()[plan.mutation],
    )
    app = build(settings_for(config, database_url=plan.database_url), doubles)
    with _listen(plan.port) as sock, serving.stop_signals() as stopped:
        async with serving.serving(app, sock):
            told.send("listening")
            await stopped.wait()
    return 0


def log_to(path: Path) -> None:
    """Send whatever this process says to a file."""
    with path.open("ab", buffering=0) as out:
        os.dup2(out.fileno(), sys.stdout.fileno())
        os.dup2(out.fileno(), sys.stderr.fileno())


def end_with_parent() -> None:
    """End this process when the harness is gone, so that nothing is left behind."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        asyncio.get_running_loop().add_reader(parent.sentinel, os._exit, 1)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        return int(sock.getsockname()[1])


def _deadly(boundary: str, passes: int) -> Callable[[str], None]:
    left = passes

    def reached(name: str) -> None:
        nonlocal left
        if name == boundary:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return reached


def _listen(port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sock.bind((HOST, port))
    sock.listen(2048)
    return sock
