"""What the app asks for on the authorize page, and where the answer leads.

https://docs.slack.dev/authentication/installing-with-oauth
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from bot.sandbox.config import SandboxConfig
from bot.sandbox.slack.core import Core
from bot.sandbox.slack.model import Refusal

# What a bot may ask for, as far as the sandbox knows it, in Slack's own words.
SCOPES: Final[Mapping[str, str]] = {
    "app_mentions:read": "View messages that directly mention it",
    "channels:history": "View messages in public channels that it has been added to",
    "channels:join": "Join public channels in a workspace",
    "channels:read": "View basic information about public channels",
    "chat:write": "Send messages as itself",
    "chat:write.customize": "Send messages with a customized name and avatar",
    "chat:write.public": "Send messages to channels that it is not a member of",
    "commands": "Add shortcuts and slash commands that people can use",
    "files:read": "View files shared in conversations that it has been added to",
    "files:write": "Upload, edit and delete files as itself",
    "groups:history": "View messages in private channels that it has been added to",
    "groups:read": "View basic information about private channels that it has been added to",
    "im:history": "View direct messages that it has been added to",
    "im:read": "View basic information about its direct messages",
    "im:write": "Start direct messages with people",
    "links:read": "View links in messages, for domains that it is told of",
    "links:write": "Show previews of links in messages",
    "mpim:history": "View group direct messages that it has been added to",
    "mpim:read": "View basic information about its group direct messages",
    "reactions:write": "Add and edit emoji reactions",
    "team:read": "View the name and domain of the workspace",
    "users:read": "View people in the workspace",
    "users:read.email": "View email addresses of people in the workspace",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One visit to the authorize page, checked; `redirect_uri` is empty where the app named none."""

    scopes: tuple[str, ...]
    redirect_uri: str
    state: str
    team: str = ""


def read_ask(config: SandboxConfig, query: Mapping[str, str]) -> Ask:
    """Return what an authorize address asks for.

    Raises:
        Refusal: `invalid_client_id`, `bad_redirect_uri`, `invalid_scope`, `no_scopes` or, since the sandbox
            has no user tokens, `user_scope_not_supported`.
    """
    if query.get("client_id") != config.slack_client_id:
        raise Refusal("invalid_client_id")
    redirect_uri = query.get("redirect_uri", "")
    if redirect_uri and not any(_under(redirect_uri, one) for one in redirect_urls(config)):
        raise Refusal("bad_redirect_uri", passed=redirect_uri)
    if query.get("user_scope"):
        raise Refusal("user_scope_not_supported")
    scopes = tuple(dict.fromkeys(one for one in query.get("scope", "").replace(" ", ",").split(",") if one))
    unknown = [one for one in scopes if one not in SCOPES]
    if unknown:
        raise Refusal("invalid_scope", unknown=unknown)
    if not scopes:
        raise Refusal("no_scopes")
    return Ask(
        scopes=scopes, redirect_uri=redirect_uri, state=query.get("state", ""), team=query.get("team", "")
    )


def redirect_urls(config: SandboxConfig) -> tuple[str, ...]:
    """Return the addresses that the app's settings name, under which OAuth may lead back."""
    return config.slack_redirect_urls or (config.bot_url,)


def _under(redirect_uri: str, configured: str) -> bool:
    """Say whether an address is the configured one or lies below it, as Slack takes it."""
    return redirect_uri == configured or redirect_uri.startswith(configured.rstrip("/") + "/")


def allow(core: Core, ask: Ask, place: str, user: str) -> str:
    """Return where the browser goes once `user` has allowed the app into `place`.

    Raises:
        Refusal: `team_not_found` or `user_not_found`.
    """
    workspaces = core.app.workspaces_of(place)
    if not workspaces:
        raise Refusal("team_not_found")
    if not any(user in one.workspace.people for one in workspaces):
        raise Refusal("user_not_found")
    code = core.app.grants.code(place, user, ask.scopes, ask.redirect_uri)
    return _back(core.config, ask, {"code": code})


def deny(core: Core, ask: Ask) -> str:
    """Return where the browser goes once somebody has said no."""
    return _back(core.config, ask, {"error": "access_denied"})


def _back(config: SandboxConfig, ask: Ask, answer: dict[str, str]) -> str:
    target = ask.redirect_uri or (
        config.slack_redirect_urls[0]
        if config.slack_redirect_urls
        else f"{config.bot_url}/slack/oauth_redirect"
    )
    parts = urlsplit(target)
    added = urlencode(answer | {"state": ask.state})
    query = f"{parts.query}&{added}" if parts.query else added
    return urlunsplit(parts._replace(query=query, fragment=""))
