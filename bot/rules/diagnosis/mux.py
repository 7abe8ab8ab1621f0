"""Judges what Mux says of an access token: permissions, Robots, terms, webhooks. Performs no I/O."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from bot.rules.diagnosis.finding import Finding, ok, problem, warning

_MAKE_ONE: Final = "Make a new access token in Mux's dashboard (Settings, Access Tokens) with"
_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404


def token(status: int) -> Finding:
    """Judge why Mux did not say whose token it is."""
    if status == _UNAUTHORIZED:
        return problem(
            "Mux token",
            "mux_token_refused",
            "Mux does not accept MUX_TOKEN_ID with MUX_TOKEN_SECRET (401).",
            "Copy both of one access token; the secret is shown only once, so make a new token if in doubt.",
        )
    fix = "Look at MUX_BASE_URL, which is https://api.mux.com for Mux itself."
    return problem("Mux token", "mux_token_odd", f"Mux did not say whose token it is ({status}).", fix)


def permissions(given: Collection[str], *, environment: str, files: bool) -> Iterator[Finding]:
    """Judge what a token may do; `files` says whether videos from Slack are to be sent to Mux."""
    check = "Mux permissions"
    yield ok("Mux token", f"it opens {environment}.")
    # A token of before permissions were listed shows none; what it may do is asked for below.
    if not given:
        return
    lacking = False
    if not _has(given, "robots:*"):
        lacking = True
        yield problem(
            check,
            "robots_missing",
            "the access token lacks Robots (robots:*), so no captions can be made.",
            f"{_MAKE_ONE} Robots; it cannot be added to an existing token.",
        )
    if not _has(given, "video:read"):
        lacking = True
        fix = f"{_MAKE_ONE} Mux Video read beside Robots."
        yield problem(check, "video_read_missing", "the access token may not read videos (video:read).", fix)
    if files and not _has(given, "video:write"):
        lacking = True
        yield warning(
            check,
            "video_write_missing",
            "the access token may not write to Mux Video: files from Slack cannot be sent there, and tracks "
            "cannot be put back.",
            f"{_MAKE_ONE} Mux Video write beside Robots, if that is wanted.",
        )
    if not lacking:
        yield ok(check, "Robots and Mux Video, as needed.")


def _has(given: Collection[str], wanted: str) -> bool:
    return bool({wanted, f"{wanted.partition(':')[0]}:*", "*"} & set(given))


def robots(status: int, code: str, words: str) -> Finding:
    """Judge why the list of Robots jobs, which costs nothing, was refused; status 0 is a yes."""
    check = "Mux Robots"
    if not status:
        return ok(check, "the token may use Robots, and its terms are accepted.")
    if code == "insufficient_scope":
        return problem(
            check,
            "robots_scope",
            "Mux refuses Robots for this access token (insufficient_scope).",
            f"{_MAKE_ONE} Robots; it cannot be added to an existing token.",
        )
    if status == _FORBIDDEN and code == "forbidden":
        return problem(
            check,
            "terms_pending",
            "the terms of Robots are not accepted in this environment.",
            "Open Robots in Mux's dashboard, in this environment, and accept its terms.",
        )
    if status == _NOT_FOUND:
        fix = "Remove MUX_ROBOTS_VERSION, or set it to v0."
        return problem(check, "robots_version", "Mux has no such version of Robots (404).", fix)
    fix = "Look at the plan and at Robots in Mux's dashboard."
    return problem(check, "robots_refused", f"Mux refuses Robots ({status} {code}): {words}", fix)


def webhook(addresses: dict[str, bool], wanted: str) -> Finding:
    """Judge whether Mux sends its events to `wanted`; `addresses` says of each whether it is enabled."""
    check = "Mux webhook"
    if wanted not in addresses:
        return problem(
            check,
            "webhook_absent",
            f"Mux has no webhook to {wanted}, so results are found by polling, later.",
            "Make one in Mux's dashboard (Settings, Webhooks), in the environment of the access token, and "
            "put its signing secret into MUX_WEBHOOK_SECRET.",
        )
    if not addresses[wanted]:
        fix = "Switch it on in Mux's dashboard, under Settings and Webhooks."
        return problem(check, "webhook_disabled", f"the webhook to {wanted} is switched off.", fix)
    return ok(check, f"Mux sends its events to {wanted}.")
