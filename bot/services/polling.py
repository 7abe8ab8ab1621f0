"""Asks about unfinished jobs, so that a webhook that never comes costs time and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bot.rules.pacing import poll_delay
from bot.store import jobs
from bot.store.jobs import StoredJob
from bot.store.tx import Tx

BATCH: Final = 20


def due(
    tx: Tx, *, jitter: float, webhooks: bool, told: Callable[[str], bool] = lambda _account: False
) -> list[StoredJob]:
    """Take the jobs that Mux is to be asked about now, and move their next poll on in the same commit.

    Jobs without a Mux id are moved on only: their create is still being settled. `webhooks` says that Mux
    tells of all of them, `told` whether it tells of those of one environment.
    """
    taken = jobs.due_polls(tx, BATCH)
    for stored in taken:
        delay = poll_delay(stored.polls, jitter, webhooks=webhooks or told(stored.mux_account))
        jobs.note(tx, stored.row_id, polls=stored.polls + 1, next_poll_at=tx.now + delay)
    return taken


def due_in(tx: Tx) -> float | None:
    """Return the seconds until the next poll is due, None when every job is finished."""
    due_at = jobs.next_poll_at(tx)
    return None if due_at is None else due_at - tx.now


def catch_up(tx: Tx, *, within_seconds: float) -> int:
    """Bring every unfinished job's next poll near, after a start; return how many there are."""
    return jobs.poll_all(tx, within_seconds=within_seconds)
