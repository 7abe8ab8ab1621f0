"""The stream of changes that keeps a page live."""

from __future__ import annotations

import asyncio
from collections import deque

from bot.sandbox.slack.model import Change


class Changes:
    """Tells every subscriber what changed, and remembers the latest for one that was asleep."""

    def __init__(self, *, remembered: int = 2_000, waiting: int = 1_000) -> None:
        self._recent: deque[Change] = deque(maxlen=remembered)
        self._waiting = waiting
        self._queues: list[asyncio.Queue[Change]] = []
        self.seq = 0

    def subscribe(self) -> asyncio.Queue[Change]:
        """Return a queue that gets every change from now on; give it back with `unsubscribe`."""
        queue: asyncio.Queue[Change] = asyncio.Queue(self._waiting)
        self._queues.append(queue)
        return queue

    def unsubscribe(self, queue: asyncio.Queue[Change]) -> None:
        """Stop feeding a queue; one that is not subscribed is left alone."""
        if queue in self._queues:
            self._queues.remove(queue)

    def since(self, seq: int) -> list[Change] | None:
        """Return the changes after `seq`, oldest first; None when some of them are forgotten."""
        if seq > self.seq or (self._recent and seq < self._recent[0].seq - 1):
            return None
        return [change for change in self._recent if change.seq > seq]

    def tell(self, change: Change) -> None:
        """Hand a change to everybody; a subscriber whose queue is full gets one `reset` instead."""
        self._recent.append(change)
        for queue in self._queues:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(Change(seq=change.seq, kind="reset"))
            else:
                queue.put_nowait(change)

    def next_seq(self) -> int:
        """Return the number for the next change."""
        self.seq += 1
        return self.seq
