"""What Slack's answers tell us, as values. Performs no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from bot.rules.files import SlackFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A message that Slack accepted.

    `thread_ts` is the thread it landed in by Slack's own words: None although a thread was asked for means
    that the parent is gone and the message stands in the channel for everybody.
    """

    channel: str
    ts: str
    thread_ts: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A message read back from `channel`.

    `metadata` is `{"event_type": ..., "event_payload": {...}}`, or empty.
    """

    channel: str
    ts: str
    thread_ts: str | None = None
    text: str = ""
    user: str = ""
    bot_id: str = ""
    app_id: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_message(cls, message: Mapping[str, Any], channel: str) -> Self:
        """Read one entry of the `messages` of `channel`; what is absent or odd is empty."""
        metadata = message.get("metadata")
        return cls(
            channel=channel,
            ts=word(message.get("ts")),
            thread_ts=word(message.get("thread_ts")) or None,
            text=word(message.get("text")),
            user=word(message.get("user")),
            bot_id=word(message.get("bot_id")),
            app_id=word(message.get("app_id")),
            metadata=metadata if isinstance(metadata, dict) else {},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whose token it is, and what it may do. Fields that Slack left out are empty."""

    team_id: str
    team: str
    url: str
    user_id: str
    bot_id: str
    app_id: str
    enterprise_id: str
    scopes: frozenset[str]


# https://docs.slack.dev/reference/objects/user-object
@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What somebody is to the workspace whose token asked. An administrator or owner `runs_workspace`."""

    id: str
    is_guest: bool = False
    is_external: bool = False
    runs_workspace: bool = False

    @classmethod
    def from_user(cls, user: Mapping[str, Any], user_id: str) -> Self:
        """Read a user object; what is absent is not so."""

        def is_so(*names: str) -> bool:
            return any(user.get(name) is True for name in names)

        return cls(
            id=user_id,
            is_guest=is_so("is_restricted", "is_ultra_restricted"),
            is_external=is_so("is_stranger"),
            runs_workspace=is_so("is_admin", "is_owner", "is_primary_owner"),
        )


# https://docs.slack.dev/reference/objects/file-object
def read_file(file: Mapping[str, Any], file_id: str) -> SlackFile:
    """Read a file object; the address is empty for what was deleted, is too old, or lies elsewhere."""
    gone = file.get("is_external") is True or word(file.get("mode")) in {"tombstone", "hidden_by_limit"}
    size = file.get("size")
    return SlackFile(
        id=word(file.get("id")) or file_id,
        name=word(file.get("name")) or word(file.get("title")) or file_id,
        media_type=word(file.get("mimetype")),
        size=size if isinstance(size, int) and not isinstance(size, bool) else 0,
        url="" if gone else word(file.get("url_private_download")) or word(file.get("url_private")),
    )


def word(value: Any) -> str:
    """Return `value` if it is a string, else an empty one."""
    return value if isinstance(value, str) else ""
