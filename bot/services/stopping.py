"""What becomes of a wish to stop a job at Mux: one transaction for the effect and the job together."""

from __future__ import annotations

from typing import Final

from bot.rules.jobs import TARGET, Report, is_finished
from bot.services import outbox, progress
from bot.services.claiming import Claim
from bot.store import jobs
from bot.store.tx import Tx

LOOK_AGAIN_SECONDS: Final = 5.0
"""When Mux is asked about a job that it agreed to stop and that has not ended yet."""


def answered(tx: Tx, taken: Claim, report: Report) -> bool:
    """Apply how the job stands after Mux was asked to stop it: stopped, or finished before that."""
    if not outbox.settled(tx, taken):
        return False
    progress.apply(tx, taken.effect.job_id, report)
    if not is_finished(TARGET[report.signal]):
        jobs.note(tx, taken.effect.job_id, next_poll_at=tx.now + LOOK_AGAIN_SECONDS)
        tx.ring("poll")
    return True


def gone(tx: Tx, taken: Claim, *, error: str) -> bool:
    """Say that Mux no longer knows the job that it was asked to stop."""
    if not outbox.settled(tx, taken, error=error):
        return False
    progress.gone(tx, taken.effect.job_id)
    return True


def failed(tx: Tx, taken: Claim, *, error: str) -> bool:
    """Say that Mux will not stop the job: it goes on, and may be asked to stop it again."""
    if not outbox.settled(tx, taken, error=error):
        return False
    stored = jobs.lock(tx, taken.effect.job_id)
    jobs.note(tx, stored.row_id, stopped_by=None)
    progress.show(tx, stored)
    return True
