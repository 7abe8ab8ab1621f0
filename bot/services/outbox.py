"""The delivery protocol: what became of a claimed effect. One function, one transaction.

Whoever lost the lease meanwhile writes nothing: the next holder of the lane looks at the vendor instead.
Locks are taken in the order job, lanes, effects.
"""

from __future__ import annotations

from bot.rules.effects import MUX_LANES, Action, Kind, edit_lane, mux_lane
from bot.rules.pacing import PARK_SECONDS, Timing, backoff, hold
from bot.services import progress
from bot.services.claiming import Claim, read_bucket
from bot.store import effects, jobs, lanes, records
from bot.store.tx import Tx


def done(
    tx: Tx, taken: Claim, *, ext_id: str, ext_channel: str | None, timing: Timing, have: int | None = None
) -> bool:
    """Write down that the effect exists as `ext_id`; `have` is its version when it was found, not made.

    A message that is out there moves to its workspace's lane of edits, since only edits are left to do.
    """
    effect = taken.effect
    lane = edit_lane(taken.stored.job.team_id) if effect.kind.vendor == "slack" else effect.lane
    if not _still_ours(tx, taken, lane):
        return False
    found = effect.want if have is None else have
    effects.converge(
        tx,
        effect.id,
        have=found,
        ext_id=ext_id,
        ext_channel=ext_channel,
        lane=lane,
        look_again_at=tx.now + timing.settle,
    )
    _let_next_go(tx, taken)
    if effect.kind is Kind.CARD and effect.target == taken.stored.job.channel_id:
        records.unpark_channel(tx, team_id=taken.stored.job.team_id, channel_id=effect.target)
    rest(tx, taken)
    return True


def not_done(tx: Tx, taken: Claim, *, error: str, retry_in: float | None, jitter: float) -> bool:
    """Write down that the request certainly had no effect and is to be sent again later."""
    account = taken.stored.mux_account
    held = retry_in is not None and taken.effect.kind.vendor == "mux"
    if not _still_ours(tx, taken, *(mux_lane(account, number) for number in range(MUX_LANES) if held)):
        return False
    wait = backoff(taken.effect.attempts, jitter) if retry_in is None else retry_in
    if taken.action is Action.SEND:
        effects.disbelieve(tx, taken.effect.id)
    effects.postpone(tx, taken.effect.id, due_at=tx.now + wait, error=error)
    if held:
        lanes.hold_all(tx, f"mux:{account}:", tx.now + wait)
    rest(tx, taken, rate_at=None if retry_in is None else tx.now + wait)
    return True


def unknown(tx: Tx, taken: Claim, *, error: str, jitter: float) -> bool:
    """Write down that nobody knows whether the request was done; the vendor is asked before anything else."""
    if not _still_ours(tx, taken):
        return False
    effects.doubt(tx, taken.effect.id, due_at=tx.now + backoff(taken.effect.attempts, jitter), error=error)
    if taken.effect.kind is Kind.CREATE and taken.action is Action.SEND:
        progress.lost(tx, taken.effect.job_id)
    rest(tx, taken)
    return True


def absent(tx: Tx, taken: Claim, *, timing: Timing, jitter: float) -> bool:
    """Write down that a look did not find it: believed only when the look began late enough."""
    if not _still_ours(tx, taken):
        return False
    sent_at = taken.effect.maybe_sent_at or taken.at
    if taken.at - sent_at >= timing.settle:
        effects.disbelieve(tx, taken.effect.id)
        effects.schedule(tx, taken.effect.id, due_at=tx.now)
    else:
        again = min(tx.now + backoff(taken.effect.attempts, jitter), sent_at + timing.settle)
        effects.postpone(tx, taken.effect.id, due_at=max(again, tx.now), error="not there yet")
    rest(tx, taken)
    return True


def unread(
    tx: Tx, taken: Claim, *, error: str, retry_in: float | None, timing: Timing, jitter: float
) -> bool:
    """Write down that the vendor could not be asked: nothing is decided, the look is repeated later."""
    if not _still_ours(tx, taken):
        return False
    wait = backoff(taken.effect.attempts, jitter) if retry_in is None else retry_in
    effects.postpone(tx, taken.effect.id, due_at=tx.now + wait, error=error)
    if retry_in is not None and taken.effect.kind.vendor == "slack":
        name = read_bucket(taken.stored.job.team_id)
        lanes.book_until(tx, name, hold(lanes.booked_until(tx, name), tx.now + wait, timing.reads))
    rest(tx, taken)
    return True


