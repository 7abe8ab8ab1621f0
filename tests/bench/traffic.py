"""The requests that Slack and Mux would send, signed, with a body of the size that theirs have."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

HOST: Final = "127.0.0.1"
SIGNING_SECRET: Final = "bench-signing-secret"
WEBHOOK_SECRET: Final = "bench-webhook-secret"

_FORM: Final = "application/x-www-form-urlencoded"
_JSON: Final = "application/json"


def _digest(secret: str, signed: bytes) -> str:
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def post(path: str, body: bytes, content_type: str, **headers: str) -> bytes:
    """Return a whole HTTP/1.1 request on a connection that stays open."""
    head = {
        "Host": HOST,
        "Content-Type": content_type,
        "Content-Length": str(len(body)),
        "Accept": "*/*",
        "Connection": "keep-alive",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def get(path: str) -> bytes:
    """Return a whole GET request."""
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: keep-alive\r\n\r\n".encode()


def from_slack(body: bytes) -> bytes:
    """Return a request to the Slack endpoint, signed now.

    https://docs.slack.dev/authentication/verifying-requests-from-slack
    """
    timestamp = str(int(time.time()))
    signature = _digest(SIGNING_SECRET, b"v0:" + timestamp.encode() + b":" + body)
    return post(
        "/slack/events",
        body,
        _FORM,
        X_Slack_Request_Timestamp=timestamp,
        X_Slack_Signature=f"v0={signature}",
        User_Agent="Slackbot 1.0 (+https://api.slack.com/robots)",
    )


@dataclass(slots=True)
class Traffic:
    """Makes requests, each with an id of its own. `teams` and `channels` are how far they are spread."""

    teams: int = 1
    channels: int = 1
    _number: itertools.count[int] = field(default_factory=lambda: itertools.count(time.time_ns() // 1000))

    def command(self) -> bytes:
        """Return `/caption <a new asset> en`."""
        number = next(self._number)
        return from_slack(
            urlencode(
                {
                    "token": "none",
                    "team_id": self._team(number),
                    "team_domain": "bench",
                    "channel_id": f"C{number % self.channels}",
                    "channel_name": "captions",
                    "user_id": "U0BENCH",
                    "user_name": "ada",
                    "command": "/caption",
                    "text": f"Asset{number:032d} en",
                    "api_app_id": "A0BENCH",
                    "is_enterprise_install": "false",
                    "response_url": f"http://{HOST}:9/respond/{number}",
                    "trigger_id": f"{number}.170.{number:x}",
                }
            ).encode()
        )

    def press(self, value: str, response_url: str) -> bytes:
        """Return a press on the button that asks how the job `value` stands."""
        number = next(self._number)
        return _interaction(
            {
                "type": "block_actions",
                **self._who(number),
                "container": {"type": "message", "channel_id": "C0", "message_ts": "1700000000.000100"},
                "channel": {"id": "C0", "name": "captions"},
                "message": {"ts": "1700000000.000100", "text": "x", "metadata": {"event_payload": {}}},
                "response_url": response_url,
                "actions": [
                    {
                        "type": "button",
                        "action_id": "job_status",
                        "block_id": "b",
                        "value": value,
                        "action_ts": f"{number}.1",
                    }
                ],
            }
        )

    def submission(self) -> bytes:
        """Return a form that is sent off, filled in as a person would."""
        number = next(self._number)
        return _interaction(
            {
                "type": "view_submission",
                **self._who(number),
                "view": {
                    "id": f"V{number}",
                    "type": "modal",
                    "callback_id": "caption_modal",
                    "hash": f"1700000000.{number}",
                    "private_metadata": json.dumps({"channel": "C0"}),
                    "state": {"values": _filled_in(f"Asset{number:032d}")},
                },
            }
        )

    def _team(self, number: int) -> str:
        return f"T{number % self.teams}"

    def _who(self, number: int) -> dict[str, Any]:
        team = self._team(number)
        return {
            "team": {"id": team, "domain": "bench"},
            "user": {"id": "U0BENCH", "username": "ada", "name": "ada", "team_id": team},
            "api_app_id": "A0BENCH",
            "token": "none",
            "trigger_id": f"{number}.170.{number:x}",
            "is_enterprise_install": False,
            "enterprise": None,
        }


def _filled_in(asset_id: str) -> dict[str, Any]:
    def chosen(value: str) -> dict[str, Any]:
        return {"selected_option": {"text": {"type": "plain_text", "text": value}, "value": value}}

    return {
        "link": {"caption_link": {"type": "plain_text_input", "value": asset_id}},
        "language": {"caption_language": {"type": "static_select", **chosen("en")}},
        "name": {"caption_name": {"type": "plain_text_input", "value": "English"}},
        "prompt": {"caption_prompt": {"type": "plain_text_input", "value": "Ada Lovelace, Mux " * 30}},
    }


def _interaction(payload: dict[str, Any]) -> bytes:
    return from_slack(b"payload=" + quote_plus(json.dumps(payload)).encode())


def webhook(marker: str, *, status: str = "completed") -> bytes:
    """Return the event that the job of the stamp `marker` has ended, signed now.

    https://www.mux.com/docs/core/verify-webhook-signatures
    """
    now = int(time.time())
    body = json.dumps(
        {
            "type": f"robots.job.generate_premium_captions.{status}",
            "id": f"event-{marker}-{status}",
            "created_at": "2026-11-22T10:00:00.000000Z",
            "object": {"type": "job", "id": f"rjob_{marker}"},
            "environment": {"name": "Production", "id": "env1"},
            "data": job(marker, status, now),
            "attempts": [],
        }
    ).encode()
    signature = _digest(WEBHOOK_SECRET, f"{now}.".encode() + body)
    return post("/mux/webhooks", body, _JSON, Mux_Signature=f"t={now},v1={signature}")


def job(marker: str, status: str, now: float) -> dict[str, Any]:
    """Return a caption job as Mux spells it."""
    ended = {
        "units_consumed": 3000,
        # Without links to files, which the bot would fetch and keep, and no peer would.
        "outputs": {"track_id": f"track_{marker}", "language_code": "en"},
    }
    return {
        "id": f"rjob_{marker}",
        "workflow": "generate-premium-captions",
        "status": status,
        "units_consumed": 0,
        "created_at": now - 60,
        "updated_at": now,
        "passthrough": f"captionbot:bench:{marker}",
        "parameters": {"asset_id": f"asset_{marker}", "language_code": "en", "upload_to_mux": True},
        "resources": {"assets": [{"id": f"asset_{marker}", "meta": {"title": "A film"}}]},
        **(ended if status == "completed" else {}),
    }
