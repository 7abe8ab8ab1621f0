"""Runs whole transactions on the thread that aiosqlite keeps for its connection.

SQLAlchemy's asyncio layer goes to that thread and back four times for every statement, and each return
waits for its turn on the event loop. A transaction of fifteen statements then takes three times as long as
on the thread itself, so the whole function goes there at once, with an ordinary connection over the very
same SQLite handle.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import aiosqlite
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import StaticPool

from bot.store import engines

T = TypeVar("T")


class SqliteThread:
    """The one connection of an SQLite store, held from `open` to `close`."""

    def __init__(self, held: AsyncConnection, driver: aiosqlite.Connection) -> None:
        self._held = held
        self._driver = driver
        self.engine = _over(driver)

    @classmethod
    async def open(cls, engine: AsyncEngine) -> SqliteThread:
        """Take the pool's only connection out of `engine` and keep it."""
        held = await engine.connect()
        raw = await held.get_raw_connection()
        driver = raw.driver_connection
        if not isinstance(driver, aiosqlite.Connection):
            raise TypeError(f"{type(driver).__name__} is not a connection of aiosqlite")
        return cls(held, driver)

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Call `work` with a connection on the thread and return its result; one call at a time."""
        execute: Callable[..., Awaitable[T]] = self._driver._execute  # noqa: SLF001 - no public way there
        return await execute(self._call, work)

    async def close(self) -> None:
        """Give the connection back."""
        await self._held.close()

    def _call(self, work: Callable[[Connection], T]) -> T:
        with self.engine.connect() as conn:
            return work(conn)


def _over(driver: aiosqlite.Connection) -> Engine:
    def handle() -> Any:
        return driver._conn  # noqa: SLF001 - the same handle, used on its own thread only

    engine = create_engine("sqlite+pysqlite://", creator=handle, poolclass=StaticPool)
    event.listen(engine, "begin", engines.begin_immediate)
    return engine
