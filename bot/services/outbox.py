"""The delivery protocol: claim one effect, and write down what became of it. One function, one transaction.

A claim commits the intent before anything is sent. Whoever lost the lease meanwhile writes nothing: the
next holder of the lane looks at the vendor instead. Locks are taken in the order job, lanes, effects.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.rules.effects import IDEMPOTENT, Action, Effect, Kind, edit_lane
from bot.rules.pacing import PARK_SECONDS, POSTS, READS, Rate, Timing, backoff, reserve
from bot.services import progress
from bot.store import effects, jobs, lanes
from bot.store.jobs import StoredJob
from bot.store.lanes import Lane
from bot.store.tx import Tx

_TRIES: Final = 16
"""How many lanes without work one claim passes before it lets others have the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One effect in our hands until `until`: what to do about it, and the job as it is now.

    `anchor` is where the job's card is, as (channel, ts), when there is one. `at` is the claim's time.
    """

    effect: Effect
    action: Action
    stored: StoredJob
    anchor: tuple[str, str] | None
    owner: str
    at: float


def claim(tx: Tx, vendor: str, *, owner: str, timing: Timing) -> Claim | None:
    """Take the next effect of `vendor` that is due, None when there is none now.

    `owner` must be unique to this claim: it is what later proves that the lease is still ours.
    """
    for _ in range(_TRIES):
        lane = lanes.next_ready(tx, vendor)
        if lane is None:
            return None
        if lane.lease_owner is not None and lane.effect_id is not None:
            effects.suspect_all(tx, [lane.effect_id])
        effect = effects.head(tx, lane.name)
        if effect is None:
            lanes.rest(tx, lane.name, vendor, effects.next_due_at(tx, lane.name))
        elif _has_slot(tx, lane, effect):
            return _lease(tx, lane, effect, owner=owner, timing=timing)
    return None


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
    effects.converge(tx, effect.id, have=found, ext_id=ext_id, ext_channel=ext_channel)
    effects.move(tx, effect.id, lane=lane, vendor=effect.kind.vendor, due_at=_next_look(tx, taken, timing))
    if effect.kind is Kind.CARD:
        effects.release(tx, [progress.key(taken.stored, "result")])
    rest(tx, taken)
    return True


def not_done(tx: Tx, taken: Claim, *, error: str, retry_in: float | None, jitter: float) -> bool:
    """Write down that the request certainly had no effect and is to be sent again later."""
    if not _still_ours(tx, taken):
        return False
    wait = backoff(taken.effect.attempts, jitter) if retry_in is None else retry_in
    if taken.action is Action.SEND:
        effects.disbelieve(tx, taken.effect.id)
    effects.postpone(tx, taken.effect.id, due_at=tx.now + wait, error=error)
    if retry_in is not None and taken.effect.kind.vendor == "mux":
        lanes.hold_all(tx, f"mux:{taken.stored.mux_account}:", tx.now + wait)
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


def unread(tx: Tx, taken: Claim, *, error: str, retry_in: float | None, jitter: float) -> bool:
    """Write down that the vendor could not be asked: nothing is decided, the look is repeated later."""
    if not _still_ours(tx, taken):
        return False
    wait = backoff(taken.effect.attempts, jitter) if retry_in is None else retry_in
    effects.postpone(tx, taken.effect.id, due_at=tx.now + wait, error=error)
    if retry_in is not None and taken.effect.kind.vendor == "slack":
        lanes.book_until(tx, read_bucket(taken.stored.job.team_id), tx.now + wait)
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
        effects.release(tx, [progress.key(taken.stored, "result")])
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
    effects.release(tx, [progress.key(taken.stored, "result")])
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
    """Keep the effect until the operator has mended what every request of this kind fails on."""
    if not _still_ours(tx, taken):
        return False
    if taken.action is Action.SEND:
        effects.disbelieve(tx, taken.effect.id)
    effects.postpone(tx, taken.effect.id, due_at=tx.now + PARK_SECONDS, error=error)
    rest(tx, taken)
    return True


def read_bucket(team_id: str) -> str:
    """Return the name of the limit that looking messages up shares in a workspace."""
    return f"{team_id}:read"


def _has_slot(tx: Tx, lane: Lane, effect: Effect) -> bool:
    """Say whether the shared limit allows the call now; otherwise book the next free moment for the lane."""
    name, rate = _bucket(lane, effect)
    if rate is None or (lane.slot_for == name and lane.slot_at is not None and lane.slot_at <= tx.now):
        return True
    slot_at, next_at = reserve(lanes.booked_until(tx, name), tx.now, rate)
    lanes.book_until(tx, name, next_at)
    if slot_at <= tx.now:
        return True
    lanes.book(tx, lane.name, slot_at=slot_at, slot_for=name)
    return False


def _bucket(lane: Lane, effect: Effect) -> tuple[str, Rate | None]:
    if effect.kind.vendor != "slack" or effect.kind in IDEMPOTENT:
        return "", None
    workspace = lane.name.split(":")[1]
    match effect.action:
        case Action.SEND:
            return f"{workspace}:post", POSTS
        case Action.VERIFY | Action.AUDIT:
            return read_bucket(workspace), READS
        case Action.UPDATE:
            return "", None


def _lease(tx: Tx, lane: Lane, effect: Effect, *, owner: str, timing: Timing) -> Claim:
    action = effect.action
    lanes.lease(
        tx,
        lane.name,
        owner=owner,
        until=tx.now + timing.lease,
        rate_at=max(lane.rate_at, tx.now + _spacing(effect, action, timing)),
        effect_id=effect.id,
    )
    if action is Action.SEND:
        effects.intend(tx, effect.id)
        if effect.kind is Kind.CREATE:
            progress.sent(tx, effect.job_id)
    tx.ring(lane.vendor)
    stored = jobs.get(tx, effect.job_id)
    return Claim(
        effect=effect,
        action=action,
        stored=stored,
        anchor=_anchor(tx, stored, effect),
        owner=owner,
        at=tx.now,
    )


def _spacing(effect: Effect, action: Action, timing: Timing) -> float:
    if effect.kind.vendor != "slack":
        return 0.0
    match action:
        case Action.SEND if effect.kind not in IDEMPOTENT:
            return timing.post_spacing
        case Action.VERIFY | Action.AUDIT:
            return 0.0
        case _:
            return timing.edit_spacing


def _anchor(tx: Tx, stored: StoredJob, effect: Effect) -> tuple[str, str] | None:
    if effect.kind is not Kind.RESULT:
        return None
    card = effects.by_key(tx, progress.key(stored, "card"))
    if card is None or card.ext_id is None or card.ext_channel is None or card.target != effect.target:
        return None
    return card.ext_channel, card.ext_id


def _next_look(tx: Tx, taken: Claim, timing: Timing) -> float:
    """Say when a converged effect is due again: at once if more is wanted, or when it is to be audited."""
    current = effects.get(tx, taken.effect.id)
    return tx.now if current.have < current.want else tx.now + timing.settle


def _still_ours(tx: Tx, taken: Claim, *others: str) -> bool:
    jobs.lock(tx, taken.effect.job_id)
    lanes.lock(tx, {taken.effect.lane, *others})
    return lanes.holds(tx, taken.effect.lane, taken.owner)


def rest(tx: Tx, taken: Claim, *, rate_at: float | None = None) -> None:
    """Give the claim's lane back; only for a transaction that has just proved that it holds it."""
    lane = taken.effect.lane
    lanes.rest(tx, lane, taken.effect.kind.vendor, effects.next_due_at(tx, lane), rate_at=rate_at)
