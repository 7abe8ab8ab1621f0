"""What an operator sees of the store: its size, what waits, what was given up and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, func, inspect, select, text

from bot.rules.effects import NEVER
from bot.store import migrate
from bot.store.schema import HEAD, channel, effect, inbox, job, lane, metadata
from bot.store.tx import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """An effect that will not be tried again, and the last error."""

    key: str
    kind: str
    target: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """A channel that refuses posts, with Slack's reason."""

    team_id: str
    channel_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttled:
    """A lane with work that a rate limit holds back until `until_at`."""

    lane: str
    until_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """What is not done yet, and what never will be.

    `effects_open` counts by kind. `oldest_due_at` is the earliest time at which an open effect is due; in
    the past it is work that is late. The lists hold the newest entries only; `*_count` says how many there
    are.
    """

    inbox_new: int
    inbox_dead: int
    effects_open: dict[str, int]
    oldest_due_at: float | None
    throttled_count: int
    throttled: tuple[Throttled, ...]
    given_up_count: int
    given_up: tuple[GivenUp, ...]
    parked_count: int
    parked: tuple[Parked, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A store at one moment, `at`.

    `schema` is None for a database without tables. `rows` counts by table, `jobs` by state. `jobs` and
    `pending` are None when the schema is not the one that this code knows. `free_bytes` is the part of
    `size_bytes` that is empty and used again before an SQLite file grows.
    """

    at: float
    engine: str
    schema: str | None
    schema_of_code: str
    size_bytes: int
    free_bytes: int
    rows: dict[str, int]
    jobs: dict[str, int] | None
    pending: Pending | None


_OPEN: Final = text("state = 0 AND (have < want OR suspect = 1)")
_GIVEN_UP: Final = text("state = 1")


def status(tx: Tx, *, most: int = 20) -> Status:
    """Return the state of the store, at most `most` entries in each list."""
    schema = migrate.version(tx.conn)
    engine, size, free = _engine(tx.conn)
    # Another version's tables may lack the columns that the counts below ask for.
    known = schema == HEAD
    return Status(
        at=tx.now,
        engine=engine,
        schema=schema,
        schema_of_code=HEAD,
        size_bytes=size,
        free_bytes=free,
        rows=rows(tx.conn),
        jobs=_by(tx.conn, select(job.c.state, func.count()).group_by(job.c.state)) if known else None,
        pending=_pending(tx, most) if known else None,
    )


def rows(conn: Connection) -> dict[str, int]:
    """Count the rows of every table that this code knows and the database has."""
    present = set(inspect(conn).get_table_names())
    return {
        table.name: _count(conn, select(func.count()).select_from(table))
        for table in sorted(metadata.tables.values(), key=lambda each: each.name)
        if table.name in present
    }


def _engine(conn: Connection) -> tuple[str, int, int]:
    if conn.dialect.name == "postgresql":
        version = str(conn.exec_driver_sql("SHOW server_version").scalar_one()).split()[0]
        size = int(conn.execute(select(func.pg_database_size(func.current_database()))).scalar_one())
        return f"PostgreSQL {version}", size, 0
    version = str(conn.exec_driver_sql("SELECT sqlite_version()").scalar_one())
    pages, free, page_bytes = (
        int(conn.exec_driver_sql(f"PRAGMA {name}").scalar_one())
        for name in ("page_count", "freelist_count", "page_size")
    )
    return f"SQLite {version}", pages * page_bytes, free * page_bytes


def _pending(tx: Tx, most: int) -> Pending:
    conn = tx.conn
    held = (lane.c.ready_at.is_not(None), lane.c.rate_at > tx.now)
    parked = channel.c.state == 1
    oldest = conn.execute(select(func.min(effect.c.due_at)).where(_OPEN, effect.c.due_at < NEVER))
    return Pending(
        inbox_new=_count(conn, select(func.count()).select_from(inbox).where(text("state = 0"))),
        inbox_dead=_count(conn, select(func.count()).select_from(inbox).where(text("state = 3"))),
        effects_open=_by(conn, select(effect.c.kind, func.count()).where(_OPEN).group_by(effect.c.kind)),
        oldest_due_at=oldest.scalar_one(),
        throttled_count=_count(conn, select(func.count()).select_from(lane).where(*held)),
        throttled=tuple(
            Throttled(lane=row.lane, until_at=row.rate_at)
            for row in conn.execute(select(lane).where(*held).order_by(lane.c.rate_at.desc()).limit(most))
        ),
        given_up_count=_count(conn, select(func.count()).select_from(effect).where(_GIVEN_UP)),
        given_up=tuple(
            GivenUp(key=row.key, kind=row.kind, target=row.target, error=row.error or "no reason was kept")
            for row in conn.execute(select(effect).where(_GIVEN_UP).order_by(effect.c.id.desc()).limit(most))
        ),
        parked_count=_count(conn, select(func.count()).select_from(channel).where(parked)),
        parked=tuple(
            Parked(team_id=row.team_id, channel_id=row.channel_id, reason=row.reason or "no reason was kept")
            for row in conn.execute(
                select(channel).where(parked).order_by(channel.c.updated_at.desc()).limit(most)
            )
        ),
    )


def _count(conn: Connection, statement: Any) -> int:
    return int(conn.execute(statement).scalar_one())


def _by(conn: Connection, statement: Any) -> dict[str, int]:
    return {str(row[0]): int(row[1]) for row in sorted(conn.execute(statement), key=lambda row: str(row[0]))}
