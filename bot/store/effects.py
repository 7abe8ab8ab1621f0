"""Effects: the outbox. A row says what is stale, never what to say."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Double, Row, Update, bindparam, case, func, null, select, update

from bot.rules.effects import NEVER, Effect, Kind
from bot.store import lanes
from bot.store.lanes import IS_OPEN
from bot.store.schema import effect
from bot.store.tx import Tx

_HEAD: Final = (
    select(effect)
    .where(effect.c.lane == bindparam("lane"), IS_OPEN, effect.c.due_at <= bindparam("now"))
    .order_by(effect.c.due_at, effect.c.id)
    .limit(1)
)
_BY_KEY: Final = select(effect).where(effect.c.key == bindparam("key"))
_BY_ID: Final = select(effect).where(effect.c.id == bindparam("id"))
_JOB_OF: Final = select(effect.c.job_id).where(effect.c.id == bindparam("id"))
_OF_JOB: Final = select(effect).where(effect.c.job_id == bindparam("job")).order_by(effect.c.id)

# Built once, because building costs more than running; the columns to set come with the parameters.
_CHANGE: Final = update(effect).where(effect.c.id == bindparam("row_id"))
_CHANGE_AND_COUNT: Final = _CHANGE.values(attempts=effect.c.attempts + 1)
_INTEND: Final = _CHANGE.values(
    first_sent_at=func.coalesce(effect.c.first_sent_at, bindparam("first", type_=Double))
)
_SETTLE: Final = _CHANGE.values(have=effect.c.want)
_CONVERGE: Final = _CHANGE.values(
    due_at=case(
        (effect.c.want > bindparam("found"), bindparam("soon", type_=Double)),
        else_=bindparam("later", type_=Double),
    )
).returning(effect.c.have, effect.c.want, effect.c.suspect, effect.c.due_at)
_WANT_MORE: Final = (
    update(effect)
    .where(effect.c.key == bindparam("name"), effect.c.state == 0)
    .values(
        want=effect.c.want + 1,
        due_at=case(
            (effect.c.ext_id.is_not(null()) & (effect.c.attempts == 0), bindparam("now", type_=Double)),
            else_=effect.c.due_at,
        ),
    )
    .returning(effect)
)
_RELEASE: Final = (
    update(effect)
    .where(effect.c.key == bindparam("name"), effect.c.due_at >= NEVER)
    .values(due_at=bindparam("now", type_=Double))
    .returning(effect.c.lane)
)
_HURRY: Final = (
    update(effect)
    .where(effect.c.key == bindparam("name"), effect.c.state == 0, effect.c.have < effect.c.want)
    .values(due_at=bindparam("now", type_=Double))
    .returning(effect.c.lane)
)


def add(
    tx: Tx,
    *,
    key: str,
    kind: Kind,
    lane: str,
    job_id: int,
    target: str = "",
    due_at: float | None = None,
    detour: str | None = None,
) -> bool:
    """Ask for an effect once; a second call with the same `key` changes nothing. Say whether it was new.

    `due_at` defaults to now; NEVER waits for `release`.
    """
    due = tx.now if due_at is None else due_at
    values = {
        "key": key,
        "kind": kind.value,
        "lane": lane,
        "job_id": job_id,
        "target": target,
        "due_at": due,
        "detour": detour,
    }
    new = tx.insert_once(effect, values, on=("key",))
    if new:
        lanes.wake(tx, lane, due)
    return new


def head(tx: Tx, lane: str) -> Effect | None:
    """Return the first open effect of `lane` that is due."""
    row = tx.run(_HEAD, lane=lane, now=tx.now).one_or_none()
    return None if row is None else _read(row)


def by_key(tx: Tx, key: str) -> Effect | None:
    """Return the effect of that key, whatever its state."""
    row = tx.run(_BY_KEY, key=key).one_or_none()
    return None if row is None else _read(row)


def get(tx: Tx, effect_id: int) -> Effect:
    """Return the effect of that id."""
    return _read(tx.run(_BY_ID, id=effect_id).one())


def want_more(tx: Tx, key: str) -> None:
    """Say that what the effect shows is out of date; a send that has yet to happen needs no more.

    The due time of an effect that is backing off, or waits to be verified, stays as it is.
    """
    changed = outdate(tx, key)
    if changed is not None:
        lanes.wake(tx, changed.lane, changed.due_at)


def outdate(tx: Tx, key: str) -> Effect | None:
    """Do as `want_more` and return the effect, but leave its lane for the caller to wake.

    None when there is none, or it was given up or closed.
    """
    row = tx.run(_WANT_MORE, name=key, now=tx.now).one_or_none()
    return None if row is None else _read(row)


def job_of(tx: Tx, effect_id: int) -> int | None:
    """Return the job that an effect belongs to, None when both are gone."""
    row_id: int | None = tx.run(_JOB_OF, id=effect_id).value()
    return row_id


def intend(tx: Tx, effect_id: int) -> None:
    """Write down that a request which cannot be repeated is about to be sent."""
    _change(tx, effect_id, _INTEND, maybe_sent_at=tx.now, first=tx.now)


def converge(
    tx: Tx,
    effect_id: int,
    *,
    have: int,
    ext_id: str,
    ext_channel: str | None,
    lane: str,
    look_again_at: float,
) -> None:
    """Write down what exists now, and let `lane` carry it from here on.

    It is due at once if more is wanted meanwhile. A doubt that was raised stays until it is audited, at
    `look_again_at`.
    """
    values = {
        "have": have,
        "ext_id": ext_id,
        "ext_channel": ext_channel,
        "attempts": 0,
        "error": None,
        "lane": lane,
    }
    times = {"row_id": effect_id, "found": have, "soon": tx.now, "later": look_again_at}
    row = tx.run(_CONVERGE, **values, **times).one()
    if row.have < row.want or row.suspect:
        lanes.wake(tx, lane, row.due_at)


def doubt(tx: Tx, effect_id: int, *, due_at: float, error: str) -> None:
    """Mark an effect whose last request may or may not have been done."""
    _change(tx, effect_id, _CHANGE_AND_COUNT, suspect=1, due_at=due_at, error=error)


def disbelieve(tx: Tx, effect_id: int) -> None:
    """Take the intent back: the request certainly was not done, so it may be sent again."""
    _change(tx, effect_id, maybe_sent_at=None)


def postpone(tx: Tx, effect_id: int, *, due_at: float, error: str, attempts: int | None = None) -> None:
    """Try again at `due_at`, counting one more attempt, or `attempts` from now on."""
    if attempts is None:
        _change(tx, effect_id, _CHANGE_AND_COUNT, due_at=due_at, error=error)
    else:
        _change(tx, effect_id, due_at=due_at, error=error, attempts=attempts)


def schedule(tx: Tx, effect_id: int, *, due_at: float) -> None:
    """Move the due time without counting an attempt."""
    _change(tx, effect_id, due_at=due_at)


def clear_doubt(tx: Tx, effect_id: int) -> None:
    """Say that an audit found what it should."""
    _change(tx, effect_id, suspect=0)


def forget_version(tx: Tx, effect_id: int, have: int) -> None:
    """Say which version is really out there, so that the newest one is sent again."""
    _change(tx, effect_id, have=have, due_at=tx.now)


def bury(tx: Tx, effect_id: int, *, error: str) -> None:
    """Give an effect up; it stays as a record and is shown to the operator."""
    _change(tx, effect_id, state=1, error=error)


def retire(tx: Tx, effect_id: int, *, error: str) -> None:
    """Close an effect for good, because nothing can be done about its message any more; nobody's fault."""
    _change(tx, effect_id, state=2, error=error)


