"""Child processes, forked from one that has everything imported, so that a life starts in no time."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Final

_FORKS: Final = multiprocessing.get_context("forkserver")
_LOOK_SECONDS: Final = 0.01


class FellOver(Exception):
    """A process ended in a way that nobody asked for."""


def prepare() -> None:
    """Have the modules of the children imported once; call it before the first child."""
    _FORKS.set_forkserver_preload(["tests.faults.bot_process", "tests.faults.sandbox_process"])


class Child:
    """One process; `run(plan, told)` is its main function, `told` its line back to us."""

    def __init__(self, run: Callable[[Any, Connection], None], plan: Any) -> None:
        self._told, theirs = _FORKS.Pipe(duplex=False)
        self._process = _FORKS.Process(target=run, args=(plan, theirs), daemon=True)
        self._process.start()
        theirs.close()

    @property
    def pid(self) -> int:
        """The process's id."""
        return int(self._process.pid or 0)

    @property
    def code(self) -> int | None:
        """The exit code; minus the signal's number for a process that was killed, None for a living one."""
        return self._process.exitcode

    async def first_word(self, within_seconds: float = 30.0) -> Any:
        """Return what the child says first.

        Raises:
            FellOver: when it ends before, or takes too long.
        """
        deadline = asyncio.get_running_loop().time() + within_seconds
        while not self._told.poll():
            if asyncio.get_running_loop().time() > deadline:
                raise FellOver(f"process {self.pid} did not get ready")
            await asyncio.sleep(_LOOK_SECONDS)
        try:
            return self._told.recv()
        except EOFError:
            raise FellOver(f"process {self.pid} ended with {self.code} before it was ready") from None

    async def ended(self, within_seconds: float) -> bool:
        """Wait for the end; say whether it came in time."""
        deadline = asyncio.get_running_loop().time() + within_seconds
        while self._process.is_alive():
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(_LOOK_SECONDS)
        self._told.close()
        return True

    async def kill(self) -> None:
        """End it at once with SIGKILL."""
        self._process.kill()
        await self.ended(10.0)

    async def stop(self, within_seconds: float = 20.0) -> None:
        """Ask it to end in order.

        Raises:
            FellOver: when it does not, or not with exit code 0.
        """
        self._process.terminate()
        if not await self.ended(within_seconds):
            await self.kill()
            raise FellOver(f"process {self.pid} did not stop within {within_seconds:.0f} s")
        # A SIGTERM before the handler stands ends the process by the signal itself, which is in order too.
        if self.code not in {0, -signal.SIGTERM}:
            raise FellOver(f"process {self.pid} ended with {self.code}")
