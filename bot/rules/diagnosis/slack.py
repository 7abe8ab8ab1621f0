"""Judges what Slack says of the app: token, scopes, channels, uploads. Performs no I/O."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from bot.rules.diagnosis.finding import Finding, ok, problem, warning

DEAD: Final = frozenset({"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"})
_INSTALL: Final = 'under "OAuth & Permissions", and reinstall the app to the workspace'
_READ_BACK: Final = frozenset(
    {"channels:history", "groups:history", "im:history", "mpim:history", "im:write"}
)
_WITHOUT: Final[Mapping[str, str]] = {
    "files:write": "finished files are not shared in the thread, and links to the bot lead to them",
    "files:read": "videos that people uploaded to Slack cannot be captioned",
    "users:read": "guests cannot be told from members, and neither can admins",
}


def token(code: str, *, name: str = "SLACK_BOT_TOKEN") -> Finding:
    """Judge why Slack refused a bot token."""
    reasons = {
        "invalid_auth": "Slack does not know it",
        "not_authed": "it is missing",
        "token_revoked": "it was revoked, or the app was uninstalled",
        "account_inactive": "the app was uninstalled, or the workspace is gone",
        "token_expired": "it has expired",
    }
    why = reasons.get(code, "Slack refused it")
    return problem(
        "Slack token",
        "slack_token_refused",
        f"Slack does not accept {name} ({code}): {why}.",
        'Copy the "Bot User OAuth Token" of the installed app from "OAuth & Permissions", '
        "or install the app again.",
    )


def unreachable(what: str, *, vendor: str) -> Finding:
    """Judge that a vendor gave no answer; `what` says how that went, without an address's secrets."""
    return problem(
        "Reaching Slack" if vendor == "Slack" else "Reaching Mux",
        f"{vendor.lower()}_unreachable",
        f"{vendor} did not answer: {what}.",
        "Let this machine reach it over https: look at the firewall, at HTTPS_PROXY and NO_PROXY, and at "
        f"{'SLACK_API_URL' if vendor == 'Slack' else 'MUX_BASE_URL'}.",
    )


def scopes(given: Collection[str], required: Collection[str], optional: Collection[str]) -> Iterator[Finding]:
    """Judge the scopes of a token by those of the features that are switched on."""
    check = "Slack scopes"
    missing = [scope for scope in required if scope not in given]
    if missing:
        yield problem(
            check,
            "scope_missing",
            f"needed: {', '.join(required)}; missing: {', '.join(missing)}.",
            f"Add {' and '.join(missing)} {_INSTALL}.",
        )
    else:
        yield ok(check, f"needed and given: {', '.join(required)}.")
    yield from _optional([scope for scope in optional if scope not in given])


def _optional(missing: Collection[str]) -> Iterator[Finding]:
    read_back = [scope for scope in missing if scope in _READ_BACK]
    if read_back:
        yield _without(
            "scope_read_back",
            read_back,
            'after a crash or a lost answer some messages cannot be read back, so "nothing is said twice" '
            "is weaker: UNVERIFIABLE decides whether such a message is held or sent again",
        )
    for scope in (each for each in missing if each not in _READ_BACK):
        code = f"scope_{scope.replace(':', '_')}"
        yield _without(code, [scope], _WITHOUT.get(scope, "a feature is missing"))


def _without(code: str, missing: Collection[str], consequence: str) -> Finding:
    named = " and ".join(missing) if len(missing) < 3 else ", ".join(missing)  # noqa: PLR2004 - two need "and"
    return warning(
        "Slack scopes",
        code,
        f"optional and not given: {', '.join(missing)}; {consequence}.",
        f"Add {named} {_INSTALL}; or leave it out on purpose.",
    )


def app_token(code: str) -> Finding:
    """Judge why Slack opened no socket for the app token."""
    if code in {"not_allowed_token_type", "missing_scope", "no_permission"}:
        why = "it is no app-level token, or lacks connections:write"
        fix = 'Make one under "Basic Information", "App-Level Tokens", with the scope connections:write.'
    elif code in {"forbidden_team", "team_access_not_granted"}:
        why = "the app is not installed where it belongs"
        fix = "Install the app in the workspace again."
    else:
        why = "Slack does not know it, or Socket Mode is off"
        fix = 'Copy the app-level token from "Basic Information", and switch "Socket Mode" on.'
    said = f"Slack does not accept SLACK_APP_TOKEN ({code}): {why}."
    return problem("App token", "app_token_refused", said, fix)


def channel(channel_id: str, code: str) -> Finding:
    """Judge whether the bot can write in a channel, by what Slack said when its history was asked for."""
    check = f"Channel {channel_id}"
    if not code:
        return ok(check, "the bot is a member.")
    if code == "not_in_channel":
        return warning(
            check,
            "not_in_channel",
            "the bot is not a member, so cards and files for it go to people directly.",
            "In that channel: `/invite @Caption Bot`",
        )
    if code == "channel_not_found":
        return warning(
            check,
            "channel_not_found",
            "Slack shows no such channel to the bot: it is private without the bot, deleted or misspelt.",
            "Correct ALLOWED_CHANNELS, or write `/invite @Caption Bot` in the private channel.",
        )
    if code == "is_archived":
        fix = "Open it again in Slack, or leave it out of ALLOWED_CHANNELS."
        return warning(check, "channel_archived", "the channel is archived.", fix)
    return warning(
        check,
        "channel_not_seen",
        f"it could not be seen whether the bot is a member ({code}).",
        f"Add the history scopes {_INSTALL}, or write `/invite @Caption Bot` there to be sure.",
    )


def upload(code: str) -> Finding:
    """Judge whether files may be put into Slack; an empty `code` is a yes."""
    check = "Uploads to Slack"
    if not code:
        return ok(check, "Slack takes files from the bot (asked for a place, and left it empty).")
    if code == "missing_scope":
        fix = f"Add files:write {_INSTALL}."
        said = "the bot lacks files:write: links to the bot lead to the captions instead."
        return warning(check, "upload_scope", said, fix)
    if code.startswith("file_uploads"):
        fix = "Ask an owner of the workspace to allow file uploads; until then results link to downloads."
        return problem(check, "uploads_disabled", f"uploads are off in this workspace ({code}).", fix)
    if code == "storage_limit_reached":
        fix = "Delete old files in Slack, or change the plan."
        return problem(check, "storage_full", "the workspace's storage is full.", fix)
    fix = "Try it again; if it stays, ask an owner of the workspace what restricts files."
    return warning(check, "upload_refused", f"Slack gave no place for a file ({code}).", fix)


def client(code: str) -> Finding:
    """Judge the credentials of an OAuth app by how Slack refused a made-up code with them."""
    check = "OAuth credentials"
    if code == "invalid_client_id":
        fix = 'Copy the "Client ID" from "Basic Information".'
        return problem(check, "client_id_wrong", "Slack does not know SLACK_CLIENT_ID.", fix)
    if code == "bad_client_secret":
        fix = 'Copy the "Client Secret" from "Basic Information".'
        return problem(
            check, "client_secret_wrong", "SLACK_CLIENT_SECRET does not belong to the client id.", fix
        )
    if code in {"invalid_code", "code_already_used", "bad_redirect_uri"}:
        return ok(check, "Slack knows SLACK_CLIENT_ID and SLACK_CLIENT_SECRET.")
    fix = "Try it again in a minute."
    return warning(check, "client_unknown", f"Slack did not say whether they are right ({code}).", fix)
