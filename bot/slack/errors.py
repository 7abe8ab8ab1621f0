"""Turns what Slack's library raises into our errors, and sorts Slack's codes by what they mean for us."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.errors import NotReached, OutcomeUnknown, SlackRefused, Throttled, VendorError

# chat.postMessage says rate_limited, the rest ratelimited.
# https://docs.slack.dev/reference/methods/chat.postMessage
RATE_LIMITED: Final = frozenset({"rate_limited", "ratelimited"})

# Slack says of the first two that part of the work may have been done.
AMBIGUOUS: Final = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})

UNREACHABLE_CHANNEL: Final = frozenset(
    {
        "app_access_restricted",
        "channel_not_found",
        "ekm_access_denied",
        "is_archived",
        "is_inactive",
        "messages_tab_disabled",
        "not_in_channel",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
        "team_not_found",
    }
)
"""The bot cannot post there until somebody invites it, unarchives it or changes a policy."""

THREAD_CLOSED: Final = frozenset({"cannot_reply_to_message", "message_not_found", "thread_not_found"})
"""Nobody can reply there; the channel around it may be all right."""

TOKEN_DEAD: Final = frozenset(
    {"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"}
)
"""The workspace has to install the app again; no call with this token will work."""

OUR_BUG: Final = frozenset(
    {
        "attachment_payload_limit_exceeded",
        "block_mismatch",
        "invalid_arguments",
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "markdown_text_conflict",
        "metadata_must_be_sent_from_app",
        "metadata_too_large",
        "missing_argument",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "too_many_attachments",
    }
)
"""What was sent is wrong; sending it again, or elsewhere, is as wrong."""

# In each of these no request left this machine (or the proxy never opened the way to Slack).
_NOTHING_SENT: Final = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ServerFingerprintMismatch,
)
_LONGEST_WAIT_SECONDS: Final = 3_600.0


def slack_error_code(error: SlackApiError) -> str:
    """Return Slack's code for what went wrong, empty if the answer holds none.

    `error.response` is usually the library's own response, with a dictionary, `{}` or plain text in it, but
    the bare aiohttp response if a body that claims to be JSON is not.
    """
    data = getattr(error.response, "data", error.response)
    code = data.get("error") if isinstance(data, dict) else None
    return code if isinstance(code, str) else ""


def from_api_error(error: SlackApiError, method: str) -> VendorError:
    """Return (never raise) the error of ours that an answer of Slack stands for."""
    response = error.response
    status = _status(response)
    headers = getattr(response, "headers", None) or {}
    data = getattr(response, "data", response)
    details = data if isinstance(data, dict) else {}
    return from_answer(status, slack_error_code(error), headers, method=method, details=details)


def from_answer(
    status: int,
    code: str,
    headers: Mapping[str, str],
    *,
    method: str,
    details: Mapping[str, Any] | None = None,
) -> VendorError:
    """Return the error for an answer with this HTTP status and this code; see `from_api_error`.

    An answer without a code is a definite no only from 400 to 499: somebody between us and Slack.
    """
    retry_in = read_retry_after(headers)
    if status == 429 or code in RATE_LIMITED:  # noqa: PLR2004 - the number is the name
        return Throttled(f"Slack asks to be asked for {method} more slowly", retry_in=retry_in)
    definite = bool(code) or 400 <= status < 500  # noqa: PLR2004 - as above
    if not definite or code in AMBIGUOUS or status == 408 or status >= 500:  # noqa: PLR2004 - as above
        return OutcomeUnknown(f"Slack answered {method} with {status} {code}".rstrip(), retry_in=retry_in)
    more = details or {}
    return SlackRefused(
        code or f"http_{status}",
        method=method,
        needed=_text(more.get("needed")),
        provided=_text(more.get("provided")),
    )


def from_connection_error(error: Exception, method: str) -> VendorError:
    """Return the error for a request that ended without an answer; only a failed connect is certain."""
    name = type(error).__name__
    if isinstance(error, _NOTHING_SENT):
        return NotReached(f"Slack was not reached for {method} ({name})")
    return OutcomeUnknown(f"Slack gave no answer to {method} ({name})")


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds in Retry-After, at most an hour; None without one that is a number."""
    value = headers.get("Retry-After", "")
    if not value.isascii() or not value.strip().isdigit():
        return None
    return min(float(value.strip()[:12]), _LONGEST_WAIT_SECONDS)


def _status(response: Any) -> int:
    # The library's response calls it status_code, aiohttp's calls it status.
    status: Any = getattr(response, "status_code", getattr(response, "status", None))
    return status if isinstance(status, int) else 0


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
