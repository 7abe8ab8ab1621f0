"""What the stand-ins are told at start."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from bot.sandbox.environments import (
    ALL_PERMISSIONS,
    NORTHERN,
    RESTRICTED,
    UNSIGNED,
    Environment,
    MuxToken,
)
from bot.sandbox.teams import NORTHWIND, PEOPLE, PIER, QUAY, ROOMS, Person, Room, Team

__all__ = ["Person", "SandboxConfig"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxConfig:
    """Both vendors' side of every secret, and how lively they are.

    `bot_url` is where the bot listens (`http://127.0.0.1:3000`); signed requests go to its
    `/slack/events` and `/mux/webhooks`. `public_url` is where the sandbox itself is reached, for the
    links it hands out. `slack_bot_token` is the bot's in the first workspace, with `slack_scopes`; without
    one the app is installed nowhere yet. `slack_redirect_urls` are where OAuth may lead back to, `bot_url`
    when none are named. `rooms` are the first workspace's channels, `teams` further workspaces.
    `mux_webhook_secret` signs what goes to the bot's `/mux/webhooks`; an environment without one tells
    nobody anything until an address is added. `mux_more_tokens` open the first environment with fewer
    permissions, `mux_environments` are further ones. `job_seconds` is how long Mux takes over a job,
    `list_lag_seconds` how long a created job is missing from Mux's list. `caption_model` is the directory
    of a speech model for added files; without one `allow_model_download` lets the recogniser fetch its own.
    `limits` enforces Slack's real rate limits.
    """

    bot_url: str = "http://127.0.0.1:3000"
    public_url: str = "http://127.0.0.1:3030"
    slack_signing_secret: str = "sandbox-signing-secret"
    slack_bot_token: str = "xoxb-sandbox-0000000000"
    slack_app_token: str = "xapp-1-A0SANDBOX-0000000000-sandbox"
    slack_app_scopes: tuple[str, ...] = ("connections:write",)
    slack_client_id: str = "1010101010.2020202020"
    slack_client_secret: str = "sandbox-client-secret"
    slack_redirect_urls: tuple[str, ...] = ()
    slack_token_rotation: bool = False
    slack_scopes: tuple[str, ...] = (
        "commands",
        "chat:write",
        "files:read",
        "files:write",
        "channels:history",
        "groups:history",
        "im:history",
    )
    mux_token_id: str = "sandbox-token-id"
    mux_token_secret: str = "sandbox-token-secret"
    mux_webhook_secret: str = "sandbox-webhook-secret"
    mux_permissions: tuple[str, ...] = ALL_PERMISSIONS
    mux_more_tokens: tuple[MuxToken, ...] = RESTRICTED
    mux_environment_id: str = "sandbx"
    mux_environment_name: str = "Sandbox"
    mux_terms_accepted: bool = True
    mux_environments: tuple[Environment, ...] = (NORTHERN, UNSIGNED)
    team_id: str = "T0SANDBOX"
    team_name: str = "Sandbox"
    team_domain: str = "sandbox"
    app_id: str = "A0SANDBOX"
    bot_id: str = "B0CAPTION"
    bot_user_id: str = "U0CAPTION"
    people: tuple[Person, ...] = PEOPLE
    rooms: tuple[Room, ...] = ROOMS
    enterprise_id: str = ""
    enterprise_name: str = ""
    teams: tuple[Team, ...] = (NORTHWIND, QUAY, PIER)
    job_seconds: float = 3.0
    list_lag_seconds: float = 2.0
    limits: bool = True
    webhooks: bool = True
    home_tab: bool = True
    caption_model: Path | None = None
    allow_model_download: bool = False

    def of(self, team: Team) -> SandboxConfig:
        """Return the same for another workspace, in which the app is not installed."""
        return replace(
            self,
            team_id=team.id,
            team_name=team.name,
            team_domain=team.domain,
            bot_id=team.bot_id,
            bot_user_id=team.bot_user_id,
            people=team.people,
            rooms=team.rooms,
            enterprise_id=team.enterprise_id,
            enterprise_name=team.enterprise_name,
            slack_bot_token="",
            slack_scopes=(),
            teams=(),
        )

    @property
    def mux_tokens(self) -> tuple[MuxToken, ...]:
        """Return every access token of this environment."""
        first = MuxToken(id=self.mux_token_id, secret=self.mux_token_secret, permissions=self.mux_permissions)
        return (first, *self.mux_more_tokens)

    def inside(self, environment: Environment) -> SandboxConfig:
        """Return the same for another Mux environment."""
        first, *more = environment.tokens
        return replace(
            self,
            mux_token_id=first.id,
            mux_token_secret=first.secret,
            mux_permissions=first.permissions,
            mux_more_tokens=tuple(more),
            mux_webhook_secret="",
            mux_environment_id=environment.id,
            mux_environment_name=environment.name,
            mux_terms_accepted=environment.terms_accepted,
            mux_environments=(),
        )
