"""What workers are given, and how they are let work."""

from __future__ import annotations

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
