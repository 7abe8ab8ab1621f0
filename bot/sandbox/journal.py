"""Everything that passed between the bot and the stand-ins, in order: what tests judge by."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened.

    `kind` names it: `slack.call` (the bot called the Web API), `slack.request` (Slack sent the bot a
    request), `slack.socket` (a connection of Socket Mode was opened, closed ...), `slack.effect` (a
    message, file or view came about), `mux.call`, `mux.webhook`, `mux.effect` (a job was created, a track
    was made ...), `fault` (a fault was thrown). `name` is the method, route,
    event type or effect; `data` everything else as JSON values, secrets left out.
    """

    seq: int
    at: float
    kind: str
    name: str
    data: dict[str, Any] = field(default_factory=dict)


class Journal:
    """An append-only list in memory, bounded so that a long run cannot eat the machine."""

    def __init__(self, now: Callable[[], float], *, limit: int = 200_000) -> None:
        self._now = now
        self._limit = limit
        self._entries: list[Entry] = []
        self._seq = itertools.count(1)
        self.dropped = 0

    def add(self, kind: str, name: str, **data: Any) -> Entry:
        """Append an entry and return it; past the limit the oldest tenth is dropped and counted."""
        entry = Entry(seq=next(self._seq), at=self._now(), kind=kind, name=name, data=data)
        self._entries.append(entry)
        if len(self._entries) > self._limit:
            excess = self._limit // 10
            del self._entries[:excess]
            self.dropped += excess
        return entry

    def find(self, kind: str = "", name: str = "", since: int = 0) -> list[Entry]:
        """Return entries after `since`, oldest first, of one kind and name where those are given."""
        return [
            entry
            for entry in self._entries
            if entry.seq > since and kind in {"", entry.kind} and name in {"", entry.name}
        ]

    def to_json(self, kind: str = "", name: str = "", since: int = 0) -> list[dict[str, Any]]:
        """Return what `find` returns, as JSON objects."""
        return [asdict(entry) for entry in self.find(kind, name, since)]
