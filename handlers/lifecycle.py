"""The doors for what Slack says of the app itself: that it was taken out of a workspace.

https://docs.slack.dev/reference/events/app_uninstalled
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt import BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext

from bot.services import workspaces
from bot.store.database import Database
from bot.workers.accounts import Accounts
from bot.workers.tokens import Tokens
from handlers.replying import afterwards

Next = Callable[[], Awaitable[BoltResponse]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """What happens to installations, where several workspaces have one."""

    store: Database
    tokens: Tokens
    accounts: Accounts

    async def learn(self, body: Mapping[str, Any], context: AsyncBoltContext, next_: Next) -> BoltResponse:
        """Remember that a workspace has the app from its organization; a middleware of Bolt's."""
        enterprise_id, team_id = context.enterprise_id, _team(body)
        if context.is_enterprise_install and enterprise_id and team_id:
            await self.tokens.learn(team_id=team_id, enterprise_id=enterprise_id)
        return await next_()

    async def uninstalled(self, body: Mapping[str, Any], context: AsyncBoltContext) -> None:
        """Forget every token of the workspace at once, Mux's too, and end its jobs without a word."""
        await self._leave(body, context, with_mux=True)

    async def revoked(
        self, body: Mapping[str, Any], event: Mapping[str, Any], context: AsyncBoltContext
    ) -> None:
        """Forget a bot token that was taken away; people's own tokens we never have."""
        tokens = event.get("tokens")
        if isinstance(tokens, Mapping) and tokens.get("bot"):
            await self._leave(body, context, with_mux=False)

    async def _leave(self, body: Mapping[str, Any], context: AsyncBoltContext, *, with_mux: bool) -> None:
        place = _place(body)
        left = await self.store.transaction(
            workspaces.uninstalled,
            place,
            at=_number(body.get("event_time")),
            event_id=str(body.get("event_id", "")),
            with_mux=with_mux,
        )
        if left is None:
            log.info("slack.uninstall_ignored", place=place)
            return
        self.tokens.forget(place)
        log.warning("slack.uninstalled", place=place, environments=len(left))
        for environment in left:
            self.accounts.forget(environment.team_id)

        async def withdraw() -> None:
            for environment in left:
                await self.accounts.withdraw(environment)

        afterwards(context, withdraw)


async def authorize(enterprise_id: str | None, team_id: str | None, **_others: Any) -> AuthorizeResult:
    """Let Bolt's listeners have every request, without a token: they ask for it themselves.

    So nothing is sent for a request, and no token of one workspace or person can reach another one.
    """
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)


def _team(body: Mapping[str, Any]) -> str:
    """Return the workspace where it happened; of an organization's installation Bolt does not tell it."""
    team, user = body.get("team") or {}, body.get("user") or {}
    inside = team.get("id") if isinstance(team, Mapping) else ""
    home = user.get("team_id") if isinstance(user, Mapping) else ""
    return str(body.get("team_id") or inside or home or "")


def _place(body: Mapping[str, Any]) -> str:
    """Return the workspace, or the organization if that had installed the app for all of its own."""
    told: Mapping[str, Any] = next(iter(body.get("authorizations") or ()), {})
    whole = told.get("is_enterprise_install") is True or body.get("is_enterprise_install") is True
    enterprise = str(told.get("enterprise_id") or body.get("enterprise_id") or "")
    team = str(told.get("team_id") or body.get("team_id") or "")
    return enterprise if enterprise and (whole or not team) else team


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
