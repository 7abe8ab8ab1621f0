"""What counts statements, pools and what is constructed."""

from __future__ import annotations

import gc
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

import aiohttp
import httpx
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_base_client import AsyncBaseClient
from sqlalchemy import Engine, event

from bot.mux.client import MuxClient
from bot.slack.client import SlackClient
from bot.store.database import Database
from bot.store.sqlite_thread import SqliteThread
from bot.store.tx import Tx

_TURNS: Final = frozenset({"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE"})


class Meter:
    """Counts what reaches the database: on SQLite its own trace, on PostgreSQL what goes over the wire."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.commits = 0

    async def watch(self, store: Database) -> None:
        def trace(tx: Tx) -> None:
            driver = tx.conn.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            driver.set_trace_callback(self._hear)

        if store.is_sqlite:
            await store.transaction(trace)
        else:
            # Those that are built anew each time go through SQLAlchemy, the others and all turns do not.
            event.listen(store.sync_engine, "before_cursor_execute", self._execute)
            store.postgres.listeners.append(lambda statement, _values: self._hear(statement))
        self.read()

    def read(self) -> tuple[int, int]:
        """Return the statements and commits since the last reading."""
        counted = len(self.statements), self.commits
        self.statements.clear()
        self.commits = 0
        return counted

    def _hear(self, statement: str) -> None:
        word = statement.split(maxsplit=1)[0].upper()
        self.commits += word == "COMMIT"
        if word not in _TURNS:
            self.statements.append(statement)

    def _execute(self, _conn, _cursor, statement, _parameters, _context, _many) -> None:
        self.statements.append(statement)


def pools() -> Counter[str]:
    """Count the connection pools and their transports that exist in this process."""
    kinds = (aiohttp.ClientSession, aiohttp.BaseConnector, httpx.AsyncHTTPTransport)
    return Counter(type(thing).__name__ for thing in gc.get_objects() if isinstance(thing, kinds))


@contextmanager
def constructed() -> Iterator[Counter[str]]:
    """Count what is made anew of the things that a request could share with every other one."""
    watched = {
        kind.__init__.__code__: kind.__name__
        for kind in (
            aiohttp.ClientSession,
            aiohttp.TCPConnector,
            AsyncApp,
            AsyncBaseClient,
            AsyncBoltRequest,
            BoltResponse,
            Database,
            Engine,
            httpx.AsyncClient,
            MuxClient,
            SignatureVerifier,
            SlackClient,
            SqliteThread,
        )
    }
    made: Counter[str] = Counter()

    def hear(frame: FrameType, what: str, _given: object) -> None:
        if what == "call" and frame.f_code in watched:
            made[watched[frame.f_code]] += 1

    sys.setprofile(hear)
    try:
        yield made
    finally:
        sys.setprofile(None)
