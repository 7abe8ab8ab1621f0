"""Whose transaction runs next where several run at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

_AT_DOORS: Final = 8
_IN_BACKGROUND: Final = 8
"""How many transactions run at the same time, for somebody who waits and for nobody."""

_BESIDE_DOORS: Final = 4
"""How many of the background may run while somebody waits; no other begins before."""


class Turns:
    """Lets in whoever stands at a door, and the background as far as it disturbs nobody.

    Different works take turns, so that nobody waits behind three hundred of the same.
    """

    def __init__(self, patience_seconds: float) -> None:
        self._patience_seconds = patience_seconds
        self._running = {False: 0, True: 0}
        self._waiting: dict[bool, dict[str, deque[asyncio.Future[None]]]] = {False: {}, True: {}}

    async def take(self, work: str, *, in_background: bool) -> None:
        """Wait until a transaction that does `work` may run; to be followed by `give_back`.

        Raises:
            TimeoutError: when the others take too long.
        """
        if self._has_room(in_background=in_background) and not self._waiting[in_background]:
            self._running[in_background] += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting[in_background].setdefault(work, deque()).append(turn)
        try:
            async with asyncio.timeout(self._patience_seconds):
                await turn
        except BaseException:
            # It may have come in the very moment in which nobody wanted it any more.
            if not turn.cancelled():
                self.give_back(in_background=in_background)
            raise

    def give_back(self, *, in_background: bool) -> None:
        """Note that a transaction of this kind is over, and let others run."""
        self._running[in_background] -= 1
        for kind, waiting in self._waiting.items():
            while waiting and self._has_room(in_background=kind):
                turn = _next(waiting)
                if not turn.done():
                    self._running[kind] += 1
                    turn.set_result(None)

    def _has_room(self, *, in_background: bool) -> bool:
        if not in_background:
            return self._running[False] < _AT_DOORS
        return self._running[True] < (_BESIDE_DOORS if self._running[False] else _IN_BACKGROUND)


def _next(waiting: dict[str, deque[asyncio.Future[None]]]) -> asyncio.Future[None]:
    """Take the first of the work whose turn it is; the others of that work stand behind all other work."""
    work, queue = next(iter(waiting.items()))
    del waiting[work]
    turn = queue.popleft()
    if queue:
        waiting[work] = queue
    return turn
