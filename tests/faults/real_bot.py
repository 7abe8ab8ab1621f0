"""`caption-bot run` as an operator starts it, with the default timing, pointed at the sandbox."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox.config import SandboxConfig
from handlers.demo import environment
from tests.faults.bot_process import HOST
from tests.faults.control import Control
from tests.faults.processes import FellOver

_ROOT = Path(__file__).parents[2]
_START_SECONDS = 30.0
_STOP_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RealBot:
    """A running bot; `process` is its own process, which shares no memory with the harness."""

    process: subprocess.Popen[bytes]

    def peak_megabytes(self) -> float:
        """Return the most memory that was ever resident."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
        return int(kilobytes) / 1024


@asynccontextmanager
async def real_bot(control: Control, *, port: int, database_url: str, folder: Path) -> AsyncIterator[RealBot]:
    """Run the bot while the context is open, and stop it in order.

    Raises:
        FellOver: when it does not start or does not stop.
    """
    config = SandboxConfig(bot_url=f"http://{HOST}:{port}", public_url=control.sandbox_url)
    settings = dict(line.split("=", 1) for line in environment(config).splitlines() if "=" in line)
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    with (folder / "real-bot.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603, ASYNC220 - our own interpreter and our own module
            [sys.executable, "-m", "bot", "run", "--port", str(port)],
            cwd=folder,
            env={
                **inherited,
                **settings,
                "DATABASE_URL": database_url,
                "LOG_LEVEL": "WARNING",
                "PYTHONPATH": str(_ROOT),
            },
            stdout=log,
            stderr=log,
        )
    try:
        await _until_ready(control, process)
        yield RealBot(process=process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(process.wait, _STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise FellOver("the bot did not stop") from None


async def _until_ready(control: Control, process: subprocess.Popen[bytes]) -> None:
    deadline = asyncio.get_running_loop().time() + _START_SECONDS
    while (state := await control.readiness()) is None or not state.get("ready"):
        if process.poll() is not None or asyncio.get_running_loop().time() > deadline:
            raise FellOver(f"the bot did not start: {state}")
        await asyncio.sleep(0.1)
