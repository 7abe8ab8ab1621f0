"""auth.*, oauth.*, apps.*: who calls, how the app comes into a workspace, and how it leaves."""

from __future__ import annotations

import hmac
from typing import Any

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.core import Core
from bot.sandbox.slack.grants import ROTATED_SECONDS, Issued
from bot.sandbox.slack.model import Refusal


def test(core: Core, args: Arguments) -> dict[str, Any]:
    """auth.test: an app-level token learns of its app, a bot's of its workspace."""
    config = core.config
    if args.caller.kind == "app":
        return {"app_name": "Caption Bot", "app_id": config.app_id}
    body: dict[str, Any] = {
        "url": f"{config.public_url}/",
        "team": config.team_name,
        "user": "captions",
        "team_id": config.team_id,
        "user_id": config.bot_user_id,
        "bot_id": config.bot_id,
        "app_id": config.app_id,
        "is_enterprise_install": args.caller.place != config.team_id,
    }
    return body | ({"enterprise_id": config.enterprise_id} if config.enterprise_id else {})


def revoke(core: Core, args: Arguments) -> dict[str, Any]:
    """auth.revoke: the calling token, with whose last one the app is out of the workspace."""
    if not args.flag("test"):
        core.app.grants.revoke(args.caller.place, value=args.caller.token)
        tell_revoked(core, args.caller.place)
    return {"revoked": not args.flag("test")}


def tell_revoked(core: Core, place: str) -> None:
    """Tell the bot that tokens were revoked, and that it is out of a place that has none left."""
    tokens = {"oauth": [], "bot": [core.config.bot_user_id]}
    core.report({"type": "tokens_revoked", "tokens": tokens}, place=place)
    if not core.app.grants.live(place):
        core.app.grants.uninstall(place)
        core.report({"type": "app_uninstalled"}, place=place)


def uninstall(core: Core, args: Arguments) -> dict[str, Any]:
    """apps.uninstall, with the app's own credentials."""
    _check_client(core, args)
    remove(core, args.caller.place)
    return {}


def remove(core: Core, place: str) -> None:
    """Take the app out of a workspace or an organization, and tell the bot in no promised order."""
    core.app.grants.uninstall(place)
    core.report({"type": "app_uninstalled"}, place=place)
    tokens = {"oauth": [], "bot": [core.config.bot_user_id]}
    core.report({"type": "tokens_revoked", "tokens": tokens}, place=place)


def connections_open(core: Core, args: Arguments) -> dict[str, Any]:
    """apps.connections.open: an address for one connection."""
    del args
    return {"url": core.sockets.address()}


def access(core: Core, args: Arguments) -> dict[str, Any]:
    """oauth.v2.access: a code, or a refresh token, for an access token."""
    _check_client(core, args)
    grants = core.app.grants
    kind = args.text("grant_type") or "authorization_code"
    if kind == "refresh_token":
        return _issued(core, grants.refresh(args.text("refresh_token")))
    if kind != "authorization_code":
        raise Refusal("invalid_grant_type")
    return _issued(core, grants.exchange(args.text("code"), args.text("redirect_uri")))


def _check_client(core: Core, args: Arguments) -> None:
    if args.text("client_id") != core.config.slack_client_id:
        raise Refusal("invalid_client_id")
    if not hmac.compare_digest(args.text("client_secret").encode(), core.config.slack_client_secret.encode()):
        raise Refusal("bad_client_secret")


def _issued(core: Core, issued: Issued) -> dict[str, Any]:
    place = issued.installation.place
    home = core.app.workspaces_of(place)[0].config
    org_wide = place != home.team_id
    enterprise = {"id": home.enterprise_id, "name": home.enterprise_name} if home.enterprise_id else None
    body: dict[str, Any] = {
        "app_id": home.app_id,
        "authed_user": {"id": issued.installation.installer},
        "scope": ",".join(issued.installation.scopes),
        "token_type": "bot",
        "access_token": issued.token.value,
        "bot_user_id": home.bot_user_id,
        "team": None if org_wide else {"id": home.team_id, "name": home.team_name},
        "enterprise": enterprise,
        "is_enterprise_install": org_wide,
    }
    if issued.refresh_token:
        body |= {"refresh_token": issued.refresh_token, "expires_in": ROTATED_SECONDS}
    return body
