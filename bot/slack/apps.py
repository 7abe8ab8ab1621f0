"""What an app asks Slack for with its own credentials: sockets, and what installs it in a workspace."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import OutcomeUnknown
from bot.slack.calls import asked, call, web_client
from bot.slack.values import word


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What Slack gives an app when it is installed, or when a token is refreshed.

    Without `team_id` a whole organization installed it. `expires_in` is in seconds, None for a token that
    does not expire. Secrets never appear in a repr.
    """

    token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    expires_in: float | None = None
    team_id: str = ""
    team_name: str = ""
    enterprise_id: str = ""
    enterprise_name: str = ""
    bot_user_id: str = ""
    installer_id: str = ""
    scopes: frozenset[str] = frozenset()


class SlackApps:
    """Slack's Web API for the app itself; the errors are those of `SlackClient`."""

    def __init__(self, web: AsyncWebClient) -> None:
        self._web = web

    # https://docs.slack.dev/reference/methods/apps.connections.open
    async def connections_open(self, app_token: str) -> str:
        """Return an address at which one socket can be opened, once and soon."""
        answer = (await call(self._web, "apps.connections.open", app_token, {})).data
        url = word(answer.get("url"))
        if not url.startswith(("wss://", "ws://")):
            raise OutcomeUnknown("Slack answered apps.connections.open without an address")
        return url

    # https://docs.slack.dev/reference/methods/oauth.v2.access
    async def exchange(self, code: str, *, redirect_uri: str, client_id: str, client_secret: str) -> Grant:
        """Turn the code of one installation into tokens; a code works once, within ten minutes."""
        return await self._access(
            {"code": code, "redirect_uri": redirect_uri}, client_id=client_id, client_secret=client_secret
        )

    # https://docs.slack.dev/authentication/using-token-rotation
    async def refresh(self, refresh_token: str, *, client_id: str, client_secret: str) -> Grant:
        """Turn a refresh token into new ones; it works once."""
        return await self._access(
            {"grant_type": "refresh_token", "refresh_token": refresh_token},
            client_id=client_id,
            client_secret=client_secret,
        )

    async def _access(self, form: dict[str, str], *, client_id: str, client_secret: str) -> Grant:
        # The credentials travel as Basic auth and the rest in the body, so that no address holds a secret.
        # They are not given to slack-sdk, which makes a header of them in a way that aiohttp gives up.
        basic = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        answer = await asked(
            self._web, "oauth.v2.access", data=form, headers={"Authorization": f"Basic {basic}"}
        )
        return read_grant(answer.data)


def connect(base_url: str, session: aiohttp.ClientSession) -> SlackApps:
    """Return a client of the Web API at `base_url` over `session`, which its caller closes."""
    return SlackApps(web_client(base_url, session))


def read_grant(answer: Mapping[str, Any]) -> Grant:
    """Read what oauth.v2.access answered.

    Raises:
        OutcomeUnknown: when there is no bot token in it.
    """
    token = word(answer.get("access_token"))
    if not token:
        raise OutcomeUnknown("Slack answered oauth.v2.access without a bot token")
    team, enterprise = _object(answer, "team"), _object(answer, "enterprise")
    by_organization = answer.get("is_enterprise_install") is True
    expires_in = answer.get("expires_in")
    return Grant(
        token=token,
        refresh_token=word(answer.get("refresh_token")),
        expires_in=float(expires_in) if isinstance(expires_in, int) and expires_in > 0 else None,
        team_id="" if by_organization else word(team.get("id")),
        team_name=word(team.get("name")),
        enterprise_id=word(enterprise.get("id")),
        enterprise_name=word(enterprise.get("name")),
        bot_user_id=word(answer.get("bot_user_id")),
        installer_id=word(_object(answer, "authed_user").get("id")),
        scopes=frozenset(filter(None, word(answer.get("scope")).split(","))),
    )


def _object(answer: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = answer.get(name)
    return value if isinstance(value, dict) else {}
