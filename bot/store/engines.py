"""Engines with the pragmas and pool sizes that the promises need."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from sqlalchemy import event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

# https://www.sqlite.org/pragma.html. FULL, because a webhook that was answered with 200 must outlive a
# power cut, not only a crash.
PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=10000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA wal_autocheckpoint=1000",
    "PRAGMA journal_size_limit=67108864",
)


def create(url: str) -> AsyncEngine:
    """Return an engine; nothing is connected yet."""
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(url)
    return create_async_engine(url, pool_size=8, max_overflow=8, pool_pre_ping=True)


def sqlite_path(url: str) -> Path | None:
    """Return the file of an SQLite URL, None for other engines and for `:memory:`."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in {None, "", ":memory:"}:
        return None
    return Path(str(parsed.database))


def _sqlite(url: str) -> AsyncEngine:
    # Exactly one connection: SQLite up to 3.51.2 can corrupt a WAL file that two connections checkpoint.
    # https://www.sqlite.org/wal.html#walresetbug
    engine = create_async_engine(url, poolclass=AsyncAdaptedQueuePool, pool_size=1, max_overflow=0)
    event.listen(engine.sync_engine, "connect", _configure)
    event.listen(engine.sync_engine, "begin", begin_immediate)
    return engine


def _configure(connection: Any, _record: Any) -> None:
    # The driver's own transaction handling is off: it would begin late, and only before some statements.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def begin_immediate(conn: Any) -> None:
    """Begin as a writer; for SQLAlchemy's `begin` event."""
    # A deferred transaction that turns into a writer fails with "database is locked" whatever the time-out.
    conn.exec_driver_sql("BEGIN IMMEDIATE")
