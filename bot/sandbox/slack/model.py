"""What a workspace consists of: plain mutable records, and the refusal that a method answers with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

ChannelKind = Literal["public", "private", "im"]
ViewKind = Literal["modal", "home"]


class Refusal(Exception):
    """A Web API method says no: `code` is what the body's `error` carries, `extra` its other fields."""

    def __init__(self, code: str, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.extra: Mapping[str, Any] = extra


@dataclass(slots=True, kw_only=True)
class File:
    """An uploaded file; `shares` maps a channel id to the ts of the messages that show it.

    `uploaded` says that its bytes are there, `completed` that it counts as a file of the workspace.
    """

    id: str
    name: str
    title: str
    owner: str
    content: bytes = b""
    snippet_type: str = ""
    alt_txt: str = ""
    created_at: float = 0.0
    uploaded: bool = False
    completed: bool = False
    deleted: bool = False
    shares: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Message:
    """A message as the workspace keeps it.

    `author` is a user id, the bot's included. A thread's parent has `thread_ts` None until it has
    replies, as Slack sends it; `reply_ts` lists its replies, oldest first. `ephemeral_to` names the only
    person who sees the message. `command` is the command line that an in_channel answer displays.
    """

    ts: str
    channel: str
    author: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    thread_ts: str | None = None
    metadata: dict[str, Any] | None = None
    edited_at: float | None = None
    revision: int = 1
    deleted: bool = False
    ephemeral_to: str | None = None
    files: list[str] = field(default_factory=list)
    reply_ts: list[str] = field(default_factory=list)
    broadcast: bool = False
    command: str = ""

    @property
    def is_reply(self) -> bool:
        """Say whether the message sits inside a thread, under somebody else's message."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def reply_count(self) -> int:
        """Return how many replies the thread under this message has."""
        return len(self.reply_ts)


@dataclass(slots=True, kw_only=True)
class Channel:
    """A conversation; `messages` is keyed by ts and ordered by it, deleted ones included.

    `shared_with` are the ids of other companies' workspaces that see it through Slack Connect.
    """

    id: str
    name: str
    kind: ChannelKind = "public"
    members: set[str] = field(default_factory=set)
    archived: bool = False
    created_at: float = 0.0
    shared_with: tuple[str, ...] = ()
    messages: dict[str, Message] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class View:
    """A modal or a Home tab of one person.

    `payload` is the view as the bot sent it. `state` is what the person has typed or chosen so far:
    block id -> action id -> Slack's typed value. `errors` are the sentences under the fields, by block
    id, after a submission that the bot refused. `hash` changes with every update. `opened_from` is the
    conversation that the person was looking at, None where Slack knows of none.
    """

    id: str
    user: str
    kind: ViewKind
    payload: dict[str, Any]
    hash: str
    root_id: str
    previous_id: str | None = None
    opened_from: Channel | None = None
    state: dict[str, dict[str, Any]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def private_metadata(self) -> str:
        """Return the bot's own note inside the view; empty when it left none."""
        return str(self.payload.get("private_metadata") or "")

    @property
    def callback_id(self) -> str:
        """Return the bot's name for this kind of view; empty when it gave none."""
        return str(self.payload.get("callback_id") or "")

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """Return the blocks as the bot sent them, with block ids filled in."""
        blocks: list[dict[str, Any]] = self.payload.get("blocks") or []
        return blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something a page that shows the workspace has to redraw.

    `kind` is `message` (posted, updated or deleted: look it up), `channel` (made, renamed, archived,
    members), `view` (somebody's stack of modals), `home`, `toast` (a notice to `user`, in `text`) or
    `reset` (the listener was too slow and has missed some: redraw everything). `seq` counts up by one.
    """

    seq: int
    kind: Literal["message", "channel", "view", "home", "toast", "reset"]
    channel: str = ""
    ts: str = ""
    user: str = ""
    view_id: str = ""
    text: str = ""
