"""Which workers there are, how many loops run each of them, and how those end."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from bot.rules.effects import FILE_LANES
from bot.workers.archive import Archive
from bot.workers.delivery import Delivery
from bot.workers.inbox import Inbox
from bot.workers.people import People
from bot.workers.poll import Poll
from bot.workers.precedence import Precedence
from bot.workers.submit import Submit
from bot.workers.uploading import Uploading
from bot.workers.worker import Loop, Worker
from handlers.means import Means

_LOOPS: Final = {"slack": 8, "edit": 4, "mux": 8, "archive": 6, "inbox": 1, "poll": 1, "catalogue": 1}

_HEAR_ALL: Final = frozenset({"archive", "slack", "edit", "mux", "file", "inbox"})
"""The bells that ring for everything that is or becomes due; the rest is found by the clock."""

_GO_FIRST: Final = frozenset({"slack", "inbox"})
"""The bells of what people wait for: the result of a job that has just ended."""

_GIVE_WAY: Final = frozenset({"edit", "archive"})
"""The bells of what only follows that."""

log = structlog.get_logger(__name__)


def watched(means: Means, *more: Worker) -> list[Loop]:
    """Return the loops whose health readiness reports: those of the standing workers and of `more`."""
    inbox = Inbox(means.store, means.clock, means.arrivals, timing=means.timing, reached=means.reached)
    workers: list[Worker] = [
        _delivery(means, "slack", inbox),
        _delivery(means, "edit"),
        Submit(
            means.store,
            means.mux_of,
            means.clock,
            timing=means.timing,
            reached=means.reached,
            admits=People(means.slack, means.token_of, means.clock, means.admission).obstacle,
            texts=means.texts,
            public_url=means.settings.public_url,
        ),
        _archive(means),
        inbox,
        Poll(means.store, means.mux_of, webhooks=means.webhooks, told=means.told, reached=means.reached),
        *more,
    ]
    precedence = Precedence()
    return [loop for worker in workers for loop in _loops(means, worker, _LOOPS[worker.bell], precedence)]


def _delivery(means: Means, queue: str, inbox: Inbox | None = None) -> Delivery:
    return Delivery(
        means.store,
        means.slack,
        means.clock,
        token_of=means.token_of,
        timing=means.timing,
        reposts=means.settings.reposts,
        queue=queue,
        inbox=inbox,
        hosts=means.hosts,
        reached=means.reached,
    )


def _archive(means: Means) -> Archive:
    return Archive(
        means.store,
        means.clock,
        slack=means.slack,
        uploads=means.slack_files,
        mux_of=means.mux_of,
        files=means.mux_files,
        token_of=means.token_of,
        timing=means.timing,
        public_url=means.settings.public_url,
        reached=means.reached,
    )


def transfers(means: Means) -> list[Loop]:
    """Return the loops that take files to Mux, which readiness does not watch: one step may last an hour."""
    worker = Uploading(
        means.store,
        means.slack,
        means.mux_of,
        means.clock,
        token_of=means.token_of,
        timing=means.timing,
        reached=means.reached,
    )
    return _loops(means, worker, FILE_LANES)


def start(loops: list[Loop]) -> list[asyncio.Task[None]]:
    """Run each loop in a task of its own."""
    return [asyncio.create_task(loop.run(), name=loop.name) for loop in loops]


async def finish(loops: list[Loop], tasks: list[asyncio.Task[None]]) -> None:
    """Take no new work, finish what is in flight."""
    for loop in loops:
        loop.stop()
    await asyncio.gather(*tasks)
    log.info("bot.stopped")


async def break_off(tasks: list[asyncio.Task[None]]) -> None:
    """End transfers in the middle: nobody waits an hour for a bot to stop, and a start repeats them."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _loops(means: Means, worker: Worker, number: int, precedence: Precedence | None = None) -> list[Loop]:
    idle_seconds = means.timing.idle
    first = worker.bell in _GO_FIRST
    return [
        Loop(
            worker,
            means.store.bells,
            means.clock,
            idle_seconds=idle_seconds,
            lead=each == 0,
            hears_all=worker.bell in _HEAR_ALL,
            precedence=precedence if first or worker.bell in _GIVE_WAY else None,
            goes_first=first,
        )
        for each in range(number)
    ]
