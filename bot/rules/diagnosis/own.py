"""Judges what is our own: settings, clock, database, disk. Performs no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import urlsplit

from bot.rules.diagnosis.finding import Finding, ok, problem, warning

SKEW_WARNING_SECONDS: Final = 60.0
SKEW_PROBLEM_SECONDS: Final = 300.0
"""Slack and Mux sign with the time, and what is further from it than this is refused as a replay."""
DISK_WARNING_BYTES: Final = 500_000_000
DISK_PROBLEM_BYTES: Final = 50_000_000

_SLACKS_OWN: Final = "https://slack.com/"
_SECRET: Final = re.compile(r"[0-9a-f]{32}")
_LOCAL: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_KINDS: Final = {
    "xoxb-": "a bot token",
    "xoxe.": "a bot token that expires, which belongs to OAuth",
    "xoxp-": "a token of a person",
    "xapp-": "an app-level token",
}
_WHERE: Final = {
    "SLACK_BOT_TOKEN": 'copy the "Bot User OAuth Token" from "OAuth & Permissions"',
    "SLACK_SIGNING_SECRET": 'copy the "Signing Secret" from "Basic Information"',
    "SLACK_APP_TOKEN": 'make one under "Basic Information", "App-Level Tokens", with connections:write',
    "SLACK_CLIENT_ID": 'copy the "Client ID" from "Basic Information"',
    "SLACK_CLIENT_SECRET": 'copy the "Client Secret" from "Basic Information"',
    "ENCRYPTION_KEYS": "let `caption-bot keys new` print a key",
    "MUX_TOKEN_ID": "make an access token in Mux's dashboard, under Settings and Access Tokens",
    "MUX_TOKEN_SECRET": "it is shown once, when the access token is made in Mux's dashboard",
    "PUBLIC_URL": "such as https://captions.example.com",
}


def settings(problems: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    """Judge what is wrong with the settings: the name of each, empty for several together, and why."""
    for name, why in problems:
        where = _WHERE.get(name, "README.md lists every setting with its meaning")
        fix = f"Set {name} in .env or in the environment: {where}." if name else "Correct it in .env."
        yield problem("Settings", "setting_wrong", f"{name or 'The settings'}: {why}", fix)


def tokens(given: dict[str, str], *, slack_api_url: str) -> Iterator[Finding]:
    """Judge by its form whether each secret of Slack's is what its name says; a value is never repeated."""
    yield from _kind(given, "SLACK_BOT_TOKEN", "xoxb-")
    yield from _kind(given, "SLACK_APP_TOKEN", "xapp-")
    secret = given.get("SLACK_SIGNING_SECRET", "")
    # A stand-in may have any secret; Slack's own have this form.
    genuine = slack_api_url.startswith(_SLACKS_OWN)
    odd = bool(_looks_like(secret)) or (genuine and not _SECRET.fullmatch(secret))
    if secret and odd:
        kind = _looks_like(secret) or "something else"
        yield problem(
            "Signing secret",
            "signing_secret_odd",
            f"SLACK_SIGNING_SECRET is {kind}: a signing secret has 32 digits from 0 to 9 and a to f.",
            f"{_sentence(_WHERE['SLACK_SIGNING_SECRET'])} It is neither the client secret nor a token.",
        )


def _kind(given: dict[str, str], name: str, prefix: str) -> Iterator[Finding]:
    value = given.get(name, "")
    if value and not value.startswith(prefix):
        kind = _looks_like(value) or "something else"
        yield problem(
            "Slack token" if name == "SLACK_BOT_TOKEN" else "App token",
            f"{name.lower().removeprefix('slack_')}_kind",
            f"{name} is {kind}: it has to begin with {prefix}",
            _sentence(_WHERE[name]),
        )


def _looks_like(value: str) -> str:
    return next((kind for prefix, kind in _KINDS.items() if value.startswith(prefix)), "")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def public_url(url: str, *, by_socket: bool, told_by_mux: bool) -> Finding:
    """Judge the address under which the bot says that it is reached."""
    check = "Public address"
    if not url and by_socket and not told_by_mux:
        return ok(check, "none, and none is needed: Slack comes by socket and Mux is polled.")
    if not url:
        return warning(
            check,
            "public_url_missing",
            "PUBLIC_URL is not set, so nobody could try whether Slack and Mux reach the bot.",
            "Set PUBLIC_URL to the https address under which the proxy in front of the bot is reached.",
        )
    parts = urlsplit(url)
    if parts.path.rstrip("/").endswith(("/slack/events", "/mux/webhooks", "/slack/install")):
        return problem(
            check,
            "public_url_path",
            "PUBLIC_URL ends with the path of one door, and the bot adds those paths itself.",
            f"Leave the path out: PUBLIC_URL={parts.scheme}://{parts.netloc}",
        )
    if parts.scheme != "https" and parts.hostname not in _LOCAL:
        return problem(
            check,
            "public_url_http",
            "PUBLIC_URL begins with http://, and Slack and Mux send to https addresses only.",
            "Put a proxy with a certificate in front of the bot, and write PUBLIC_URL with https://.",
        )
    if parts.scheme != "https":
        return ok(check, f"{parts.netloc}, which only this machine reaches: good for stand-ins alone.")
    return ok(check, f"{url.rstrip('/')}, by https.")


def clock(whose: str, ahead_seconds: float) -> Finding:
    """Judge how far this machine's clock is ahead of a vendor's, in seconds; behind is less than 0."""
    off = abs(ahead_seconds)
    direction = "ahead of" if ahead_seconds > 0 else "behind"
    said = f"this machine's clock is {off:.0f} s {direction} {whose}'s"
    fix = "Let the machine set its clock by the network: `timedatectl set-ntp true`, or chrony."
    if off > SKEW_PROBLEM_SECONDS:
        return problem("Clock", "clock_wrong", f"{said}: signatures are refused as too old or too new.", fix)
    if off > SKEW_WARNING_SECONDS:
        return warning("Clock", "clock_off", f"{said}; from 300 s on signatures are refused.", fix)
    return ok("Clock", f"within {max(off, 1):.0f} s of {whose}'s.")


def schema(version: str | None, of_code: str) -> Finding:
    """Judge the version of the database's tables by the one that this code knows."""
    check = "Database schema"
    if version is None:
        return ok(check, "no tables yet: the bot makes them when it starts.")
    if version > of_code:
        return problem(
            check,
            "schema_newer",
            f"the tables are of version {version}, and this Caption Bot knows {of_code} at most.",
            "Install the newer version again, or restore a backup from before the upgrade.",
        )
    if version < of_code:
        return warning(
            check,
            "schema_older",
            f"the tables are of version {version}, and this Caption Bot works with {of_code}.",
            "Make a backup (`caption-bot db backup FILE`); the bot then brings them up to date at its start.",
        )
    return ok(check, f"version {version}, the one that this Caption Bot works with.")


def disk(free_bytes: int) -> Finding:
    """Judge the space that is left where the database lies."""
    check = "Disk"
    left = f"{free_bytes / 1e6:,.0f} MB are free where the database lies"
    fix = "Make room, or move the database; `caption-bot db prune` forgets old jobs."
    if free_bytes < DISK_PROBLEM_BYTES:
        return problem(check, "disk_full", f"{left}: too little to go on.", fix)
    if free_bytes < DISK_WARNING_BYTES:
        return warning(check, "disk_low", f"{left}.", fix)
    return ok(check, f"{left}.")
