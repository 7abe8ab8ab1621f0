"""Savepoints on SQLite, under which several transactions share one commit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection


@contextmanager
def savepoint(conn: Connection) -> Iterator[None]:
    """Run the body so that its failure takes only its own changes back."""
    # SQLAlchemy's own savepoints cost as much as a small transaction.
    conn.exec_driver_sql("SAVEPOINT one")
    try:
        yield
    except BaseException:
        if not is_lost(conn):
            conn.exec_driver_sql("ROLLBACK TO one")
            conn.exec_driver_sql("RELEASE one")
        raise
    conn.exec_driver_sql("RELEASE one")


def is_lost(conn: Connection) -> bool:
    """Say whether SQLite has rolled the whole batch back by itself, as it does when the disk is full.

    A savepoint taken after that would begin, and its release commit, a transaction of its own.
    https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction
    """
    driver: Any = conn.connection.driver_connection
    return not driver.in_transaction
