"""What a process does first when it knows that its predecessor is dead."""

from __future__ import annotations

from bot.store import effects, lanes
from bot.store.tx import Tx


def take_over(tx: Tx) -> int:
    """Free every lane at once instead of waiting for leases to run out; return how many were in flight.

    Only for the holder of the lock file. What was in flight may have been done, so it is looked up, and
    audited later.
    """
    in_flight = lanes.clear_leases(tx)
    effects.suspect_all(tx, in_flight)
    return len(in_flight)
