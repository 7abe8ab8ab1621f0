"""Batches of transactions on SQLite, which share one commit and still fail each by itself."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, cast

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.errors import StoreError
from bot.store.tx import Tx

_AT_LEAST: Final = 4
"""How many transactions of the background have their turn before others interrupt them."""


@dataclass(slots=True)
class Waiting:
    """A function that waits for its transaction, and who waits for its result."""

    work: Callable[[Tx], Any]
    result: asyncio.Future[Any]


@dataclass(slots=True)
class Ran:
    """What became of a batch, in its order, and what is to be rung for."""

    outcomes: list[Any] = field(default_factory=list)
    bells: set[str] = field(default_factory=set)
    alarms: set[tuple[str, float]] = field(default_factory=set)

    def add(self, value: Any, tx: Tx) -> None:
        """Note that a function has returned."""
        self.outcomes.append(_Done(value))
        self.bells |= tx.bells
        self.alarms |= tx.alarms


class _TakenBack(Exception):
    """One function of a batch failed, so the whole batch was rolled back."""


@dataclass(slots=True)
class _Done:
    value: Any


def run(
    conn: Connection, batch: list[Waiting], now: Callable[[], float], *, enough: Callable[[], bool] | None
) -> Ran:
    """Run the functions in one transaction; when one fails, again, so that only that one is taken back.

    The batch ends early once `enough` says so, after a few at least; its outcomes are then fewer.
    """
    if len(batch) > 1:
        with suppress(_TakenBack):
            # Without savepoints, whose copies of pages cost a fifth of the work.
            return _run(conn, batch, now, enough, each=nullcontext)
    each = partial(_transaction if len(batch) == 1 else _savepoint, _driver(conn))
    return _run(conn, batch, now, enough, each=each)


def settle(future: asyncio.Future[Any], outcome: object) -> None:
    """Hand an outcome of a batch, or an error, to who waits for it."""
    with suppress(asyncio.InvalidStateError):
        if isinstance(outcome, _Done):
            future.set_result(outcome.value)
        elif isinstance(outcome, BaseException):
            future.set_exception(outcome)


def translated(error: Exception) -> StoreError:
    """Return a database's failure without the statement's parameters, which may hold what people wrote."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    translated = StoreError(f"the database failed: {type(cause).__name__}: {cause}")
    translated.__cause__ = cause
    return translated


def _run(
    conn: Connection,
    batch: list[Waiting],
    now: Callable[[], float],
    enough: Callable[[], bool] | None,
    *,
    each: Callable[[], AbstractContextManager[Any]],
) -> Ran:
    """Run each function inside `each`: a transaction of its own, a savepoint, or nothing to fall back to."""
    ran = Ran()
    alone = len(batch) == 1
    with nullcontext() if alone else _transaction(_driver(conn)):
        for item in batch:
            if _is_over(ran, enough):
                break
            tx = Tx(conn, now())
            try:
                with each():
                    done = item.work(tx)
            except Exception as error:
                if each is nullcontext:
                    raise _TakenBack from error
                if not alone and isinstance(error, SQLAlchemyError) and _is_lost(conn):
                    raise
                # Handed to the caller, who awaits the future.
                ran.outcomes.append(translated(error) if isinstance(error, SQLAlchemyError) else error)
            else:
                ran.add(done, tx)
    return ran


def _is_over(ran: Ran, enough: Callable[[], bool] | None) -> bool:
    return enough is not None and len(ran.outcomes) >= _AT_LEAST and enough()


def _driver(conn: Connection) -> sqlite3.Connection:
    driver: Any = conn.connection.driver_connection
    return cast("sqlite3.Connection", driver)


@contextmanager
def _transaction(driver: sqlite3.Connection) -> Iterator[None]:
    """Run the body in a transaction of SQLite's own; SQLAlchemy's cost as much again, and know no more."""
    # A deferred transaction that turns into a writer fails with "database is locked" whatever the time-out.
    _say(driver, "BEGIN IMMEDIATE")
    try:
        yield
        _say(driver, "COMMIT")
    except BaseException:
        if driver.in_transaction:
            _say(driver, "ROLLBACK")
        raise


@contextmanager
def _savepoint(driver: sqlite3.Connection) -> Iterator[None]:
    """Run the body so that its failure takes only its own changes back."""
    _say(driver, "SAVEPOINT one")
    try:
        yield
    except BaseException:
        if driver.in_transaction:
            _say(driver, "ROLLBACK TO one")
            _say(driver, "RELEASE one")
        raise
    _say(driver, "RELEASE one")


def _say(driver: sqlite3.Connection, words: str) -> None:
    try:
        driver.execute(words)
    except sqlite3.Error as error:
        raise DBAPIError.instance(words, None, error, sqlite3.Error) from error


def _is_lost(conn: Connection) -> bool:
    """Say whether SQLite has rolled the whole batch back by itself, as it does when the disk is full.

    A savepoint taken after that would begin, and its release commit, a transaction of its own.
    https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction
    """
    return not _driver(conn).in_transaction
