"""Load: on schedule whatever the server does, as fast as it answers, or all at once."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tests.bench.wire import Client

CONNECTIONS: Final = 16

# A timer of the event loop is up to 1 ms late; the last stretch is waited for awake, on our own core.
_AWAKE_SECONDS: Final = 0.0015


@dataclass(slots=True)
class Times:
    """How long requests took, in seconds from when each was due, and how many were not answered with 2xx."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    took: float = 0.0
    due: list[float] = field(default_factory=list)
    """When each request was due, in the order in which they were made; only of a fixed rate."""

    def note(self, status: int, seconds: float) -> None:
        """Count one answer."""
        if 200 <= status < 300:
            self.seconds.append(seconds)
        else:
            self.refused += 1

    def ms(self, share: float) -> float:
        """Return a percentile in milliseconds; 0.5 is the median."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000 if ordered else float("nan")

    @property
    def per_second(self) -> float:
        """How many good answers there were a second."""
        return len(self.seconds) / self.took if self.took else 0.0


async def at_rate(client: Client, make: Callable[[], bytes], *, rate: float, seconds: float) -> Times:
    """Send a request every 1/rate seconds; one that finds the server busy waits, and its wait is counted."""
    times = Times()
    tasks: set[asyncio.Task[None]] = set()
    began = time.perf_counter()
    for number in range(round(rate * seconds)):
        request, due = make(), began + number / rate
        times.due.append(due)
        await _until(due)
        task = asyncio.create_task(_one(client, request, due, times))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    times.took = time.perf_counter() - began
    return times


async def saturated(client: Client, make: Callable[[], bytes], *, seconds: float) -> Times:
    """Keep every connection busy: the next request follows the answer to the last one."""
    times = Times()
    began = time.perf_counter()

    async def busy() -> None:
        while (now := time.perf_counter()) < began + seconds:
            await _one(client, make(), now, times)

    await asyncio.gather(*(busy() for _ in range(CONNECTIONS)))
    times.took = time.perf_counter() - began
    return times


async def burst(client: Client, requests: list[bytes]) -> Times:
    """Send everything at once."""
    times = Times()
    began = time.perf_counter()
    await asyncio.gather(*(_one(client, request, began, times) for request in requests))
    times.took = time.perf_counter() - began
    return times


def median(values: list[float]) -> float:
    """Return the median, NaN of nothing."""
    return statistics.median(values) if values else float("nan")


async def _one(client: Client, request: bytes, due: float, times: Times) -> None:
    status = await client.request(request)
    times.note(status, time.perf_counter() - due)


async def _until(due: float) -> None:
    left = due - time.perf_counter() - _AWAKE_SECONDS
    if left > 0:
        await asyncio.sleep(left)
    while time.perf_counter() < due:  # noqa: ASYNC110 - nothing but the clock tells
        await asyncio.sleep(0)
