"""What readiness and metrics know of the store."""

from __future__ import annotations

from bot.store import counts
from bot.store.counts import Backlog
from bot.store.tx import Tx


def backlog(tx: Tx) -> Backlog:
    """Return what is waiting, and what was given up."""
    return counts.backlog(tx)
