"""Runs transactions on PostgreSQL side by side, those that somebody waits for before the others."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool
from sqlalchemy.util.concurrency import greenlet_spawn

from bot.clock import Clock
from bot.errors import StoreError
from bot.store import migrate
from bot.store.batches import translated
from bot.store.turns import Turns
from bot.store.tx import Tx
from bot.store.wire import Listeners, Wire

T = TypeVar("T")

# As long as SQLAlchemy's pools let one wait; whoever asked is told to try again rather than forgotten.
_PATIENCE_SECONDS: Final = 30.0

# A server that does not even answer would hold everybody up for asyncpg's minute.
_CONNECT_SECONDS: Final = 10.0

# Serialization failure, deadlock, lock not available; and a unique key that another transaction took
# meanwhile, which the next try finds and joins. https://www.postgresql.org/docs/15/errcodes-appendix.html
_RETRIED: Final = frozenset({"40001", "40P01", "55P03", "23505"})
_TRIES: Final = 5


class Postgres:
    """The connections of this process to its server, made when they are first needed and then kept."""

    def __init__(self, url: str, clock: Clock) -> None:
        # Used in greenlets only, as SQLAlchemy's own asyncio engine does it, which would bring its ORM along.
        self.engine: Engine = create_engine(
            url, poolclass=NullPool, connect_args={"timeout": _CONNECT_SECONDS}
        )
        self.listeners: Listeners = []
        """Are told every statement that does not go through `engine`; for whoever counts them."""
        self._clock = clock
        self._turns = Turns(_PATIENCE_SECONDS)
        self._idle: list[Wire] = []
        self._random = random.Random()  # noqa: S311 - jitter, not a secret

    async def open(self) -> None:
        """Bring the schema up to date.

        Raises:
            OperatorError: when the schema is newer than this code.
            SQLAlchemyError: when the server does not let us in.
            OSError: when it cannot be reached.
        """

        def upgrade() -> None:
            with self.engine.connect() as conn:
                migrate.upgrade_on(conn)

        await greenlet_spawn(upgrade)

    async def close(self) -> None:
        """Close the connections; no transaction may be under way."""
        while self._idle:
            await self._idle.pop().close()

    async def transaction(self, work: Callable[[Tx], T], *, kind: str, in_background: bool) -> tuple[T, Tx]:
        """Run `work` when it is its turn, again when it met another transaction, and return its result.

        Works of different `kind`s take turns.

        Raises:
            StoreError: when the database fails, or is busy with others for too long.
            Whatever else `work` raises; in every case its changes are taken back.
        """
        try:
            await self._turns.take(kind, in_background=in_background)
        except TimeoutError as error:
            raise StoreError(f"the database was busy for {_PATIENCE_SECONDS:.0f} s") from error
        try:
            return await self._retry(work)
        finally:
            self._turns.give_back(in_background=in_background)

    async def _retry(self, work: Callable[[Tx], T]) -> tuple[T, Tx]:
        failed = 0
        while True:
            try:
                return await self._run(work)
            except (SQLAlchemyError, OSError) as error:
                failed += 1
                if _sqlstate(error) not in _RETRIED or failed == _TRIES:
                    raise translated(error) from error
                await self._clock.sleep(self._random.uniform(0.0025, 0.01) * 2**failed)

    async def _run(self, work: Callable[[Tx], T]) -> tuple[T, Tx]:
        while self._idle:
            kept = self._idle.pop()
            try:
                return await self._run_on(kept, work)
            except (SQLAlchemyError, OSError):
                # It was lost while nobody used it, so nothing has happened and another one will do.
                if kept.has_begun:
                    raise
        return await self._run_on(await Wire.open(self.engine, self.listeners), work)

    async def _run_on(self, wire: Wire, work: Callable[[Tx], T]) -> tuple[T, Tx]:
        try:
            outcome = await wire.transaction(work)
        except BaseException as error:
            is_databases = isinstance(error, SQLAlchemyError | OSError)
            # What a connection has prepared may be what failed, except when others were in the way.
            await self._put_back(wire, keep=not is_databases or _sqlstate(error) in _RETRIED)
            raise
        await self._put_back(wire, keep=True)
        return outcome

    async def _put_back(self, wire: Wire, *, keep: bool) -> None:
        if keep and wire.is_usable:
            self._idle.append(wire)
        else:
            await wire.close()


def _sqlstate(error: BaseException) -> str | None:
    return getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
