"""Opens the database and runs transactions: in batches on SQLite, side by side on PostgreSQL."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.errors import StoreError
from bot.store import engines, migrate
from bot.store.batches import Waiting, run, settle, translated
from bot.store.bells import Bells
from bot.store.filelock import FileLock
from bot.store.filesystem import refuse_network
from bot.store.sqlite_thread import SqliteThread
from bot.store.tx import Tx

if TYPE_CHECKING:
    from bot.store.postgres import Postgres

P = ParamSpec("P")
T = TypeVar("T")

BATCH: Final = 100
"""How many waiting transactions share one commit on SQLite."""

in_background: Final = ContextVar("in_background", default=False)
"""Set by whoever works without anybody waiting for the answer; the others then come first."""

_NOT_OPEN: Final = "the store is not open: the process is starting or stopping"

# What the database can fail with; OSError when it cannot even be reached.
_FAILURES: Final = (SQLAlchemyError, sqlite3.Error, OSError)


class Database:
    """The store's front door: `transaction` is the only way to the tables.

    A transaction function is synchronous, takes a `Tx` first and may be run more than once, so it must
    change nothing but the database. A caller that is cancelled does not cancel its transaction.
    """

    def __init__(self, url: str, clock: Clock, *, bells: Bells | None = None) -> None:
        self.url = url
        self.bells = bells or Bells()
        self._clock = clock
        self.is_sqlite: Final = engines.is_sqlite(url)
        """Whether this process is the only one that works on the store."""
        self.postgres: Final = None if self.is_sqlite else _postgres(url, clock)
        """The connections to the server, None for SQLite."""
        self._lock = FileLock(engines.sqlite_path(url))
        self._doors: deque[Waiting] = deque()
        self._background: deque[Waiting] = deque()
        self._handed_over = asyncio.Event()
        self._thread: SqliteThread | None = None
        self._writer: asyncio.Task[None] | None = None
        self._running: set[asyncio.Task[Any]] = set()
        self._closed = True

    @property
    def sync_engine(self) -> Engine:
        """The engine that statements go through, for whoever counts them."""
        if self.postgres is not None:
            return self.postgres.engine
        if self._thread is None:
            raise StoreError(_NOT_OPEN)
        return self._thread.engine

    async def open(self) -> None:
        """Take the lock file (SQLite), bring the schema up to date and start the writer.

        Raises:
            OperatorError: when another process has the file, it lies on a network file system, the schema
                is newer than this code, or the database cannot be reached.
        """
        path = engines.sqlite_path(self.url)
        if path is not None:
            refuse_network(path)
        self._lock.acquire()
        try:
            if self.postgres is None:
                self._thread = await SqliteThread.open(self.url)
                await self._thread.run(migrate.upgrade_on)
            else:
                await self.postgres.open()
        except BaseException as error:
            await self._disconnect()
            if isinstance(error, _FAILURES):
                raise translated(error) from error
            raise
        self._closed = False
        if self._thread is not None:
            self._writer = asyncio.create_task(self._write_batches(self._thread), name="store-writer")

    async def close(self) -> None:
        """Finish what was handed over, then close; safe to call twice."""
        self._closed = True
        if self._writer is not None:
            self._handed_over.set()
            await self._writer
            self._writer = None
        if self._running:
            await asyncio.gather(*self._running, return_exceptions=True)
        await self._disconnect()

    async def _disconnect(self) -> None:
        if self._thread is not None:
            await self._thread.close()
            self._thread = None
        if self.postgres is not None:
            await self.postgres.close()
        self._lock.release()

    async def transaction(
        self, work: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `work(tx, ...)` in one transaction and return its result once it is durable.

        Raises:
            StoreError: when the database fails, or is not open.
            Whatever else `work` raises; in every case its changes are rolled back.
        """
        if self._closed:
            raise StoreError(_NOT_OPEN)

        def bound(tx: Tx) -> T:
            return work(tx, *args, **kwargs)

        if self.postgres is None:
            future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
            (self._background if in_background.get() else self._doors).append(Waiting(bound, future))
            self._handed_over.set()
            return await future
        kind = getattr(work, "__qualname__", "")
        task = asyncio.create_task(self._on_server(self.postgres, bound, kind))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def _on_server(self, server: Postgres, work: Callable[[Tx], T], kind: str) -> T:
        result, tx = await server.transaction(work, kind=kind, in_background=in_background.get())
        self._ring(tx.bells, tx.alarms)
        return result

    async def _write_batches(self, thread: SqliteThread) -> None:
        """Take turns: everybody who waits at a door, then the background until somebody does again."""
        while not self._closed or self._doors or self._background:
            await self._handed_over.wait()
            if not self._closed:
                self._handed_over.clear()
            while self._doors or self._background:
                if self._doors:
                    await self._write(thread, _first(self._doors))
                if self._background:
                    await self._write(thread, _first(self._background), gives_way=True)

    async def _write(self, thread: SqliteThread, batch: list[Waiting], *, gives_way: bool = False) -> None:
        try:
            enough = self._somebody_waits if gives_way else None
            ran = await thread.run(lambda conn: run(conn, batch, self._clock.now, enough=enough))
        except _FAILURES as error:
            for item in batch:
                settle(item.result, translated(error))
            return
        self._background.extendleft(reversed(batch[len(ran.outcomes) :]))
        for item, outcome in zip(batch, ran.outcomes, strict=False):
            settle(item.result, outcome)
        # After the answers, so that whoever asked goes on before the workers do.
        self._ring(ran.bells, ran.alarms)

    def _somebody_waits(self) -> bool:
        return bool(self._doors)

    def _ring(self, bells: set[str], alarms: set[tuple[str, float]]) -> None:
        for name in bells:
            self.bells.ring(name)
        for name, seconds in alarms:
            self.bells.ring_in(name, seconds)


def _postgres(url: str, clock: Clock) -> Postgres:
    # Its driver is an extra.
    from bot.store.postgres import Postgres

    return Postgres(url, clock)


def _first(waiting: deque[Waiting]) -> list[Waiting]:
    return [waiting.popleft() for _ in range(min(len(waiting), BATCH))]
