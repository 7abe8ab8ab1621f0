"""Jobs and the people who wait for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import Insert, Row, Select, bindparam, func, null, select, text, update

from bot.rules.jobs import RANK, Job, State
from bot.store import engines, job_rows
from bot.store.job_rows import NewJob, encode
from bot.store.schema import job, watcher
from bot.store.tx import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredJob:
    """A job together with what only the store and the workers need to know of it.

    `row_id` is the table's own key; `passthrough` is the stamp that every create at Mux carries.
    """

    row_id: int
    job: Job
    passthrough: str
    mux_account: str
    polls: int


_ANY_WATCHER: Final = select(watcher.c.job_id).where(watcher.c.job_id == job.c.id).limit(1)
# Few jobs have watchers, so they are read only where there are some.
_JOB: Final = select(job, _ANY_WATCHER.scalar_subquery().label("watched"))
_BY_ID: Final = _JOB.where(job.c.id == bindparam("id"))
_LOCKED: Final = _BY_ID.with_for_update()
_HOLD: Final = select(job.c.id).where(job.c.id == bindparam("id")).with_for_update()
_BY_REQUEST: Final = _JOB.where(job.c.request_key == bindparam("key"))
_RUNNING: Final = _JOB.where(job.c.work_key == bindparam("key"), text("rank < 90"))
_BY_PUBLIC_ID: Final = _JOB.where(job.c.public_id == bindparam("key"))
# The stamp is in the hands of whoever may see the other environment's jobs, so it alone proves nothing.
_IS_STAMPED: Final = (job.c.passthrough == bindparam("key"), job.c.mux_account == bindparam("account"))
_IS_NAMED: Final = (
    job.c.mux_account == bindparam("account"),
    job.c.mux_id == bindparam("mux_id"),
    job.c.mux_id.is_not(null()),
)
_BY_PASSTHROUGH: Final = select(job.c.id).where(*_IS_STAMPED)
_BY_MUX_ID: Final = select(job.c.id).where(*_IS_NAMED)
_LOCKED_BY_PASSTHROUGH: Final = _JOB.where(*_IS_STAMPED).with_for_update()
_LOCKED_BY_MUX_ID: Final = _JOB.where(*_IS_NAMED).with_for_update()
_WATCHERS: Final = (
    select(watcher.c.user_id, watcher.c.channel_id)
    .where(watcher.c.job_id == bindparam("id"))
    .order_by(watcher.c.created_at, watcher.c.user_id)
)
_DUE: Final = (
    select(job.c.id)
    .where(text("rank < 90"), job.c.next_poll_at <= bindparam("now"))
    .order_by(job.c.next_poll_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_NEXT_POLL: Final = select(func.min(job.c.next_poll_at)).where(
    text("rank < 90"), job.c.next_poll_at.is_not(null())
)

# Built once, because building costs more than running; the columns to set come with the parameters.
_CHANGE: Final = update(job).where(job.c.id == bindparam("row_id"))
_ADVANCE: Final = _CHANGE.where(job.c.rank < bindparam("below"))


@cache
def _adding(dialect: str) -> Insert:
    statement: Insert = engines.insert(dialect)(job).on_conflict_do_nothing().returning(job.c.id)
    return statement


def add(tx: Tx, new: NewJob) -> StoredJob | None:
    """Insert a job in state `requested`; None when its act is known already, or its work is under way."""
    row_id = tx.run(_adding(tx.conn.dialect.name), **job_rows.begin(new, tx.now)).value()
    if row_id is None:
        return None
    return StoredJob(
        row_id=row_id,
        passthrough=new.passthrough,
        mux_account=new.mux_account,
        polls=0,
        job=job_rows.begun(new, tx.now),
    )


def by_request(tx: Tx, request_key: str) -> StoredJob | None:
    """Return the job that this very act of a person already made."""
    return _one(tx, _BY_REQUEST, {"key": request_key})


def running(tx: Tx, work_key: str) -> StoredJob | None:
    """Return the unfinished job that does the same work."""
    return _one(tx, _RUNNING, {"key": work_key})


def by_public_id(tx: Tx, public_id: str) -> StoredJob | None:
    """Return the job with that id of ours."""
    return _one(tx, _BY_PUBLIC_ID, {"key": public_id})


def get(tx: Tx, row_id: int) -> StoredJob:
    """Return a job without locking it."""
    return _with_watchers(tx, tx.run(_BY_ID, id=row_id).one())


def lock(tx: Tx, row_id: int) -> StoredJob:
    """Return a job, locked until the transaction ends; the first lock that a transaction takes."""
    return _locked(tx, tx.run(_LOCKED, id=row_id).one())


def hold(tx: Tx, row_id: int) -> None:
    """Lock a job without reading it."""
    if not tx.alone:
        tx.run(_HOLD, id=row_id)


def lock_now(tx: Tx, row_ids: set[int]) -> bool:
    """Lock jobs without waiting for anybody; say False when somebody else has one of them locked.

    For a transaction that holds a lane already, which would deadlock if it waited for a job.
    """
    if tx.alone or not row_ids:
        return True
    given = {f"id_{place}": row_id for place, row_id in enumerate(row_ids)}
    return len(tx.run(_locking_now(len(given)), **given).column()) == len(given)


@cache
def _locking_now(ids: int) -> Select[tuple[int]]:
    each: list[Any] = [bindparam(f"id_{place}") for place in range(ids)]
    return select(job.c.id).where(job.c.id.in_(each)).with_for_update(skip_locked=True)


def find(tx: Tx, *, account: str, mux_id: str, passthrough: str) -> int | None:
    """Return the row id of the job that Mux means: by Mux's id, else by its stamp.

    The stamp is for an event that overtakes the answer to the create. It comes second, because a job whose
    work another one of ours took over at Mux carries the stamp of the first.
    """
    row_id: int | None = tx.run(_BY_MUX_ID, account=account, mux_id=mux_id).value()
    if row_id is None and passthrough:
        row_id = tx.run(_BY_PASSTHROUGH, key=passthrough, account=account).value()
    return row_id


def lock_found(tx: Tx, *, account: str, mux_id: str, passthrough: str) -> StoredJob | None:
    """Return the job that `find` finds, locked like one of `lock`."""
    row = tx.run(_LOCKED_BY_MUX_ID, account=account, mux_id=mux_id).one_or_none()
    if row is None and passthrough:
        row = tx.run(_LOCKED_BY_PASSTHROUGH, key=passthrough, account=account).one_or_none()
    return None if row is None else _locked(tx, row)


def advance(tx: Tx, row_id: int, state: State, **details: Any) -> bool:
    """Move a job to a state of a higher rank and set `details`; say whether it moved.

    Two writers that race cannot take it back: the rank is compared in the statement itself.
    """
    values = {"state": state.value, "rank": RANK[state], "updated_at": tx.now, **encode(details)}
    moved = tx.run(_ADVANCE, row_id=row_id, below=RANK[state], **values)
    return moved.rowcount == 1


def correct(tx: Tx, row_id: int, state: State, **details: Any) -> None:
    """Replace the end of a finished job, because Mux was asked which of two ends is true."""
    values = {"state": state.value, "rank": RANK[state], "updated_at": tx.now, **encode(details)}
    tx.run(_CHANGE, row_id=row_id, **values)


def note(tx: Tx, row_id: int, **details: Any) -> None:
    """Set details that do not move the job (`mux_id`, `title`, `video`, `request` ...)."""
    tx.run(_CHANGE, row_id=row_id, **encode(details))


def watch(tx: Tx, row_id: int, user_id: str, channel_id: str) -> bool:
    """Add somebody who waits for the job too; say whether they were new."""
    values = {"job_id": row_id, "user_id": user_id, "channel_id": channel_id, "created_at": tx.now}
    return tx.insert_once(watcher, values, on=("job_id", "user_id"))


def watching_elsewhere(tx: Tx, stored: StoredJob) -> list[str]:
    """Return the watchers who asked from another channel than the job's own."""
    if not stored.job.watchers:
        return []
    rows = tx.run(_WATCHERS, id=stored.row_id)
    return [row.user_id for row in rows if row.channel_id != stored.job.channel_id]