def orphan(tx: Tx, effect_id: int, *, target: str, detour: str, error: str) -> None:
    """Retire a card that somebody deleted, so that what would have followed it goes to `target`."""
    _change(tx, effect_id, state=2, error=error, ext_id=None, ext_channel=None, target=target, detour=detour)


def settle(tx: Tx, effect_id: int, *, error: str) -> None:
    """Close an effect that has become pointless: nothing is wanted any more."""
    _change(tx, effect_id, _SETTLE, suspect=0, error=error)


def retarget(tx: Tx, effect_id: int, *, lane: str, target: str, detour: str, due_at: float) -> None:
    """Say it somewhere else, because the channel refuses it; starts as if never sent."""
    _change(
        tx,
        effect_id,
        lane=lane,
        target=target,
        detour=detour,
        ext_id=None,
        ext_channel=None,
        have=0,
        maybe_sent_at=None,
        first_sent_at=None,
        attempts=0,
        due_at=due_at,
    )
    lanes.wake(tx, lane, due_at)


def release(tx: Tx, keys: list[str]) -> None:
    """Let effects go that were waiting for another one."""
    for key in keys:
        for row in tx.run(_RELEASE, name=key, now=tx.now):
            lanes.wake(tx, row.lane, tx.now)


def hurry(tx: Tx, key: str) -> None:
    """Let an effect that waits for its next look be due now; one that is done stays done."""
    for row in tx.run(_HURRY, name=key, now=tx.now):
        lanes.wake(tx, row.lane, tx.now)


def of_job(tx: Tx, job_id: int) -> list[Effect]:
    """Return every effect of a job, oldest first."""
    return [_read(row) for row in tx.run(_OF_JOB, job=job_id)]


def suspect_all(tx: Tx, effect_ids: list[int]) -> None:
    """Mark effects whose owner died while they were in flight."""
    if effect_ids:
        tx.conn.execute(update(effect).where(effect.c.id.in_(effect_ids)).values(suspect=1))


def _change(tx: Tx, effect_id: int, statement: Update = _CHANGE, **values: Any) -> None:
    tx.run(statement, row_id=effect_id, **values)


def _read(row: Row[Any]) -> Effect:
    return Effect(
        id=row.id,
        key=row.key,
        kind=Kind(row.kind),
        lane=row.lane,
        job_id=row.job_id,
        target=row.target,
        detour=row.detour,
        want=row.want,
        have=row.have,
        ext_id=row.ext_id,
        ext_channel=row.ext_channel,
        maybe_sent_at=row.maybe_sent_at,
        first_sent_at=row.first_sent_at,
        suspect=bool(row.suspect),
        buried=row.state != 0,
        attempts=row.attempts,
        due_at=row.due_at,
        error=row.error,
    )
