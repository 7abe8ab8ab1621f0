"""Lanes: one effect in flight in each, so that order is kept and a throttled channel costs nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Double,
    Insert,
    Select,
    bindparam,
    case,
    func,
    null,
    select,
    text,
    update,
)

from bot.rules.effects import NEVER, queue_of
from bot.store import engines
from bot.store.prepared import Rows
from bot.store.schema import bucket, effect, lane
from bot.store.tx import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A lane as it was read, locked until the transaction ends; `queue` is the one that it is in.

    `has_others` says that more lanes of that queue are ready.
    """

    name: str
    queue: str
    rate_at: float
    slot_at: float | None
    slot_for: str | None
    lease_owner: str | None
    effect_id: int | None
    has_others: bool


def _later(left: Any, right: Any) -> ColumnElement[Any]:
    return case((left > right, left), else_=right)


# Literal constants, not parameters: only so can both planners see that the partial index applies.
IS_OPEN: Final = text("effect.state = 0 AND (effect.have < effect.want OR effect.suspect = 1)")

_IS_READY: Final = (lane.c.vendor == bindparam("queue"), lane.c.ready_at <= bindparam("now"))
_ANOTHER: Final = select(lane.c.lane).where(*_IS_READY).offset(1).limit(1).correlate(None)
_READY: Final = (
    select(lane, _ANOTHER.scalar_subquery().label("another"))
    .where(*_IS_READY)
    .order_by(lane.c.ready_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_NEXT: Final = select(func.min(lane.c.ready_at)).where(
    lane.c.vendor == bindparam("queue"), lane.c.ready_at.is_not(null())
)
_CHANGE: Final = update(lane).where(lane.c.lane == bindparam("name"))
_RATE: Final = _later(lane.c.rate_at, bindparam("rate_from", type_=Double))
_NEXT_DUE: Final = func.min(effect.c.due_at)
_REST: Final = _CHANGE.values(
    rate_at=_RATE,
    lease_owner=null(),
    lease_until=null(),
    effect_id=null(),
    ready_at=select(case((_NEXT_DUE.is_(null()), null()), else_=_later(_RATE, _NEXT_DUE)))
    .where(effect.c.lane == bindparam("name"), IS_OPEN, effect.c.due_at < bindparam("never", type_=Double))
    .scalar_subquery(),
).returning(lane.c.ready_at)
_BOOKED: Final = select(bucket.c.next_at).where(bucket.c.name == bindparam("bucket")).with_for_update()
_BOOK: Final = update(bucket).where(bucket.c.name == bindparam("bucket"))
_RESERVE: Final = _BOOK.values(
    next_at=_later(bucket.c.next_at, bindparam("from_at", type_=Double)) + bindparam("spacing", type_=Double)
).returning(bucket.c.next_at)


@cache
def _waking(dialect: str, lanes: int) -> Insert:
    names = ("lane", "vendor", "ready_at")
    each: list[dict[str, Any]] = [
        {name: bindparam(f"{name}_{row}") for name in names} for row in range(lanes)
    ]
    statement = engines.insert(dialect)(lane).values(each)
    due = statement.excluded.ready_at
    earlier = case((lane.c.ready_at.is_(null()) | (lane.c.ready_at > due), due), else_=lane.c.ready_at)
    ready_at = case(
        (lane.c.lease_owner.is_not(null()), lane.c.ready_at), else_=_later(lane.c.rate_at, earlier)
    )
    woken = statement.on_conflict_do_update(index_elements=["lane"], set_={"ready_at": ready_at})
    returning: Insert = woken.returning(lane.c.vendor, lane.c.ready_at)
    return returning


def next_ready(tx: Tx, queue: str) -> Lane | None:
    """Lock and return the lane of `queue` that has been ready longest, skipping those that others hold.

    A `lease_owner` in it is that of a lease which has run out.
    """
    row = tx.run(_READY, queue=queue, now=tx.now).one_or_none()
    if row is None:
        return None
    return Lane(
        name=row.lane,
        queue=row.vendor,
        rate_at=row.rate_at,
        slot_at=row.slot_at,
        slot_for=row.slot_for,
        lease_owner=row.lease_owner,
        effect_id=row.effect_id,
        has_others=row.another is not None,
    )


def next_ready_at(tx: Tx, queue: str) -> float | None:
    """Return when the next lane of `queue` becomes ready, None when all are idle."""
    value = tx.run(_NEXT, queue=queue).value()
    return None if value is None else float(value)


@cache
def _locking(lanes: int) -> Select[tuple[str, str | None]]:
    names: list[Any] = [bindparam(f"name_{place}") for place in range(lanes)]
    locked = select(lane.c.lane, lane.c.lease_owner).where(lane.c.lane.in_(names))
    # By code point, as `wake_all` sorts: other collations put "e" before "G".
    return (locked if lanes == 1 else locked.order_by(lane.c.lane.collate("C"))).with_for_update()


def lock(tx: Tx, names: Iterable[str]) -> None:
    """Lock lanes in sorted order, as every transaction that needs several must."""
    if not tx.alone:
        _lock(tx, set(names))


def _lock(tx: Tx, names: set[str]) -> Rows:
    given = {f"name_{place}": name for place, name in enumerate(names)}
    return tx.run(_locking(len(names)), **given)


def wake(tx: Tx, name: str, due_at: float) -> None:
    """Make the lane ready at `due_at` at the latest, no earlier than its rate allows; create it if new.

    A leased lane is left alone: whoever holds it looks again when it is done.
    """
    wake_all(tx, [(name, due_at)])


def wake_all(tx: Tx, wanted: Iterable[tuple[str, float]]) -> None:
    """Wake lanes, given as (name, due at), in one statement that locks them in sorted order."""
    earliest: dict[str, float] = {}
    for name, due_at in sorted(wanted):
        if due_at < NEVER:
            earliest.setdefault(name, due_at)
    if not earliest:
        return
    values: dict[str, Any] = {}
    for row, (name, due_at) in enumerate(earliest.items()):
        values |= {f"lane_{row}": name, f"vendor_{row}": queue_of(name), f"ready_at_{row}": due_at}
    for woken in tx.run(_waking(tx.conn.dialect.name, len(earliest)), **values):
        tx.ring_at(woken.vendor, woken.ready_at)


def lease(tx: Tx, name: str, *, owner: str, until: float, rate_at: float, effect_id: int) -> None:
    """Hand the lane to `owner` until `until`; nobody else may claim it before."""
    values = {
        "lease_owner": owner,
        "lease_until": until,
        "ready_at": until,
        "rate_at": rate_at,
        "effect_id": effect_id,
        "slot_at": None,
        "slot_for": None,
    }
    tx.run(_CHANGE, name=name, **values)


def holds(tx: Tx, name: str, owner: str, *others: str) -> bool:
    """Lock the lane, and `others` that are about to be changed; say whether `owner` still has its lease."""
    names = {name} if tx.alone else {name, *others}
    return any(row.lane == name and row.lease_owner == owner for row in _lock(tx, names))


def renew(tx: Tx, name: str, owner: str, until: float) -> bool:
    """Keep the lane until `until` for work that takes long; say False when `owner` has lost it."""
    if not holds(tx, name, owner):
        return False
    tx.run(_CHANGE, name=name, lease_until=until, ready_at=until)
    return True


def rest(tx: Tx, name: str, *, rate_at: float | None = None) -> None:
    """Give the lane back; it is ready again when its next effect is due and its rate allows.

    It must be locked already, or effects that somebody is just adding to it would be overlooked.
    """
    ready_at = tx.run(_REST, name=name, rate_from=rate_at or 0.0, never=NEVER).value()
    if ready_at is not None:
        tx.ring_at(queue_of(name), ready_at)


def book(tx: Tx, lane: Lane, *, slot_at: float, slot_for: str) -> None:
    """Let the lane wait for a slot that was reserved for it in the bucket `slot_for`."""
    tx.run(_CHANGE, name=lane.name, slot_at=slot_at, slot_for=slot_for, ready_at=slot_at)
    tx.ring_at(lane.queue, slot_at)


def defer(tx: Tx, lane: Lane, until: float) -> None:
    """Let the lane be looked at again at `until`; nothing else about it changes."""
    tx.run(_CHANGE, name=lane.name, ready_at=until)
    tx.ring_at(lane.queue, until)


def hold_all(tx: Tx, prefix: str, until: float) -> None:
    """Keep every lane whose name starts with `prefix` from being claimed before `until`.

    Those that are to be held for certain must be locked already. One that somebody has made since then is
    passed over while they have it: to wait for it out of order could be a deadlock.
    """
    named = select(lane.c.lane).where(lane.c.lane.startswith(prefix, autoescape=True))
    tx.conn.execute(
        update(lane)
        .where(lane.c.lane.in_(named.with_for_update(skip_locked=True)))
        .values(
            rate_at=_later(lane.c.rate_at, until),
            ready_at=case(
                (lane.c.ready_at.is_(null()) | lane.c.lease_owner.is_not(null()), lane.c.ready_at),
                else_=_later(lane.c.ready_at, until),
            ),
        )
    )


def clear_leases(tx: Tx) -> list[int]:
    """Free every lane at once and return the effects that were in flight.

    Only for a process that holds the lock file, which proves that every lease is a dead process's.
    """
    held = tx.conn.execute(
        select(lane.c.effect_id).where(lane.c.lease_owner.is_not(null()), lane.c.effect_id.is_not(null()))
    )
    ids = [int(effect_id) for effect_id in held.scalars()]
    tx.conn.execute(
        update(lane)
        .where(lane.c.lease_owner.is_not(null()))
        .values(lease_owner=None, lease_until=None, effect_id=None, ready_at=_later(lane.c.rate_at, tx.now))
    )
    return ids


def reserve(tx: Tx, name: str, spacing: float) -> float:
    """Book one more call in a bucket, and return the time up to which it is booked then; it stays locked."""
    booked = tx.run(_RESERVE, bucket=name, from_at=tx.now, spacing=spacing).value()
    if booked is None:
        tx.insert_once(bucket, {"name": name, "next_at": 0.0}, on=("name",))
        booked = tx.run(_RESERVE, bucket=name, from_at=tx.now, spacing=spacing).value()
    return float(booked)


def booked_until(tx: Tx, name: str) -> float:
    """Lock a bucket and return the time up to which it is booked; 0 for one never used."""
    booked = tx.run(_BOOKED, bucket=name).value()
    if booked is None:
        tx.insert_once(bucket, {"name": name, "next_at": 0.0}, on=("name",))
        booked = tx.run(_BOOKED, bucket=name).value()
    return float(booked)


def book_until(tx: Tx, name: str, next_at: float) -> None:
    """Store the time up to which a bucket is booked."""
    tx.run(_BOOK, bucket=name, next_at=next_at)
