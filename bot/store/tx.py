"""One transaction, as the functions of this room and the services see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert


@dataclass(slots=True)
class Tx:
    """An open transaction: its connection, its time, and the bells to ring once it is committed.

    `now` is in seconds since the epoch: the database's clock on PostgreSQL, the process's on SQLite.
    It stays the same for the whole transaction.
    """

    conn: Connection
    now: float
    bells: set[str] = field(default_factory=set)

    @property
    def alone(self) -> bool:
        """Whether no other transaction can run at the same time, so that rows need no locks."""
        return self.conn.dialect.name == "sqlite"

    def ring(self, name: str) -> None:
        """Ring the bell `name` after the commit."""
        self.bells.add(name)

    def insert_once(
        self, table: Table, values: Mapping[str, Any] | Sequence[Mapping[str, Any]], *, on: Sequence[str]
    ) -> int:
        """Insert rows that the unique columns `on` do not hold yet; return how many were new."""
        insert = pg_insert if self.conn.dialect.name == "postgresql" else sqlite_insert
        statement = insert(table).values(values).on_conflict_do_nothing(index_elements=list(on))
        return self.conn.execute(statement).rowcount

    def upsert(
        self, table: Table, values: Mapping[str, Any], *, on: Sequence[str], change: Mapping[str, Any]
    ) -> None:
        """Insert a row, or apply `change` to the one with the same unique columns `on`."""
        insert = pg_insert if self.conn.dialect.name == "postgresql" else sqlite_insert
        statement = insert(table).values(values)
        self.conn.execute(statement.on_conflict_do_update(index_elements=list(on), set_=dict(change)))

    def replace_all(self, table: Table, rows: Sequence[Mapping[str, Any]], *, on: Sequence[str]) -> None:
        """Insert rows in one statement; those whose unique columns `on` are there already are replaced."""
        insert = pg_insert if self.conn.dialect.name == "postgresql" else sqlite_insert
        statement = insert(table).values(list(rows))
        new = {name: statement.excluded[name] for name in rows[0] if name not in on}
        self.conn.execute(statement.on_conflict_do_update(index_elements=list(on), set_=new))
