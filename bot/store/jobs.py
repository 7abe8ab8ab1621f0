"""Jobs and the people who wait for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, insert, null, select, text, update

from bot.rules.edits import CaptionEdit
from bot.rules.jobs import RANK, Job, State
from bot.rules.links import Pointer
from bot.rules.request import CaptionRequest
from bot.store import job_rows
from bot.store.job_rows import encode, to_json
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


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """What a job starts from. `request_key` is unique per act of a person, `work_key` per running work."""

    public_id: str
    passthrough: str
    request_key: str
    work_key: str
    team_id: str
    channel_id: str
    user_id: str
    mux_account: str
    request: CaptionRequest
    warnings: tuple[str, ...]
    next_poll_at: float
    pointer: Pointer | None = None
    thread_ts: str | None = None
    retry_of: str | None = None
    edit: CaptionEdit | None = None
    edit_of: str | None = None
    unsaved_by: str | None = None
    steps: tuple[str, ...] = ()


_BY_ID: Final = select(job).where(job.c.id == bindparam("id"))
_LOCKED: Final = _BY_ID.with_for_update()
_BY_REQUEST: Final = select(job).where(job.c.request_key == bindparam("key"))
_RUNNING: Final = select(job).where(job.c.work_key == bindparam("key"), text("rank < 90"))
_BY_PUBLIC_ID: Final = select(job).where(job.c.public_id == bindparam("key"))
# The stamp is in the hands of whoever may see the other environment's jobs, so it alone proves nothing.
_BY_PASSTHROUGH: Final = select(job.c.id).where(
    job.c.passthrough == bindparam("key"), job.c.mux_account == bindparam("account")
)
_BY_MUX_ID: Final = select(job.c.id).where(
    job.c.mux_account == bindparam("account"),
    job.c.mux_id == bindparam("mux_id"),
    job.c.mux_id.is_not(null()),
)
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
_ADD: Final = insert(job).returning(job)
_CHANGE: Final = update(job).where(job.c.id == bindparam("row_id"))
_ADVANCE: Final = _CHANGE.where(job.c.rank < bindparam("below"))


def add(tx: Tx, new: NewJob) -> StoredJob:
    """Insert a job in state `requested`.

    Raises:
        IntegrityError: when one of its unique keys is taken; ask `by_request` and `running` first.
    """
    values = {
        "public_id": new.public_id,
        "passthrough": new.passthrough,
        "request_key": new.request_key,
        "work_key": new.work_key,
        "team_id": new.team_id,
        "channel_id": new.channel_id,
        "user_id": new.user_id,
        "mux_account": new.mux_account,
        "asset_id": new.request.asset_id,
        "params": to_json(new.request.to_json()),
        "warnings": to_json(new.warnings),
        "state": State.REQUESTED.value,
        "rank": RANK[State.REQUESTED],
        "next_poll_at": new.next_poll_at,
        "pointer": None if new.pointer is None else to_json(new.pointer.to_json()),
        "thread_ts": new.thread_ts,
        "retry_of": new.retry_of,
        "edit": None if new.edit is None else to_json(new.edit.to_json()),
        "edit_of": new.edit_of,
        "unsaved_by": new.unsaved_by,
        "steps": to_json(new.steps) if new.steps else None,
        "created_at": tx.now,
        "updated_at": tx.now,
    }
    return _read(tx.run(_ADD, **values).one(), ())


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
    return _with_watchers(tx, tx.run(_LOCKED, id=row_id).one())


def lock_now(tx: Tx, row_ids: set[int]) -> bool:
    """Lock jobs without waiting for anybody; say False when somebody else has one of them locked.

    For a transaction that holds a lane already, which would deadlock if it waited for a job.
    """
    if tx.alone or not row_ids:
        return True
    statement = select(job.c.id).where(job.c.id.in_(row_ids)).with_for_update(skip_locked=True)
    return len(tx.conn.execute(statement).all()) == len(row_ids)


def find(tx: Tx, *, account: str, mux_id: str, passthrough: str) -> int | None:
    """Return the row id of the job that Mux means: by Mux's id, else by its stamp.

    The stamp is for an event that overtakes the answer to the create. It comes second, because a job whose
    work another one of ours took over at Mux carries the stamp of the first.
    """
    row_id: int | None = tx.run(_BY_MUX_ID, account=account, mux_id=mux_id).value()
    if row_id is None and passthrough:
        row_id = tx.run(_BY_PASSTHROUGH, key=passthrough, account=account).value()
    return row_id


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
    watchers = tx.run(_WATCHERS, id=row.id).column()
    return _read(row, tuple(watchers))


def _read(row: Row[Any], watchers: tuple[str, ...]) -> StoredJob:
    return StoredJob(
        row_id=row.id,
        passthrough=row.passthrough,
        mux_account=row.mux_account,
        polls=row.polls,
        job=job_rows.read(row, watchers),
    )
