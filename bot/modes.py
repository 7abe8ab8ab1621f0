"""Which ways of running the bot there are, and what each of them needs to be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import SecretStr

_SEVERAL: Final = {
    "slack_client_id": "is missing; SLACK_CLIENT_SECRET is of no use without it",
    "slack_client_secret": "is missing; with SLACK_CLIENT_ID several workspaces install the app",
    "encryption_keys": "is missing; tokens of several workspaces are only stored encrypted: "
    "`caption-bot keys new` prints a key",
    "public_url": "is missing; people who install the app are sent back there",
}


def lacking(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each setting that the chosen mode needs and that is not given, with what is wrong.

    `given` holds settings by name. One that is set but blank is not yielded: it is wrong by itself.
    """
    given = {name: value for name, value in given.items() if _plain(value)}
    several = serves_several(given)
    if several:
        yield from ((name, why) for name, why in _SEVERAL.items() if name not in given)
    elif "slack_bot_token" not in given:
        yield "slack_bot_token", "is missing; or several workspaces with SLACK_CLIENT_ID"
    if not {"slack_app_token", "slack_signing_secret"} & given.keys():
        yield "slack_signing_secret", "is missing; or Socket Mode with SLACK_APP_TOKEN"
    if not several:
        for name in ("mux_token_id", "mux_token_secret"):
            if name not in given:
                yield name, "is missing"


def unused(given: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each setting that is given and has no effect beside another one."""
    if _has(given, "slack_app_token") and _has(given, "slack_signing_secret"):
        yield "SLACK_APP_TOKEN is set, so Slack is reached by socket; SLACK_SIGNING_SECRET is not used."
    if _has(given, "slack_bot_token") and _has(given, "slack_client_id"):
        yield (
            "SLACK_BOT_TOKEN is set, so one workspace is served; SLACK_CLIENT_ID is not used. "
            "Remove the token to serve several."
        )
    if serves_several(given) and (_has(given, "mux_token_id") or _has(given, "mux_webhook_secret")):
        yield "MUX_TOKEN_ID and MUX_WEBHOOK_SECRET are not used: each workspace connects its own environment."


def serves_several(given: Mapping[str, Any]) -> bool:
    """Say whether workspaces install the app by OAuth; one bot token goes before that."""
    return not _has(given, "slack_bot_token") and (
        _has(given, "slack_client_id") or _has(given, "slack_client_secret")
    )


def _has(given: Mapping[str, Any], name: str) -> bool:
    plain = _plain(given.get(name))
    return bool(plain.strip() if isinstance(plain, str) else plain)


def _plain(value: Any) -> Any:
    return value.get_secret_value() if isinstance(value, SecretStr) else value
