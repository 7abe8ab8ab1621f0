"""What workers are given, and how they are let work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class Crash(BaseException):
    """The process dies here."""


def always(value: Any) -> Any:
    """Return what gives the same for every workspace."""

    async def answer(_name: str) -> Any:
        return value

    return answer


async def token_of(team_id: str) -> str:
    return f"xoxb-{team_id}"


@dataclass
class InTurn:
    """Several workers that a test runs as one: the first that has something to do does it."""

    workers: list[Any]

    async def step(self) -> int:
        for worker in self.workers:
            if dealt_with := await worker.step():
                return int(dealt_with)
        return 0

    async def due_in(self) -> float | None:
        times = [await worker.due_in() for worker in self.workers]
        return min((each for each in times if each is not None), default=None)


async def work(worker: Any, clock: Any, *, seconds: float = 0.0) -> None:
    """Step until nothing is due, then move the clock to what is due next, for at most `seconds`."""
    end = clock.now() + seconds
    while True:
        while await worker.step():
            pass
        due_in = await worker.due_in()
        if due_in is None or clock.now() + due_in > end:
            return
        clock.forward(max(due_in, 0.001))
