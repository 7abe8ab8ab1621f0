"""What a worker is, and the loop that runs one; besides Bolt's error handler only the loop catches all."""

from __future__ import annotations

import asyncio
from typing import Final, Protocol

import structlog

from bot.clock import Clock
from bot.rules.pacing import backoff
from bot.store.bells import Bells, give_up
from bot.store.database import in_background
from bot.workers.precedence import Precedence

RECHECK_SECONDS: Final = 30.0
"""How long a worker that is not the lead of its kind waits for a bell before it looks by itself."""

log = structlog.get_logger(__name__)


class Worker(Protocol):
    """Does what is due."""

    bell: str
    """The bell that rings when there may be work."""

    async def step(self) -> int:
        """Do what is due now, and say how many things were done; 0 means that nothing was."""

    async def due_in(self) -> float | None:
        """Return the seconds until work is due; None when only a bell can tell.

        A span and not a time, because the store's clock need not agree with this machine's.
        """


class Loop:
    """Runs one worker until it is told to stop, and lets the step that is under way finish.

    Several loops may share a worker that allows it; only the `lead` among them watches the clock. A worker
    that `hears_all` is woken by its bell for everything that is or becomes due, so after a step it waits for
    that instead of looking once more. The steps of a loop that `goes_first` have precedence over those of the
    others that share `precedence`.
    """

    def __init__(
        self,
        worker: Worker,
        bells: Bells,
        clock: Clock,
        *,
        idle_seconds: float,
        lead: bool = True,
        hears_all: bool = False,
        precedence: Precedence | None = None,
        goes_first: bool = False,
    ) -> None:
        self._worker = worker
        self._bells = bells
        self._clock = clock
        self._idle_seconds = idle_seconds
        self._lead = lead
        self._hears_all = hears_all
        self._precedence = precedence
        self._goes_first = goes_first
        self._stopping = False
        self._waiter: asyncio.Future[bool] | None = None
        self.name = type(worker).__name__.lower()
        self.failures = 0
        self.beat_at = clock.now()
        """When the loop last came round, for readiness."""

    def stop(self) -> None:
        """Ask the loop to end after the step under way."""
        self._stopping = True
        if self._waiter is not None:
            give_up(self._waiter)

    async def run(self) -> None:
        """Step until stopped; an error is logged and waited out, never the end of the loop."""
        in_background.set(True)
        while not self._stopping:
            self.beat_at = self._clock.now()
            try:
                timeout_seconds = self._busy() if await self._step() else await self._idle()
                self.failures = 0
            except Exception:
                self.failures += 1
                log.exception("worker.failed", worker=type(self._worker).__name__, failures=self.failures)
                await self._rest(backoff(self.failures, 0.5))
                continue
            if timeout_seconds > 0:
                await self._listen(timeout_seconds)

    async def _step(self) -> int:
        if self._precedence is None:
            return await self._worker.step()
        if self._goes_first:
            with self._precedence.taken():
                return await self._worker.step()
        await self._precedence.given()
        return await self._worker.step()

    def _busy(self) -> float:
        """Return how long to wait for a bell after a step that did something; 0 is not at all."""
        if not self._hears_all:
            return 0.0
        return self._idle_seconds if self._lead else RECHECK_SECONDS

    async def _idle(self) -> float:
        """Return how long to wait for a bell, in seconds, never 0."""
        if not self._lead:
            return RECHECK_SECONDS
        due_in = await self._worker.due_in()
        return self._idle_seconds if due_in is None else min(max(due_in, 0.001), self._idle_seconds)

    async def _listen(self, seconds: float) -> None:
        """Wait for the bell, but not past a request to stop."""
        if self._stopping:
            return
        name = self._worker.bell
        self._waiter = waiter = self._bells.listen(name)
        timer = asyncio.get_running_loop().call_later(seconds, give_up, waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            self._bells.pass_on(name, waiter)
            raise
        finally:
            self._waiter = None
            timer.cancel()
            self._bells.leave(name, waiter)

    async def _rest(self, seconds: float) -> None:
        """Sleep by the clock that was given, but not past a request to stop."""
        self._waiter = waiter = asyncio.get_running_loop().create_future()
        sleep = asyncio.create_task(self._clock.sleep(seconds))
        sleep.add_done_callback(lambda _task: give_up(waiter))
        try:
            await waiter
        finally:
            self._waiter = None
            sleep.cancel()
            await asyncio.gather(sleep, return_exceptions=True)
