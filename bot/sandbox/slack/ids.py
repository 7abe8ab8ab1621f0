"""Ids that are nobody else's, in whichever workspace they are made."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator


class Ids:
    """Counts each kind of thing through all workspaces, so that one's id never means another's thing."""

    def __init__(self) -> None:
        self._counters: defaultdict[str, Iterator[int]] = defaultdict(lambda: itertools.count(1))

    def next(self, prefix: str) -> str:
        """Return a new id that begins with `prefix`, in the shape of Slack's."""
        return f"{prefix}0{next(self._counters[prefix]):07d}"
