"""Keeps the lists of assets fresh of every environment that is connected."""

from __future__ import annotations

from bot.clock import Clock
from bot.mux.accounts import MuxOf
from bot.mux.videos import Page
from bot.services import environments
from bot.store.database import Database
from bot.workers.catalogue import Catalogue


class Catalogues:
    """One `Catalogue` for each environment, made when it is connected and dropped when it is not."""

    bell = "catalogue"

    def __init__(self, store: Database, mux_of: MuxOf, clock: Clock) -> None:
        self._store = store
        self._mux_of = mux_of
        self._clock = clock
        self._each: dict[str, Catalogue] = {}

    def want(self, account: str) -> None:
        """Say that somebody is about to look at an environment's list; returns at once."""
        found = self._each.get(account)
        if found is not None:
            found.want()

    async def step(self) -> int:
        """Ask Mux about every environment for which that is due; say how many assets were new or changed."""
        connected = await self._store.transaction(environments.connected)
        names = {environment.account for environment in connected}
        self._each = {account: self._each.get(account) or self._made(account) for account in sorted(names)}
        return sum([await each.step() for each in self._each.values()])

    async def due_in(self) -> float | None:
        """Return the seconds until Mux is to be asked next; None while nothing is connected."""
        spans = [span for each in self._each.values() if (span := await each.due_in()) is not None]
        return min(spans, default=None)

    def _made(self, account: str) -> Catalogue:
        return Catalogue(self._store, _Assets(self._mux_of, account), self._clock, account=account)


class _Assets:
    def __init__(self, mux_of: MuxOf, account: str) -> None:
        self._mux_of = mux_of
        self._account = account

    async def assets(self, cursor: str | None = None) -> Page:
        """Return one page of the environment, newest first."""
        return await (await self._mux_of(self._account)).assets(cursor)
