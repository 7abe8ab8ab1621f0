"""Engines with the pragmas and pool sizes that the promises need."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import event, make_url

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

# https://www.sqlite.org/pragma.html. FULL, because a webhook that was answered with 200 must outlive a
# power cut, not only a crash.
PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=10000",
    "PRAGMA foreign_keys=ON",
    # What a failed statement or savepoint needs to be taken back is otherwise written to a temporary file.
    "PRAGMA temp_store=MEMORY",
    "PRAGMA wal_autocheckpoint=1000",
    "PRAGMA journal_size_limit=67108864",
)


def create(url: str) -> AsyncEngine:
    """Return an engine; nothing is connected yet. A running bot needs none for SQLite, see `SqliteThread`."""
    # It brings SQLAlchemy's ORM with it: 6 MB and a tenth of the time that a start takes.
    from sqlalchemy.ext.asyncio import create_async_engine

    if is_sqlite(url):
        return _sqlite(url)
    return create_async_engine(url, pool_size=8, max_overflow=8, pool_pre_ping=True)


def is_sqlite(url: str) -> bool:
    """Say whether the URL is that of an SQLite store."""
    return make_url(url).get_backend_name() == "sqlite"


def insert(dialect: str) -> Any:
    """Return the engine's own `insert`, the one that knows `ON CONFLICT`; only that engine's is imported."""
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert
    from sqlalchemy.dialects import sqlite

    return sqlite.insert


def sqlite_path(url: str) -> Path | None:
    """Return the file of an SQLite URL, None for other engines and for `:memory:`."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in {None, "", ":memory:"}:
        return None
    return Path(str(parsed.database))


def _sqlite(url: str) -> AsyncEngine:
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import AsyncAdaptedQueuePool

    # Exactly one connection: SQLite up to 3.51.2 can corrupt a WAL file that two connections checkpoint.
    # https://www.sqlite.org/wal.html#walresetbug
    engine = create_async_engine(url, poolclass=AsyncAdaptedQueuePool, pool_size=1, max_overflow=0)
    event.listen(engine.sync_engine, "connect", configure)
    event.listen(engine.sync_engine, "begin", begin_immediate)
    return engine


def configure(connection: Any, _record: object = None) -> None:
    """Set a new connection of SQLite's up; also for SQLAlchemy's `connect` event."""
    # The driver's own transaction handling is off: it would begin late, and only before some statements.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def begin_immediate(conn: Any) -> None:
    """Begin as a writer; for SQLAlchemy's `begin` event."""
    # A batch has begun by itself, and SQLAlchemy only joins in.
    if not conn.connection.driver_connection.in_transaction:
        # A deferred one that turns into a writer fails with "database is locked" whatever the time-out.
        conn.exec_driver_sql("BEGIN IMMEDIATE")
