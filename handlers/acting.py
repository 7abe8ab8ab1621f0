"""Who acts, and what a press on one of our messages says, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from bot.rules.policy import Asker


def commander(body: Mapping[str, Any]) -> Asker:
    """Return who typed a slash command, and where."""
    return Asker(
        team_id=str(body["team_id"]), user_id=str(body["user_id"]), channel_id=str(body["channel_id"])
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A `block_actions` payload: who pressed what, and where the answer goes.

    Whatever Slack left out is empty; an empty team or person may do nothing. `in_private` says that only
    this person sees the message.
    """

    action_id: str
    value: str
    asker: Asker
    response_url: str
    in_private: bool = False

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> Self:
        """Read the payload; the first of its actions counts, since a message's buttons come one by one."""
        action: Mapping[str, Any] = next(iter(body.get("actions") or ()), {})
        user = body.get("user") or {}
        team = body.get("team") or {}
        channel = body.get("channel") or {}
        container = body.get("container") or {}
        return cls(
            action_id=str(action.get("action_id", "")),
            value=str(action.get("value", "")),
            asker=Asker(
                team_id=str(team.get("id") or user.get("team_id") or ""),
                user_id=str(user.get("id", "")),
                channel_id=str(channel.get("id") or container.get("channel_id") or ""),
            ),
            response_url=str(body.get("response_url", "")),
            in_private=container.get("is_ephemeral") is True,
        )
