"""What becomes of a create at Mux: one transaction for the effect and the job together."""

from __future__ import annotations

from typing import Final

from bot.rules.jobs import Failure, Report, is_finished
from bot.rules.pacing import Timing
from bot.services import outbox, progress
from bot.services.claiming import Claim
from bot.store import effects, jobs
from bot.store.tx import Tx

CONFLICT: Final = "conflict"
"""What the effect's error says while the job that stands in the way is looked for."""

LOOKS_AFTER_CONFLICT: Final = 6
"""How often, at least, a 409 whose running job cannot be found is looked into before the person is told."""


def accepted(tx: Tx, taken: Claim, report: Report, *, timing: Timing) -> bool:
    """Adopt the job that Mux has: just made, found by its stamp, or doing the same work."""
    mine = taken.effect.job_id
    other = jobs.find(tx, account=taken.stored.mux_account, mux_id=report.mux_id, passthrough="")
    if other is not None and other != mine:
        return _follow(tx, taken, other)
    # An event may have bound the job to a copy of this one meanwhile. Then that copy is the one that people
    # hear about, and the audit stops this one.
    bound = jobs.lock(tx, mine).job.mux_id or report.mux_id
    if bound != report.mux_id:
        effects.suspect_all(tx, [taken.effect.id])
    if not outbox.done(tx, taken, ext_id=bound, ext_channel=None, timing=timing):
        return False
    progress.apply(tx, mine, report)
    return True


def refused(tx: Tx, taken: Claim, failure: Failure) -> bool:
    """Write down Mux's definite no; it is said in the thread."""
    if not outbox.settled(tx, taken, error=failure.code):
        return False
    progress.refused(tx, taken.effect.job_id, failure)
    return True


def withdrawn(tx: Tx, taken: Claim) -> bool:
    """Close a create that was claimed and not sent, because somebody has stopped the job meanwhile."""
    if not outbox.settled(tx, taken, error="stopped before it was sent"):
        return False
    progress.stopped(tx, taken.effect.job_id)
    return True


def conflicted(tx: Tx, taken: Claim, failure: Failure, *, timing: Timing, jitter: float) -> bool:
    """Deal with a 409 whose running job was not found: look again later, at last tell the person.

    The create itself is never repeated: the work that stood in its way has been paid for once already. What
    stands there may be a create of our own whose answer was lost, so it is looked for as long as Mux may
    take to list that.
    """
    looks = 1 + (taken.effect.attempts if taken.effect.error == CONFLICT else 0)
    waited = tx.now - (taken.effect.maybe_sent_at or taken.at)
    if looks >= LOOKS_AFTER_CONFLICT and waited >= timing.settle:
        return refused(tx, taken, failure)
    return outbox.blocked(tx, taken, error=CONFLICT, looks=looks, jitter=jitter)


def checked(tx: Tx, taken: Claim, report: Report) -> bool:
    """Write down which of two contradicting ends is the true one."""
    if not outbox.settled(tx, taken):
        return False
    progress.settle(tx, taken.effect.job_id, report)
    return True


def _follow(tx: Tx, taken: Claim, other: int) -> bool:
    """Another job of ours already has that work at Mux: our person is told so, and hears its end."""
    locked = {row_id: jobs.lock(tx, row_id) for row_id in sorted((other, taken.effect.job_id))}
    leader = locked[other]
    failure = Failure(code=CONFLICT, message=f"Job {leader.job.id} already does the same work.", status=409)
    if not refused(tx, taken, failure):
        return False
    person = taken.stored.job.user_id
    if person != leader.job.user_id:
        jobs.watch(tx, other, person, taken.stored.job.channel_id)
        if is_finished(leader.job.state):
            progress.tell(tx, leader, person)
    return True
