"""One connection to PostgreSQL, which takes whole transactions past SQLAlchemy's asyncio layer.

That layer costs 150 us of CPU for each statement; asyncpg itself needs 25. So statements go to asyncpg, each
prepared once for a connection. A transaction function stays an ordinary one: it runs in a greenlet, which is
left for the event loop while the server works. The few statements that are built anew each time go
through an ordinary SQLAlchemy connection over the same socket, within the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final, NoReturn, TypeAlias, TypeVar

import asyncpg
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.util.concurrency import await_, greenlet_spawn

from bot.errors import StoreError
from bot.store.tx import Tx

T = TypeVar("T")

Listeners: TypeAlias = list[Callable[[str, Sequence[Any]], None]]

# What asyncpg raises: what the server said, and what it found itself. A socket's errors are OSErrors.
_ERRORS: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

# Of the database, not of this process: replicas compare each other's times.
_CLOCK: Final = "SELECT extract(epoch FROM clock_timestamp())::float8"


class Wire:
    """A connection that is held, and the statements that it has prepared; for one transaction at a time."""

    def __init__(self, conn: Connection, listeners: Listeners) -> None:
        self._conn = conn
        self._adapter: Any = conn.connection.dbapi_connection
        self._driver: Any = conn.connection.driver_connection
        self._prepared: dict[str, Any] = {}
        self.listeners = listeners
        self.has_begun = False
        """Whether the last transaction came as far as its first statement."""

    @classmethod
    async def open(cls, engine: Engine, listeners: Listeners) -> Wire:
        """Connect; the listeners will be told of every statement that comes past here.

        Raises:
            SQLAlchemyError: when the server does not let us in.
            OSError: when it cannot be reached.
        """
        # What goes through SQLAlchemy must not begin or end anything: it stands within our own BEGIN.
        conn = await greenlet_spawn(lambda: engine.connect().execution_options(isolation_level="AUTOCOMMIT"))
        return cls(conn, listeners)

    @property
    def is_usable(self) -> bool:
        """Whether the connection stands, with no transaction left open on it, as far as is known."""
        return not (self._driver.is_closed() or self._driver.is_in_transaction() or self._conn.invalidated)

    async def transaction(self, work: Callable[[Tx], T]) -> tuple[T, Tx]:
        """Run `work` in a transaction and return what it returns once that is durable.

        Raises:
            SQLAlchemyError: when the database fails.
            OSError: when the connection does.
            Whatever else `work` raises; in every case its changes are taken back.
        """
        self.has_begun = False
        return await greenlet_spawn(self._transact, work)

    async def close(self) -> None:
        """Let the connection go, at once when it is not usable any more."""
        if not self.is_usable:
            self._driver.terminate()
        await greenlet_spawn(self._conn.close)

    def execute(self, text: str, values: Sequence[Any]) -> tuple[Sequence[Any], str]:
        """Run a statement with `$1` for its values; return its rows and the server's word on it.

        Raises:
            DBAPIError: as SQLAlchemy raises it.
        """
        self._tell(text, values)
        try:
            prepared = self._prepared.get(text)
            if prepared is None:
                prepared = self._prepared[text] = await_(self._driver.prepare(text))
            rows = await_(prepared.fetch(*values))
        except _ERRORS as error:
            self._fail(text, error)
        return rows, prepared.get_statusmsg()

    def _transact(self, work: Callable[[Tx], T]) -> tuple[T, Tx]:
        self._order("BEGIN")
        try:
            rows, _ = self.execute(_CLOCK, ())
            self.has_begun = True
            tx = Tx(self._conn, rows[0][0], wire=self)
            result = work(tx)
            self._commit()
        except BaseException:
            self._take_back()
            raise
        self._settle_sqlalchemy()
        return result, tx

    def _commit(self) -> None:
        # Asked to commit what has failed before, the server takes it back and does not call that an error.
        if self._order("COMMIT") != "COMMIT":
            raise StoreError("the database took the transaction back, because a statement had failed")

    def _take_back(self) -> None:
        self._settle_sqlalchemy()
        if not self._driver.is_closed() and self._driver.is_in_transaction():
            # If even that fails, the server does it when the connection is closed, and what failed first is
            # what there is to be told.
            with suppress(SQLAlchemyError, OSError):
                self._order("ROLLBACK")

    def _settle_sqlalchemy(self) -> None:
        # What it takes for its transaction; nothing goes to the server for it.
        if self._conn.in_transaction():
            self._conn.rollback()

    def _order(self, command: str) -> str:
        self._tell(command)
        try:
            status: str = await_(self._driver.execute(command))
        except _ERRORS as error:
            self._fail(command, error)
        return status

    def _tell(self, text: str, values: Sequence[Any] = ()) -> None:
        for listener in self.listeners:
            listener(text, values)

    def _fail(self, text: str, error: Exception) -> NoReturn:
        dialect: Any = self._conn.dialect
        try:
            self._adapter._handle_exception(error)  # noqa: SLF001 - its table of asyncpg's errors
        except dialect.dbapi.Error as translated:
            raise DBAPIError.instance(
                text, None, translated, dialect.dbapi.Error, hide_parameters=True, dialect=dialect
            ) from error
        raise error
