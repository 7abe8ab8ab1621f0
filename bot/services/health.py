"""What readiness and metrics know of the store."""

from __future__ import annotations

from bot.store import counts
from bot.store.counts import Backlog, Totals
from bot.store.tx import Tx


def backlog(tx: Tx) -> Backlog:
    """Return what is waiting, and what was given up."""
    return counts.backlog(tx)


def counted(tx: Tx, *, with_totals: bool) -> tuple[Backlog, Totals | None]:
    """Return the backlog, and if wanted everything that was done, at one moment."""
    return counts.backlog(tx), counts.totals(tx) if with_totals else None
