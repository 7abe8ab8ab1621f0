"""Whose bot token a request to Slack carries, where several workspaces have installed the app."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import Final

import structlog

from bot.clock import Clock
from bot.errors import NotDone, SlackRefused, VendorError
from bot.services import workspaces
from bot.services.workspaces import Held
from bot.slack.apps import SlackApps
from bot.slack.tokens import NOT_INSTALLED
from bot.store.database import Database
from bot.vault import Vault

CACHE_SECONDS: Final = 60.0
"""How long another process may still use a token after it was taken away; Slack refuses it by then."""

AHEAD_SECONDS: Final = 2 * 3_600.0
"""How long before its end a token is refreshed; it lives for twelve hours."""

_LOCK_SECONDS: Final = 30.0
_LOOK_SECONDS: Final = 0.1
_PATIENCE_SECONDS: Final = 8.0
# https://docs.slack.dev/authentication/using-token-rotation
_SPENT: Final = frozenset({"invalid_refresh_token", "token_expired", "token_revoked", "invalid_auth"})

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    place: str
    token: str = field(repr=False)
    until: float


class Tokens:
    """Bot tokens by workspace, and only those: read from the store, refreshed in time, one at a time.

    A call is a `TokenOf`. However many processes want a token that is about to end, one of them refreshes it.
    """

    def __init__(
        self,
        store: Database,
        apps: SlackApps,
        vault: Vault,
        clock: Clock,
        *,
        client_id: str,
        client_secret: str,
    ) -> None:
        self._store = store
        self._apps = apps
        self._vault = vault
        self._clock = clock
        self._client = {"client_id": client_id, "client_secret": client_secret}
        self._known: dict[str, _Known] = {}
        self._joined: set[str] = set()
        self._turns: dict[str, asyncio.Lock] = {}

    async def __call__(self, team_id: str) -> str:
        """Return a workspace's bot token.

        Raises:
            SlackRefused: `not_authed`, where the app is not installed (any more).
            NotDone: when a token has to be refreshed first and that did not come about.
            OutcomeUnknown: when nobody knows what became of that.
        """
        known = self._known.get(team_id)
        if known is not None and self._clock.monotonic() < known.until:
            return known.token
        held = await self._store.transaction(workspaces.held, team_id)
        if held is None:
            self.forget(team_id)
            raise SlackRefused("not_authed", method=NOT_INSTALLED)
        token, lasts_seconds = await self._fresh(held)
        self._known[team_id] = _Known(
            place=held.installation.place,
            token=token,
            until=self._clock.monotonic() + min(CACHE_SECONDS, max(lasts_seconds, 0.0)),
        )
        return token

    def forget(self, place: str) -> None:
        """Forget the tokens of a workspace, or of every workspace of an organization, at once."""
        gone = [team for team, known in self._known.items() if place in (team, known.place)]
        for team_id in gone:
            del self._known[team_id]
        self._joined.discard(place)

    async def learn(self, *, team_id: str, enterprise_id: str) -> None:
        """Note that a workspace uses its organization's installation; free after the first time."""
        if team_id not in self._joined:
            await self._store.transaction(workspaces.join, team_id=team_id, enterprise_id=enterprise_id)
            self._joined.add(team_id)

    async def _fresh(self, held: Held) -> tuple[str, float]:
        """Return a token that is not about to end, and how long it lasts in seconds."""
        if _lasts(held) > AHEAD_SECONDS:
            return self._open(held), _lasts(held)
        turn = self._turns.setdefault(held.installation.place, asyncio.Lock())
        async with turn:
            return await self._in_turn(held)

    async def _in_turn(self, held: Held) -> tuple[str, float]:
        owner = secrets.token_hex(8)
        place = held.installation.place
        deadline = self._clock.monotonic() + _PATIENCE_SECONDS
        while self._clock.monotonic() < deadline:
            mine = await self._store.transaction(
                workspaces.begin_refresh, place, owner=owner, seconds=_LOCK_SECONDS
            )
            if mine is not None:
                return await self._refresh(mine, owner)
            # Another process is at it; until it is done, what is there is good enough if it still works.
            stored = await self._store.transaction(workspaces.held, place)
            if stored is None:
                raise SlackRefused("not_authed", method=NOT_INSTALLED)
            if _lasts(stored) > 0:
                return self._open(stored), min(_lasts(stored), 1.0)
            await self._clock.sleep(_LOOK_SECONDS)
        raise NotDone("another process has not refreshed the token yet")

    async def _refresh(self, held: Held, owner: str) -> tuple[str, float]:
        place = held.installation.place
        sealed = held.installation.refresh_token
        if _lasts(held) > AHEAD_SECONDS or sealed is None:
            await self._store.transaction(workspaces.leave_refresh, place, owner=owner)
            return self._open(held), _lasts(held)
        try:
            grant = await self._apps.refresh(self._vault.open(sealed), **self._client)
        except VendorError as error:
            await self._store.transaction(workspaces.leave_refresh, place, owner=owner)
            log.warning("slack.token_not_refreshed", place=place, error=str(error))
            if _lasts(held) > 0:
                return self._open(held), min(_lasts(held), CACHE_SECONDS)
            if isinstance(error, SlackRefused) and error.code in _SPENT:
                raise SlackRefused("token_expired", method=error.method) from error
            raise
        await self._store.transaction(
            workspaces.end_refresh,
            place,
            owner=owner,
            token=self._vault.seal(grant.token),
            refresh_token=self._vault.seal(grant.refresh_token),
            expires_in=grant.expires_in,
        )
        log.info("slack.token_refreshed", place=place)
        return grant.token, grant.expires_in or CACHE_SECONDS

    def _open(self, held: Held) -> str:
        return self._vault.open(held.installation.token or "")


def _lasts(held: Held) -> float:
    expires_at = held.installation.expires_at
    return float("inf") if expires_at is None else expires_at - held.now
