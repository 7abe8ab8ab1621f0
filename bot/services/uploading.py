"""What became of a file on its way from Slack to Mux. One function, one transaction.

A job about a file is looked at, and sent, only when the file has become an asset.
"""

from __future__ import annotations

from typing import Final

from bot.rules import preflight
from bot.rules.jobs import Failure, State
from bot.rules.pacing import Timing
from bot.services import outbox, progress
from bot.services.claiming import Claim
from bot.store import effects, jobs, lanes, uploads
from bot.store.tx import Tx
from bot.store.uploads import Upload

WAITING: Final = "Mux is taking the file in"
"""What the effect's error says meanwhile."""

SETTLE_SECONDS: Final = 600.0
"""How long Mux may take to begin an asset after the last byte, before the file is sent once more."""


def known(tx: Tx, taken: Claim) -> Upload | None:
    """Return what was written down about the claim's file."""
    return uploads.get(tx, **_file(taken))


def opened(tx: Tx, taken: Claim, *, upload_id: str, url: str) -> Upload | None:
    """Write down where the file is to go, before any byte of it is; None when the claim is not ours."""
    if not _is_ours(tx, taken):
        return None
    uploads.put(tx, **_file(taken), upload_id=upload_id, url=url)
    return uploads.get(tx, **_file(taken))


def renewed(tx: Tx, taken: Claim, *, timing: Timing) -> bool:
    """Keep the claim for as long as the transfer goes on; False when it is lost, or nobody wants it now."""
    wanted = jobs.get(tx, taken.effect.job_id).job.state is State.REQUESTED
    return wanted and lanes.renew(tx, taken.effect.lane, taken.owner, tx.now + timing.lease)


def sent(tx: Tx, taken: Claim) -> bool:
    """Write down that Mux may have every byte."""
    if not _is_ours(tx, taken):
        return False
    uploads.note(tx, **_file(taken), sent_at=tx.now)
    return True


def waiting(tx: Tx, taken: Claim, *, jitter: float) -> bool:
    """Look again later, because Mux has begun no asset yet; in the end believe that it will not."""
    if not _is_ours(tx, taken):
        return False
    found = uploads.get(tx, **_file(taken))
    if found is not None and found.sent_at is not None and tx.now - found.sent_at >= SETTLE_SECONDS:
        uploads.forget(tx, **_file(taken))
    looks = taken.effect.attempts
    due_at = tx.now + preflight.next_look(looks, jitter)
    effects.postpone(tx, taken.effect.id, due_at=due_at, error=WAITING, attempts=looks + 1)
    outbox.rest(tx, taken)
    return True


def arrived(tx: Tx, taken: Claim, asset_id: str) -> bool:
    """Write down which asset the file has become, and let it be looked at like any other."""
    if not outbox.settled(tx, taken):
        return False
    # The address is of no use to anybody any more, and a secret.
    uploads.note(tx, **_file(taken), asset_id=asset_id, url="")
    stored = jobs.lock(tx, taken.effect.job_id)
    # A job that was stopped meanwhile has its other effects closed, and they stay so.
    effects.release(tx, [progress.key(stored, "prepare")])
    return True


def forgotten(tx: Tx, taken: Claim) -> None:
    """Forget what was known about the file, because it is true no more."""
    if _is_ours(tx, taken):
        uploads.forget(tx, **_file(taken))


def unanswered(tx: Tx, taken: Claim, *, error: str, retry_in: float | None, jitter: float) -> bool:
    """Try again later what had no effect or may be repeated, for a day."""
    if tx.now - taken.stored.job.created_at < preflight.LONGEST_WAIT_SECONDS:
        return outbox.not_done(tx, taken, error=error, retry_in=retry_in, jitter=jitter)
    return refused(tx, taken, Failure(code=preflight.FILE_UNREAD, message=error, retryable=True))


def refused(tx: Tx, taken: Claim, failure: Failure) -> bool:
    """End the job, because its file cannot be captioned; it is said in the thread why."""
    if not outbox.settled(tx, taken, error=failure.code):
        return False
    for name in ("prepare", "create"):
        following = effects.by_key(tx, progress.key(taken.stored, name))
        if following is not None:
            effects.settle(tx, following.id, error=failure.code)
    progress.refused(tx, taken.effect.job_id, failure)
    return True


def _is_ours(tx: Tx, taken: Claim) -> bool:
    jobs.hold(tx, taken.effect.job_id)
    return lanes.holds(tx, taken.effect.lane, taken.owner)


def _file(taken: Claim) -> dict[str, str]:
    stored = taken.stored
    pointer = stored.job.pointer
    file_id = stored.job.request.asset_id if pointer is None else pointer.id
    return {"account": stored.mux_account, "team_id": stored.job.team_id, "file_id": file_id}
