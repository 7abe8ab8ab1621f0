"""Forgets what is long over, a batch at a time, and never anything that still has work to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Table,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    true,
    tuple_,
    update,
)

from bot.rules.effects import NEVER
from bot.rules.jobs import TERMINAL_RANK
from bot.store.inbox import InboxState
from bot.store.schema import audit, effect, file, inbox, job, metadata
from bot.store.tx import Tx

BATCH: Final = 500
"""How many rows of a kind one transaction takes, so that requests never wait long for it."""

PAYLOAD_SECONDS: Final = 7 * 86_400.0
"""How long the body of an event that was dealt with is kept."""

EVENT_SECONDS: Final = 35 * 86_400.0
"""How long an event's id is kept: far longer than the 24 hours for which Mux repeats it."""

LEAST_SECONDS: Final = 2 * 86_400.0
"""Nothing younger is pruned: Mux repeats webhooks for a day, and what was ambiguous is audited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What to forget: jobs that ended longer ago than `older_than_seconds`.

    Jobs that left files behind go only `with_files`, since people may ask for those years later. Audit rows
    go only `with_audit`.
    """

    older_than_seconds: float
    with_audit: bool = False
    with_files: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """How much was, or would be, removed. `belongings` counts a job's rows in other tables, by table."""

    jobs: int = 0
    belongings: tuple[tuple[str, int], ...] = ()
    payloads: int = 0
    events: int = 0
    audit: int = 0

    @property
    def total(self) -> int:
        """The number of rows that were removed or emptied."""
        return self.jobs + self.payloads + self.events + self.audit

    def __add__(self, other: Pruned) -> Pruned:
        counts = dict(self.belongings)
        for name, count in other.belongings:
            counts[name] = counts.get(name, 0) + count
        return Pruned(
            jobs=self.jobs + other.jobs,
            belongings=tuple(counts.items()),
            payloads=self.payloads + other.payloads,
            events=self.events + other.events,
            audit=self.audit + other.audit,
        )


_BELONGINGS: Final[tuple[tuple[Table, Any], ...]] = tuple(
    (table, column)
    for table in reversed(metadata.sorted_tables)
    for column in table.columns
    if any(key.column.table is job for key in column.foreign_keys)
)


def prune(tx: Tx, rule: Rule, *, most: int = BATCH) -> Pruned:
    """Remove up to `most` rows of each kind; call it again until `total` is 0.

    Unfinished jobs, jobs with an open effect, and jobs with an effect that was given up within the limit
    stay, and so does the newest job; jobs with files stay unless the rule names them.
    """
    return Pruned(
        events=_remove_events(tx, most),
        payloads=_empty_events(tx, most),
        audit=_remove_audit(tx, rule, most),
    ) + _remove_jobs(tx, rule, most)


def prunable(tx: Tx, rule: Rule) -> Pruned:
    """Count what `prune` would remove if it were called until nothing is left; changes nothing."""

    def count(table: Table, *where: ColumnElement[bool]) -> int:
        return int(tx.conn.execute(select(func.count()).select_from(table).where(*where)).scalar_one())

    jobs = select(job.c.id).where(_over(tx, rule))
    return Pruned(
        jobs=count(job, _over(tx, rule)),
        belongings=tuple((table.name, count(table, column.in_(jobs))) for table, column in _BELONGINGS),
        payloads=count(inbox, _emptied(tx)),
        events=count(inbox, _outlived(tx)),
        audit=count(audit, audit.c.at < _cutoff(tx, rule)) if rule.with_audit else 0,
    )


def held_back(tx: Tx, rule: Rule) -> int:
    """Count the jobs that are old enough but stay, because something of theirs is open or given up lately."""
    old = (
        select(func.count())
        .select_from(job)
        .where(_forgettable(rule), _ended(tx, rule), _unsettled(tx, rule))
    )
    return int(tx.conn.execute(old).scalar_one())


