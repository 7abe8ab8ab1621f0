"""Runs transactions on PostgreSQL side by side, those that somebody waits for before the others."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool
from sqlalchemy.util.concurrency import greenlet_spawn

from bot.clock import Clock
from bot.store import migrate
from bot.store.batches import translated
from bot.store.tx import Tx
from bot.store.wire import Listeners, Wire

T = TypeVar("T")

_AT_DOORS: Final = 8
_IN_BACKGROUND: Final = 8
"""How many transactions run at the same time, for somebody who waits and for nobody."""

_BESIDE_DOORS: Final = 4
"""How many of the background may run while somebody waits; no other begins before."""

# Serialization failure, deadlock, lock not available; and a unique key that another transaction took
# meanwhile, which the next try finds and joins. https://www.postgresql.org/docs/15/errcodes-appendix.html
_RETRIED: Final = frozenset({"40001", "40P01", "55P03", "23505"})
_TRIES: Final = 5


class Postgres:
    """The connections of this process to its server, made when they are first needed and then kept."""

    def __init__(self, url: str, clock: Clock) -> None:
        # Used in greenlets only, as SQLAlchemy's own asyncio engine does it, which would bring its ORM along.
        self.engine: Engine = create_engine(url, poolclass=NullPool)
        self.listeners: Listeners = []
        """Are told every statement that does not go through `engine`; for whoever counts them."""
        self._clock = clock
        self._turns = _Turns()
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

    async def transaction(self, work: Callable[[Tx], T], *, in_background: bool) -> tuple[T, Tx]:
        """Run `work` when it is its turn, again when it met another transaction, and return its result.

        Raises:
            StoreError: when the database fails.
            Whatever else `work` raises; in every case its changes are taken back.
        """
        await self._turns.take(in_background=in_background)
        try:
            return await self._retry(work)
        finally:
            self._turns.give_back(in_background=in_background)

    async def _retry(self, work: Callable[[Tx], T]) -> tuple[T, Tx]:
        for attempt in range(_TRIES):
            try:
                return await self._run(work)
            except (SQLAlchemyError, OSError) as error:
                if _sqlstate(error) not in _RETRIED or attempt == _TRIES - 1:
                    raise translated(error) from error
                await self._clock.sleep(self._random.uniform(0.005, 0.02) * 2**attempt)
        raise AssertionError("unreachable")  # pragma: no cover - the loop returns or raises

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


class _Turns:
    """Says who may run next: whoever stands at a door, and the background as far as it disturbs nobody."""

    def __init__(self) -> None:
        self._running = {False: 0, True: 0}
        self._waiting: dict[bool, deque[asyncio.Future[None]]] = {False: deque(), True: deque()}

    async def take(self, *, in_background: bool) -> None:
        """Wait until a transaction of this kind may run."""
        if self._has_room(in_background=in_background) and not self._waiting[in_background]:
            self._running[in_background] += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting[in_background].append(turn)
        await turn

    def give_back(self, *, in_background: bool) -> None:
        """Note that a transaction of this kind is over, and let others run."""
        self._running[in_background] -= 1
        for kind, waiting in self._waiting.items():
            while waiting and self._has_room(in_background=kind):
                self._running[kind] += 1
                waiting.popleft().set_result(None)

    def _has_room(self, *, in_background: bool) -> bool:
        if not in_background:
            return self._running[False] < _AT_DOORS
        return self._running[True] < (_BESIDE_DOORS if self._running[False] else _IN_BACKGROUND)


def _sqlstate(error: BaseException) -> str | None:
    return getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
