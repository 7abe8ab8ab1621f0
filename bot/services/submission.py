"""What becomes of a create at Mux: one transaction for the effect and the job together."""

from __future__ import annotations

from typing import Final

from bot.rules.jobs import Failure, Report
from bot.rules.pacing import Timing
from bot.services import outbox, progress
from bot.services.outbox import Claim
from bot.store import jobs
from bot.store.tx import Tx

CONFLICT: Final = "conflict"
"""What the effect's error says while the job that stands in the way is looked for."""

LOOKS_AFTER_CONFLICT: Final = 6
"""How often a 409 whose running job cannot be found is looked into before the person is told so."""


def accepted(tx: Tx, taken: Claim, report: Report, *, timing: Timing) -> bool:
    """Adopt the job that Mux has: just made, found by its stamp, or doing the same work."""
    other = jobs.find(tx, account=taken.stored.mux_account, mux_id=report.mux_id, passthrough="")
    if other is not None and other != taken.effect.job_id:
        return _follow(tx, taken, other)
    if not outbox.done(tx, taken, ext_id=report.mux_id, ext_channel=None, timing=timing):
        return False
    progress.apply(tx, taken.effect.job_id, report)
    return True


def refused(tx: Tx, taken: Claim, failure: Failure) -> bool:
    """Write down Mux's definite no; it is said in the thread."""
    if not outbox.settled(tx, taken, error=failure.code):
        return False
    progress.refused(tx, taken.effect.job_id, failure)
    return True


def conflicted(tx: Tx, taken: Claim, failure: Failure, *, jitter: float) -> bool:
    """Deal with a 409 whose running job was not found: look again later, at last tell the person.

    The create itself is never repeated: the work that stood in its way has been paid for once already.
    """
    if taken.effect.attempts + 1 >= LOOKS_AFTER_CONFLICT:
        return refused(tx, taken, failure)
    return outbox.unread(tx, taken, error=CONFLICT, retry_in=None, jitter=jitter)


def checked(tx: Tx, taken: Claim, report: Report) -> bool:
    """Write down which of two contradicting ends is the true one."""
    if not outbox.settled(tx, taken):
        return False
    progress.settle(tx, taken.effect.job_id, report)
    return True


def _follow(tx: Tx, taken: Claim, other: int) -> bool:
    """Another job of ours already has that work at Mux: our person is told so, and hears its end."""
    leader = jobs.get(tx, other)
    failure = Failure(code=CONFLICT, message=f"Job {leader.job.id} already does the same work.", status=409)
    if not refused(tx, taken, failure):
        return False
    jobs.watch(tx, other, taken.stored.job.user_id, taken.stored.job.channel_id)
    return True