def _cutoff(tx: Tx, rule: Rule) -> float:
    return tx.now - rule.older_than_seconds


def _ended(tx: Tx, rule: Rule) -> ColumnElement[bool]:
    return and_(job.c.rank >= TERMINAL_RANK, job.c.finished_at < _cutoff(tx, rule))


def _forgettable(rule: Rule) -> ColumnElement[bool]:
    return true() if rule.with_files else ~exists().where(file.c.job_id == job.c.id)


def _unsettled(tx: Tx, rule: Rule) -> ColumnElement[bool]:
    # An effect that was given up keeps its last due time, which tells how long ago that was.
    lately = and_(effect.c.state == 1, effect.c.due_at >= _cutoff(tx, rule), effect.c.due_at < NEVER)
    return exists().where(effect.c.job_id == job.c.id, or_(_OPEN, lately))


def _over(tx: Tx, rule: Rule) -> ColumnElement[bool]:
    # The newest job stays: SQLite gives the next one the highest id plus one, and the audit log, which
    # outlives its jobs, must not point at a stranger.
    newest = select(func.max(job.alias("newest").c.id)).scalar_subquery()
    return and_(_forgettable(rule), _ended(tx, rule), ~_unsettled(tx, rule), job.c.id < newest)


def _outlived(tx: Tx) -> ColumnElement[bool]:
    return and_(inbox.c.state != InboxState.NEW, inbox.c.received_at < tx.now - EVENT_SECONDS)


def _emptied(tx: Tx) -> ColumnElement[bool]:
    return and_(
        inbox.c.state.in_([InboxState.DONE, InboxState.IGNORED]),
        inbox.c.payload.is_not(None),
        inbox.c.received_at < tx.now - PAYLOAD_SECONDS,
        inbox.c.received_at >= tx.now - EVENT_SECONDS,
    )


def _remove_jobs(tx: Tx, rule: Rule, most: int) -> Pruned:
    chosen = (
        select(job.c.id)
        .where(_over(tx, rule))
        .order_by(job.c.id)
        .limit(most)
        .with_for_update(of=job, skip_locked=True)
    )
    ids = list(tx.conn.execute(chosen).scalars())
    if not ids:
        return Pruned()
    belongings = tuple(
        (table.name, tx.conn.execute(delete(table).where(column.in_(ids))).rowcount)
        for table, column in _BELONGINGS
    )
    return Pruned(jobs=tx.conn.execute(delete(job).where(job.c.id.in_(ids))).rowcount, belongings=belongings)


def _remove_events(tx: Tx, most: int) -> int:
    chosen = _events(tx, _outlived(tx), most)
    return tx.conn.execute(delete(inbox).where(_EVENT.in_(chosen))).rowcount if chosen else 0


def _empty_events(tx: Tx, most: int) -> int:
    chosen = _events(tx, _emptied(tx), most)
    return (
        tx.conn.execute(update(inbox).where(_EVENT.in_(chosen)).values(payload=None)).rowcount
        if chosen
        else 0
    )


def _events(tx: Tx, where: ColumnElement[bool], most: int) -> list[Any]:
    chosen = select(inbox.c.source, inbox.c.event_id).where(where).order_by(inbox.c.received_at).limit(most)
    return [tuple(row) for row in tx.conn.execute(chosen)]


def _remove_audit(tx: Tx, rule: Rule, most: int) -> int:
    if not rule.with_audit:
        return 0
    chosen = select(audit.c.id).where(audit.c.at < _cutoff(tx, rule)).order_by(audit.c.id).limit(most)
    ids = list(tx.conn.execute(chosen).scalars())
    return tx.conn.execute(delete(audit).where(audit.c.id.in_(ids))).rowcount if ids else 0


_EVENT: Final = tuple_(inbox.c.source, inbox.c.event_id)
_OPEN: Final = text("effect.state = 0 AND (effect.have < effect.want OR effect.suspect = 1)")
