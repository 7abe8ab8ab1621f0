"""Slack's codes are sorted by who must act, and each of them is in one place only."""

from __future__ import annotations

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.errors import NotReached, OutcomeUnknown, SlackRefused
from bot.slack import errors
from bot.slack.errors import from_api_error, from_connection_error, slack_error_code


def test_a_thread_that_takes_no_replies_is_told_from_a_channel_that_takes_no_posts():
    codes = {"cannot_reply_to_message", "message_not_found", "thread_not_found"}
    assert codes == errors.THREAD_CLOSED
    assert not codes & (errors.UNREACHABLE_CHANNEL | errors.OUR_BUG)


def test_the_codes_are_these():
    assert sorted(errors.UNREACHABLE_CHANNEL) == [
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
    ]
    assert sorted(errors.TOKEN_DEAD) == [
        "account_inactive",
        "invalid_auth",
        "not_authed",
        "token_expired",
        "token_revoked",
    ]
    assert sorted(errors.OUR_BUG) == [
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
    ]
    assert sorted(errors.RATE_LIMITED | errors.AMBIGUOUS) == [
        "fatal_error",
        "internal_error",
        "rate_limited",
        "ratelimited",
        "request_timeout",
        "service_unavailable",
    ]


def test_no_code_means_two_things():
    groups = [
        errors.RATE_LIMITED,
        errors.AMBIGUOUS,
        errors.UNREACHABLE_CHANNEL,
        errors.TOKEN_DEAD,
        errors.OUR_BUG,
    ]
    assert len(frozenset().union(*groups)) == sum(map(len, groups))


@pytest.mark.parametrize(
    ("response", "code"),
    [
        ({"ok": False, "error": "no_text"}, "no_text"),
        ({"ok": False}, ""),
        ({}, ""),
        ("plain words", ""),
        (None, ""),
        ({"error": 7}, ""),
    ],
    ids=str,
)
def test_a_code_is_found_or_absent_but_never_a_crash(response, code):
    error = SlackApiError("failed", response)
    assert slack_error_code(error) == code
    assert isinstance(from_api_error(error, "chat.update"), SlackRefused if code else OutcomeUnknown)


KEY = aiohttp.client_reqrep.ConnectionKey("slack.test", 443, True, True, None, None, None)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (aiohttp.ClientConnectorError(KEY, OSError("refused")), NotReached),
        (aiohttp.ClientConnectorDNSError(KEY, OSError("unknown host")), NotReached),
        (aiohttp.ClientProxyConnectionError(KEY, OSError("refused")), NotReached),
        (aiohttp.ConnectionTimeoutError(), NotReached),
        (aiohttp.ServerFingerprintMismatch(b"a", b"b", "slack.test", 443), NotReached),
        (aiohttp.ServerDisconnectedError(), OutcomeUnknown),
        (aiohttp.SocketTimeoutError(), OutcomeUnknown),
        (aiohttp.ClientOSError(104, "reset"), OutcomeUnknown),
        (aiohttp.ClientPayloadError(), OutcomeUnknown),
        (ConnectionResetError(), OutcomeUnknown),
        (TimeoutError(), OutcomeUnknown),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_only_a_failed_connect_is_certain(error, expected):
    assert type(from_connection_error(error, "chat.postMessage")) is expected
