"""What the bot answers to something that Slack sent it, over HTTP or over a socket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.model import Refusal

# https://docs.slack.dev/interactivity/handling-user-interaction
ACK_SECONDS = 3.0
_OK = 200
_OK_END = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """What the bot answered within three seconds; `status` is None where no answer came.

    An envelope that was acked has status 200, since a socket knows no other.
    """

    status: int | None
    timed_out: bool = False
    content_type: str = ""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Say whether this is an ack: Slack takes any 2xx for one."""
        return self.status is not None and _OK <= self.status < _OK_END

    def read(self) -> dict[str, Any]:
        """Return the content of an ack: JSON as it is, plain text as a message, {} for an empty body.

        Raises:
            Refusal: `invalid_command_response`, when it says JSON and is not an object.
        """
        text = self.body.decode(errors="replace").strip()
        if not text:
            return {}
        if self.content_type != "application/json" and not text.startswith("{"):
            return {"text": text}
        try:
            content = json.loads(text)
        except ValueError:
            raise Refusal("invalid_command_response") from None
        if not isinstance(content, dict):
            raise Refusal("invalid_command_response")
        return content