def blocked(tx: Tx, taken: Claim, *, error: str, looks: int, jitter: float) -> bool:
    """Write down that something else stands in the way; `looks` counts how often it was looked for."""
    if not _still_ours(tx, taken):
        return False
    wait = backoff(looks, jitter)
    effects.postpone(tx, taken.effect.id, due_at=tx.now + wait, error=error, attempts=looks)
    rest(tx, taken)
    return True


def unverifiable(tx: Tx, taken: Claim, *, error: str, timing: Timing, repost: bool) -> bool:
    """Write down that nobody may read the channel back: by policy the message is held, or sent again."""
    if not _still_ours(tx, taken):
        return False
    effect = taken.effect
    sent_at = effect.maybe_sent_at or taken.at
    if taken.action is Action.AUDIT:
        effects.clear_doubt(tx, effect.id)
    elif not repost:
        effects.bury(tx, effect.id, error=f"held, because it cannot be read back: {error}")
        _let_next_go(tx, taken)
    elif tx.now - sent_at >= timing.settle:
        effects.disbelieve(tx, effect.id)
        effects.schedule(tx, effect.id, due_at=tx.now)
    else:
        effects.schedule(tx, effect.id, due_at=sent_at + timing.settle)
    rest(tx, taken)
    return True


def audited(tx: Tx, taken: Claim, *, visible: int | None) -> bool:
    """Write down what an audit saw: the version that is visible, None when the thing itself is gone."""
    if not _still_ours(tx, taken):
        return False
    if visible is not None and visible < taken.effect.have:
        effects.forget_version(tx, taken.effect.id, visible)
    else:
        effects.clear_doubt(tx, taken.effect.id)
    rest(tx, taken)
    return True


def buried(tx: Tx, taken: Claim, *, error: str) -> bool:
    """Give the effect up for good; the operator sees it, and nothing else waits for it any more."""
    if not _still_ours(tx, taken):
        return False
    effects.bury(tx, taken.effect.id, error=error)
    _let_next_go(tx, taken)
    rest(tx, taken)
    return True


def retired(tx: Tx, taken: Claim, *, error: str) -> bool:
    """Close the effect for good, because its message can be changed no more; nobody has to act."""
    if not _still_ours(tx, taken):
        return False
    effects.retire(tx, taken.effect.id, error=error)
    rest(tx, taken)
    return True


def settled(tx: Tx, taken: Claim, *, error: str = "") -> bool:
    """Close an effect that is done without leaving anything behind, or has become pointless."""
    if not _still_ours(tx, taken):
        return False
    effects.settle(tx, taken.effect.id, error=error)
    rest(tx, taken)
    return True


def parked(tx: Tx, taken: Claim, *, error: str) -> bool:
    """Keep the effect, and its lane, until the operator has mended what every request there fails on."""
    if not _still_ours(tx, taken):
        return False
    if taken.action is Action.SEND:
        effects.disbelieve(tx, taken.effect.id)
    effects.postpone(tx, taken.effect.id, due_at=tx.now + PARK_SECONDS, error=error)
    rest(tx, taken, rate_at=tx.now + PARK_SECONDS)
    return True


def _let_next_go(tx: Tx, taken: Claim) -> None:
    """Release what waits for this message: a result for its card, the files for their result."""
    following = {Kind.CARD: "result", Kind.RESULT: "files"}.get(taken.effect.kind)
    if following is not None:
        effects.release(tx, [progress.key(taken.stored, following)])


def _still_ours(tx: Tx, taken: Claim, *others: str) -> bool:
    jobs.hold(tx, taken.effect.job_id)
    return lanes.holds(tx, taken.effect.lane, taken.owner, *others)


def rest(tx: Tx, taken: Claim, *, rate_at: float | None = None) -> None:
    """Give the claim's lane back; only for a transaction that has just proved that it holds it."""
    lanes.rest(tx, taken.effect.lane, rate_at=rate_at)
