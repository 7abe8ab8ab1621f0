"""Runs statements that were built once past SQLAlchemy's execution of them.

That execution costs 15 to 40 us of CPU for each statement on SQLite, of which SQLite itself needs 2, and
150 us on PostgreSQL, of which asyncpg needs 25; a request for captions takes five. So a statement is
compiled by SQLAlchemy once, and its text goes to the database's own driver from then on.
"""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Double, Integer, String
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError, MultipleResultsFound, NoResultFound
from sqlalchemy.sql.elements import CompilerElement
from sqlalchemy.types import NullType

if TYPE_CHECKING:
    from bot.store.wire import Wire

_PLAIN: Final = (String, Integer, Double, NullType)
"""Types whose values both databases take and give as they are."""

_MOST: Final = 512
"""How many statements are remembered; the store has about a hundred."""


class Rows:
    """What a statement gave: its rows, and how many it changed."""

    __slots__ = ("_rows", "rowcount")

    def __init__(self, rows: Sequence[Any], rowcount: int) -> None:
        self._rows = rows
        self.rowcount = rowcount

    def __iter__(self) -> Iterator[Any]:
        """Go through the rows, whose columns are attributes."""
        return iter(self._rows)

    def one_or_none(self) -> Any:
        """Return the row, None when there is none.

        Raises:
            MultipleResultsFound: when there are several.
        """
        if len(self._rows) > 1:
            raise MultipleResultsFound("one row was expected, there are several")
        return self._rows[0] if self._rows else None

    def one(self) -> Any:
        """Return the only row.

        Raises:
            NoResultFound: when there is none.
            MultipleResultsFound: when there are several.
        """
        row = self.one_or_none()
        if row is None:
            raise NoResultFound("one row was expected, there is none")
        return row

    def value(self) -> Any:
        """Return the first column of the row, None when there is no row."""
        row = self.one_or_none()
        return None if row is None else row[0]

    def column(self) -> list[Any]:
        """Return the first column of every row."""
        return [row[0] for row in self._rows]


def run(
    conn: Connection,
    driver: sqlite3.Connection | Wire | None,
    statement: Any,
    parameters: Mapping[str, Any],
) -> Rows:
    """Execute a statement that lives as long as the process; `driver` is the database's own connection.

    Raises:
        DBAPIError: in either case, as SQLAlchemy raises it.
    """
    compiled = None if driver is None else _compiled(statement, tuple(parameters), conn.dialect)
    if driver is None or compiled is None:
        result = conn.execute(statement, dict(parameters))
        return Rows(result.all() if result.returns_rows else (), result.rowcount)
    return compiled.run(driver, parameters)


class _Compiled:
    """A statement as a database takes it: its text, and where each of its values comes from."""

    __slots__ = ("_fixed", "_make", "_names", "_text")

    def __init__(self, text: str, names: Sequence[str], fixed: Mapping[str, Any]) -> None:
        self._text = text
        self._names = names
        self._fixed = fixed
        self._make: Callable[[Any], Any] | None = None

    def run(self, driver: Any, parameters: Mapping[str, Any]) -> Rows:
        """Execute it on the database's own connection."""
        given = {**self._fixed, **parameters} if self._fixed else parameters
        return self._execute(driver, [given[name] for name in self._names])

    def _execute(self, driver: Any, values: list[Any]) -> Rows:
        raise NotImplementedError

    def _shaped(self, rows: Sequence[Any], names: Iterable[str]) -> list[Any]:
        if self._make is None:
            named: Any = namedtuple  # noqa: PYI024 - the fields are known here only
            self._make = named("Row", list(names), rename=True)._make
        return list(map(self._make, rows))


class _OnSqlite(_Compiled):
    __slots__ = ()

    def _execute(self, driver: sqlite3.Connection, values: list[Any]) -> Rows:
        try:
            cursor = driver.execute(self._text, values)
            rows = cursor.fetchall() if cursor.description else ()
        except sqlite3.Error as error:
            raise DBAPIError.instance(
                self._text, values, error, sqlite3.Error, hide_parameters=True
            ) from error
        if not rows:
            return Rows((), cursor.rowcount)
        return Rows(self._shaped(rows, (column[0] for column in cursor.description)), cursor.rowcount)


class _OnPostgres(_Compiled):
    __slots__ = ()

    def _execute(self, driver: Wire, values: list[Any]) -> Rows:
        rows, status = driver.execute(self._text, values)
        # https://www.postgresql.org/docs/15/protocol-message-formats.html (CommandComplete): "INSERT 0 1"
        changed = int(status.rpartition(" ")[2])
        return Rows(self._shaped(rows, rows[0].keys()) if rows else (), changed)


@lru_cache(maxsize=_MOST)
def _compiled(statement: CompilerElement, given: tuple[str, ...], dialect: Dialect) -> _Compiled | None:
    """Compile a statement for the parameters that it is given; None when SQLAlchemy has to do more."""
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(given))
    taken = all(isinstance(bind.type, _PLAIN) for bind in compiled.binds.values())
    if compiled.post_compile_params or compiled.literal_execute_params or not taken:
        return None
    fixed = {name: compiled.params[name] for name in compiled.positiontup if name not in given}
    kind = _OnSqlite if dialect.name == "sqlite" else _OnPostgres
    return kind(str(compiled), tuple(compiled.positiontup), fixed)
