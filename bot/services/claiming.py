"""Takes effects into our hands, one for each lane at most, at the pace that the vendors allow.

A claim commits the intent before anything is sent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from bot.rules.effects import IDEMPOTENT, Action, Effect, Kind
from bot.rules.jobs import State
from bot.rules.pacing import Rate, Timing, granted_at
from bot.services import channel_settings, progress
from bot.store import archive, effects, jobs, lanes
from bot.store.jobs import StoredJob
from bot.store.lanes import Lane
from bot.store.tx import Tx

_TRIES: Final = 16
"""How many lanes without work one claim passes before it lets others have the store."""

_BUSY_SECONDS: Final = 0.02
"""How long a lane is left alone whose job another transaction is just changing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One effect in our hands until `until`: what to do about it, and the job as it is now.

    `anchor` is where the job's card is, as (channel, ts), when there is one. `at` is the claim's time.
    `tells_channel` says that a result is shown in its channel as well as in its thread.
    """

    effect: Effect
    action: Action
    stored: StoredJob
    anchor: tuple[str, str] | None
    owner: str
    at: float
    tells_channel: bool = False


def claim(tx: Tx, queue: str, *, owner: str, timing: Timing) -> Claim | None:
    """Take the next effect of `queue` that is due, None when there is none now.

    `owner` must be unique to this claim: it is what later proves that the lease is still ours. It begins
    with a lane, whose job others may have locked before they want the lane; so it never waits for a job.
    """
    booked = ""
    for _ in range(_TRIES):
        lane = lanes.next_ready(tx, queue)
        if lane is None:
            return None
        expired = None if lane.lease_owner is None else lane.effect_id
        free, effect = _head(tx, lane, expired)
        if not free:
            lanes.defer(tx, lane, tx.now + _BUSY_SECONDS)
            continue
        if expired is not None:
            effects.suspect_all(tx, [expired])
        if effect is None:
            lanes.rest(tx, lane.name)
            continue
        name, rate = _bucket(lane, effect, timing)
        if rate is None or _has_booked(tx, lane, name):
            return _lease(tx, lane, effect, owner=owner, timing=timing)
        if booked not in ("", name):
            # Two limits locked in one transaction, in any order, would be a deadlock.
            tx.ring(queue)
            return None
        booked = name
        if _book(tx, lane, name, rate):
            return _lease(tx, lane, effect, owner=owner, timing=timing)
    tx.ring(queue)
    return None


def due_in(tx: Tx, queue: str) -> float | None:
    """Return the seconds until the next effect of `queue` may be claimed, None when there is none."""
    ready_at = lanes.next_ready_at(tx, queue)
    return None if ready_at is None else ready_at - tx.now


def read_bucket(team_id: str) -> str:
    """Return the name of the limit that looking messages up shares in a workspace."""
    return f"{team_id}:read"


def _head(tx: Tx, lane: Lane, expired: int | None) -> tuple[bool, Effect | None]:
    """Return the lane's first effect that is due, its job locked; False when somebody is at that job."""
    effect = effects.head(tx, lane.name)
    if tx.alone:
        return True, effect
    first = None if effect is None else effect.job_id
    last = None if expired is None else effects.job_of(tx, expired)
    row_ids = {row_id for row_id in (first, last) if row_id is not None}
    if not jobs.lock_now(tx, row_ids):
        return False, None
    # It was read before its job was locked, so somebody may have changed it in between.
    again = effects.head(tx, lane.name)
    return again is None or again.job_id in row_ids, again


def _has_booked(tx: Tx, lane: Lane, name: str) -> bool:
    """Say whether the lane's moment under the limit `name` has come."""
    return lane.slot_for == name and lane.slot_at is not None and lane.slot_at <= tx.now


def _book(tx: Tx, lane: Lane, name: str, rate: Rate) -> bool:
    """Say whether the shared limit allows a call now; otherwise book the next free moment for the lane."""
    if lane.slot_for == name and lane.slot_at is not None:
        # Something new woke the lane before its moment, which stays booked: another would be a waste.
        lanes.defer(tx, lane, lane.slot_at)
        return False
    slot_at = granted_at(lanes.reserve(tx, name, rate.spacing), tx.now, rate)
    if slot_at <= tx.now:
        return True
    lanes.book(tx, lane, slot_at=slot_at, slot_for=name)
    return False


def _bucket(lane: Lane, effect: Effect, timing: Timing) -> tuple[str, Rate | None]:
    if effect.kind is Kind.SHARE and effect.action is Action.SEND:
        return f"{lane.name.split(':')[1]}:upload", timing.shares
    if effect.kind.vendor != "slack" or effect.kind in IDEMPOTENT:
        return "", None
    workspace = lane.name.split(":")[1]
    match effect.action:
        case Action.SEND:
            return f"{workspace}:post", timing.posts
        case Action.VERIFY | Action.AUDIT:
            return read_bucket(workspace), timing.reads
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
    # A ring that finds nothing costs a transaction.
    if lane.has_others:
        tx.ring(lane.queue)
    else:
        tx.hush(lane.queue)
    stored = _with_archive(tx, jobs.get(tx, effect.job_id), effect)
    return Claim(
        effect=effect,
        action=action,
        stored=stored,
        anchor=_anchor(tx, stored, effect),
        owner=owner,
        at=tx.now,
        tells_channel=_tells_channel(tx, stored, effect),
    )


def _tells_channel(tx: Tx, stored: StoredJob, effect: Effect) -> bool:
    job = stored.job
    if effect.kind is not Kind.RESULT or effect.action is not Action.SEND or effect.target != job.channel_id:
        return False
    saved = channel_settings.read(tx, team_id=job.team_id, channel_id=job.channel_id)
    return saved.options.tells_channel


def _with_archive(tx: Tx, stored: StoredJob, effect: Effect) -> StoredJob:
    """Add what a message about a completed job tells of its files and its track."""
    if effect.kind.vendor != "slack" or stored.job.state is not State.COMPLETED:
        return stored
    known = archive.get(tx, stored.row_id, with_report=effect.kind is not Kind.CARD)
    if known is None:
        return stored
    return replace(stored, job=stored.job.changed(archive=known))


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
    """Return the thread that a message belongs to: that of the job's own message, else the card's."""
    job = stored.job
    if effect.kind not in {Kind.CARD, Kind.RESULT, Kind.RESTORED, Kind.STEP}:
        return None
    if job.thread_ts is not None and effect.target == job.channel_id:
        return job.channel_id, job.thread_ts
    if effect.kind is Kind.CARD:
        return None
    card = effects.by_key(tx, progress.key(stored, "card"))
    if card is None or card.ext_id is None or card.ext_channel is None or card.target != effect.target:
        return None
    return card.ext_channel, card.ext_id
