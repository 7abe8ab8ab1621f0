"""One transaction, as the functions of this room and the services see it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Executable, Insert, Table

from bot.store import engines, prepared
from bot.store.prepared import Rows

if TYPE_CHECKING:
    from bot.store.wire import Wire

_SOON_SECONDS: Final = 60.0


@dataclass(slots=True)
class Tx:
    """An open transaction: its connection, its time, and the bells to ring once it is committed.

    `now` is in seconds since the epoch: the database's clock on PostgreSQL, the process's on SQLite.
    It stays the same for the whole transaction.
    """

    conn: Connection
    now: float
    bells: set[str] = field(default_factory=set)
    alarms: set[tuple[str, float]] = field(default_factory=set)
    """(bell, seconds from `now`) for what becomes due a little later."""
    wire: Wire | None = None
    """PostgreSQL's connection, when the transaction runs on one that takes statements past SQLAlchemy."""
    _driver: sqlite3.Connection | Wire | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._driver = self.wire
        if self.wire is None:
            driver = self.conn.connection.driver_connection
            self._driver = driver if isinstance(driver, sqlite3.Connection) else None

    @property
    def alone(self) -> bool:
        """Whether no other transaction can run at the same time, so that rows need no locks."""
        return self.conn.dialect.name == "sqlite"

    def run(self, statement: Executable, /, **parameters: Any) -> Rows:
        """Execute a statement that was built once and lives as long as the process.

        The parameters are its bound ones, and for an insert or update also the columns to set. Any other
        statement goes through `conn`.
        """
        return prepared.run(self.conn, self._driver, statement, parameters)

    def ring(self, name: str) -> None:
        """Ring the bell `name` after the commit."""
        self.bells.add(name)

    def hush(self, name: str) -> None:
        """Take back a ring of this transaction, because it has itself dealt with what it rang for."""
        self.bells.discard(name)

    def ring_at(self, name: str, at: float) -> None:
        """Ring the bell `name` at a time of this transaction's clock, right after the commit if it is past.

        What is due in more than a minute is left to those who look at the clock.
        """
        if at <= self.now:
            self.bells.add(name)
        elif at - self.now < _SOON_SECONDS:
            self.alarms.add((name, at - self.now))

    def insert_once(self, table: Table, values: Mapping[str, Any], *, on: tuple[str, ...]) -> bool:
        """Insert a row, unless the unique columns `on` hold it already; say whether it was new."""
        statement = _insert_once(self.conn.dialect.name, table, on)
        return self.run(statement, **values).rowcount == 1

    def replace_all(self, table: Table, rows: Sequence[Mapping[str, Any]], *, on: Sequence[str]) -> None:
        """Insert rows in one statement; those whose unique columns `on` are there already are replaced."""
        statement = engines.insert(self.conn.dialect.name)(table).values(list(rows))
        new = {name: statement.excluded[name] for name in rows[0] if name not in on}
        self.conn.execute(statement.on_conflict_do_update(index_elements=list(on), set_=new))


# Building a statement costs SQLAlchemy five times what running it does, so each is built once.
@cache
def _insert_once(dialect: str, table: Table, on: tuple[str, ...]) -> Insert:
    statement: Insert = engines.insert(dialect)(table).on_conflict_do_nothing(index_elements=on)
    return statement