def due_polls(tx: Tx, most: int) -> list[StoredJob]:
    """Lock and return unfinished jobs about which Mux is to be asked now."""
    ids = tx.run(_DUE, now=tx.now, most=most).column()
    return [get(tx, row_id) for row_id in ids]


def next_poll_at(tx: Tx) -> float | None:
    """Return when the next poll is due, None when every job is finished."""
    value = tx.run(_NEXT_POLL).value()
    return None if value is None else float(value)


def poll_all(tx: Tx, *, within_seconds: float) -> int:
    """Spread one poll of every unfinished job over the next seconds; for a start after downtime."""
    spread = (job.c.id % 100) / 100.0 * within_seconds
    changed = tx.conn.execute(update(job).where(text("rank < 90")).values(next_poll_at=tx.now + spread))
    return changed.rowcount


def _one(tx: Tx, statement: Any, parameters: dict[str, Any]) -> StoredJob | None:
    row = tx.run(statement, **parameters).one_or_none()
    return None if row is None else _with_watchers(tx, row)


def _with_watchers(tx: Tx, row: Row[Any]) -> StoredJob:
    return _read(row, _watchers(tx, row) if row.watched is not None else ())


def _locked(tx: Tx, row: Row[Any]) -> StoredJob:
    """Read a job that was just locked, and its watchers as they are since then.

    Whoever had it locked before may have added one, after the statement that waited for the lock began.
    """
    return _with_watchers(tx, row) if tx.alone else _read(row, _watchers(tx, row))


def _watchers(tx: Tx, row: Row[Any]) -> tuple[str, ...]:
    return tuple(tx.run(_WATCHERS, id=row.id).column())


def _read(row: Row[Any], watchers: tuple[str, ...]) -> StoredJob:
    return StoredJob(
        row_id=row.id,
        passthrough=row.passthrough,
        mux_account=row.mux_account,
        polls=row.polls,
        job=job_rows.read(row, watchers),
    )
