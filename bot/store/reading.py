"""A look at a store that the bot may be working on at this moment: one snapshot, and no writing at all."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, NullPool, create_engine, event, text

from bot.clock import Clock
from bot.store import places
from bot.store.tx import Tx

P = ParamSpec("P")
T = TypeVar("T")

_BUSY_SECONDS = 10.0


async def read(
    url: str, clock: Clock, work: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs
) -> T:
    """Run `work(tx, ...)` on one consistent snapshot; it may read only.

    Takes no lock file, migrates nothing, and does not hold the bot up.

    Raises:
        OperatorError: there is no such store, or it does not answer.
    """

    def bound(tx: Tx) -> T:
        return work(tx, *args, **kwargs)

    with places.told_in_words(url):
        if places.parse(url).get_backend_name() == "sqlite":
            return await asyncio.to_thread(_read_file, places.existing_file(url), clock.now(), bound)
        return await _read_server(url, bound)


def connect_read_only(path: Path) -> sqlite3.Connection:
    """Open an SQLite file without the right to change it.

    The rule of one connection to a store is about connections that write or checkpoint, which SQLite up to
    3.51.2 can let race (https://www.sqlite.org/wal.html#walresetbug). This one does neither: it never
    commits, so it never checkpoints by itself, and with `mode=ro` its file handle cannot take the lock
    under which the last connection to close would. https://www.sqlite.org/wal.html#read_only_databases
    """
    uri = f"{path.absolute().as_uri()}?mode=ro"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_BUSY_SECONDS)


def _read_file(path: Path, now: float, work: Callable[[Tx], T]) -> T:
    engine = create_engine("sqlite://", creator=lambda: connect_read_only(path), poolclass=NullPool)
    event.listen(engine, "begin", _begin)
    with engine.connect() as conn, conn.begin():
        return work(Tx(conn, now))


def _begin(conn: Connection) -> None:
    conn.exec_driver_sql("BEGIN")


async def _read_server(url: str, work: Callable[[Tx], T]) -> T:
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(
        url,
        poolclass=NullPool,
        isolation_level="REPEATABLE READ",
        execution_options={"postgresql_readonly": True},
    )
    try:
        async with engine.connect() as conn:
            return await conn.run_sync(_with_tx, work)
    finally:
        await engine.dispose()


def _with_tx(conn: Connection, work: Callable[[Tx], Any]) -> Any:
    with conn.begin():
        return work(Tx(conn, float(conn.execute(_PG_NOW).scalar_one())))


_PG_NOW = text("SELECT extract(epoch FROM clock_timestamp())::float8")
