"""Requests that are as they should be, one of each kind that the bot hears."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import urlencode

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"

_WHO: Final[dict[str, Any]] = {
    "team": {"id": "T1", "domain": "films"},
    "user": {"id": "U1", "username": "ana", "team_id": "T1"},
    "channel": {"id": "C1", "name": "films"},
    "trigger_id": "1.2.3",
    "response_url": "http://127.0.0.1:9/never",
    "api_app_id": "A1",
    "token": "old",
}
_VIEW: Final[dict[str, Any]] = {
    "id": "V1",
    "type": "modal",
    "callback_id": "caption_modal",
    "hash": "1.abc",
    "private_metadata": json.dumps({"channel": "C1"}),
    "blocks": [{"type": "input", "block_id": "video", "element": {"type": "external_select"}}],
    "state": {
        "values": {
            "video": {"caption_video": {"type": "external_select", "selected_option": {"value": "a:asset1"}}},
            "language": {"caption_language": {"selected_option": {"value": "en"}}},
            "phrases": {"caption_phrases": {"value": "Mux\nBolt"}},
            "channel": {"caption_channel": {"selected_conversation": "C1"}},
        }
    },
}

COMMAND: Final[dict[str, Any]] = {
    "command": "/caption",
    "text": "studioTour7Qm2x01 en --speakers --phrases 'A, B'",
    "team_id": "T1",
    "channel_id": "C1",
    "channel_name": "films",
    "user_id": "U1",
    "user_name": "ana",
    "trigger_id": "1.2.3",
    "response_url": "http://127.0.0.1:9/never",
}

TEXTS: Final = (
    "",
    "help",
    "settings",
    "status",
    "status j1",
    "list all",
    "cancel j1",
    "retry j1",
    "https://stream.mux.com/abc.m3u8 pt-BR",
    "asset1 asset2 asset3",
    "asset1 --phrases “a”",
)

PRESSED: Final = (
    "job_cancel",
    "job_retry",
    "job_replace",
    "job_files_only",
    "job_status",
    "list_page",
    "many_start",
    "job_again",
    "modal_reopen",
    "job_files",
    "job_fix",
    "job_restore",
    "home_connect",
)

INTERACTIONS: Final[tuple[dict[str, Any], ...]] = (
    *(
        {
            "type": "block_actions",
            **_WHO,
            "container": {"type": "message", "message_ts": "1.1", "channel_id": "C1"},
            "actions": [{"type": "button", "action_id": name, "block_id": "b", "value": "j1"}],
        }
        for name in PRESSED
    ),
    {"type": "block_actions", **_WHO, "view": _VIEW, "actions": [{"action_id": "caption_video"}]},
    {"type": "view_submission", **_WHO, "view": _VIEW},
    {"type": "view_submission", **_WHO, "view": {**_VIEW, "callback_id": "settings_modal"}},
    {"type": "view_submission", **_WHO, "view": {**_VIEW, "callback_id": "fix_modal"}},
    {"type": "view_closed", **_WHO, "view": _VIEW, "is_cleared": False},
    {"type": "block_suggestion", **_WHO, "view": _VIEW, "action_id": "caption_video", "value": "stu"},
    {"type": "block_suggestion", **_WHO, "view": _VIEW, "action_id": "caption_language", "value": "ger"},
    {"type": "shortcut", **_WHO, "callback_id": "caption_video", "action_ts": "1.1"},
    {
        "type": "message_action",
        **_WHO,
        "callback_id": "caption_message",
        "message_ts": "1.1",
        "message": {
            "type": "message",
            "ts": "1.1",
            "text": "look: <https://player.mux.com/abc>",
            "files": [{"id": "F1", "mimetype": "video/mp4", "name": "a.mp4"}],
        },
    },
)

EVENTS: Final[tuple[dict[str, Any], ...]] = (
    *(
        {"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": {"type": name, "user": "U1"}}
        for name in ("app_home_opened", "app_uninstalled", "tokens_revoked", "message", "function_executed")
    ),
    {"type": "url_verification", "challenge": "abc"},
)

_JOB: Final[dict[str, Any]] = {
    "id": "rjob_1",
    "workflow": "generate-premium-captions",
    "status": "completed",
    "units_consumed": 3,
    "created_at": 1_790_000_000,
    "updated_at": 1_790_000_001,
    "passthrough": "captionbot:x",
    "parameters": {"asset_id": "asset1"},
    "outputs": {
        "language_code": "en",
        "track_id": "track1",
        "temporary_srt_url": "https://storage.googleapis.com/a.srt",
        "replaced_tracks": [{"id": "t0", "type": "text", "name": "English", "language_code": "en"}],
    },
    "errors": [{"type": "processing_error", "message": "no", "retryable": True}],
    "resources": {"assets": [{"id": "asset1", "meta": {"title": "Studio"}}]},
}

WEBHOOKS: Final[tuple[dict[str, Any], ...]] = (
    *(
        {
            "type": f"robots.job.generate_premium_captions.{state}",
            "id": f"event-{state}",
            "created_at": "2026-11-22T00:00:00Z",
            "object": {"type": "robots.job", "id": "rjob_1"},
            "environment": {"id": "env1", "name": "Production"},
            "data": {**_JOB, "status": state},
        }
        for state in ("pending", "processing", "completed", "errored", "cancelled")
    ),
    {"type": "robots.v1.job.generate_premium_captions.completed", "id": "e1", "data": {"x": _JOB}},
    {"type": "video.asset.track.ready", "id": "e2", "data": {"asset_id": "asset1", "id": "t1"}},
    {"type": "robots.job.edit_captions.completed", "id": "e3", "data": {**_JOB, "workflow": "edit-captions"}},
    {"data": _JOB},
)

GETS: Final = (
    "/healthz",
    "/readyz",
    "/metrics",
    "/files/abc",
    "/files/abc/def.srt",
    "/files/eyJmIjoxfQ.abc",
    "/slack/events",
    "/mux/webhooks",
    "/slack/install",
    "/slack/oauth_redirect?code=a&state=b",
    "/slack/oauth_redirect?error=access_denied&state=b",
    "/mux/webhooks/abc",
    "/",
    "/favicon.ico",
)


def form_of(interaction: Any) -> bytes:
    """Return an interaction as Slack posts it."""
    return urlencode({"payload": json.dumps(interaction)}).encode()
