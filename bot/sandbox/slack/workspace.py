"""The workspace in memory: people, channels, messages, files. Performs no I/O and checks no permissions.

The Web API (`api.py`) and the people (`people.py`) decide who may do what; the workspace only keeps what
they did, journals each effect and tells the page.
"""

from __future__ import annotations

import asyncio
from typing import Any

from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import Person, SandboxConfig
from bot.sandbox.journal import Journal
from bot.sandbox.slack.changes import Changes
from bot.sandbox.slack.ids import Ids
from bot.sandbox.slack.model import Change, Channel, ChannelKind, File, Message, Refusal
from bot.sandbox.slack.stacks import ViewStacks

_MICROSECONDS = 1_000_000


class Workspace:
    """Everything that a person could look at in Slack."""

    def __init__(
        self, config: SandboxConfig, clock: SandboxClock, journal: Journal, ids: Ids | None = None
    ) -> None:
        self.config = config
        self.clock = clock
        self.journal = journal
        self.people: dict[str, Person] = {person.id: person for person in config.people}
        self.channels: dict[str, Channel] = {}
        self.files: dict[str, File] = {}
        self.changes = Changes()
        self._ids = ids or Ids()
        self.views = ViewStacks(clock, journal, self._view_changed, self._ids)
        self._last_ts = 0
        self._furnish()

    def _furnish(self) -> None:
        bot = {self.config.bot_user_id}
        for room in self.config.rooms:
            members = self.members() | set(room.invited) | (bot if room.bot else set())
            channel = self.add_channel(room.name, kind=room.kind, members=members, channel_id=room.id)
            channel.shared_with = tuple(company.id for company in room.shared_with)
        for person in self.people.values():
            # People from elsewhere have their own workspace for that.
            if person.company is not None:
                continue
            self.add_channel(
                "directmessage", kind="im", members={person.id} | bot, channel_id=f"D{person.id[1:]}"
            )

    def members(self) -> set[str]:
        """Return the ids of those to whom every channel is open."""
        return {person.id for person in self.people.values() if person.is_member}

    def team_of(self, user_id: str) -> str:
        """Return the id of the workspace that somebody belongs to, which may be another company's."""
        person = self.people.get(user_id)
        return person.company.id if person is not None and person.company else self.config.team_id

    def subscribe(self) -> asyncio.Queue[Change]:
        """Return a queue of changes from now on; see `Changes.unsubscribe`."""
        return self.changes.subscribe()

    def next_ts(self) -> str:
        """Return a new ts as Slack prints it, later than every other one."""
        self._last_ts = max(self._last_ts + 1, int(self.clock.now() * _MICROSECONDS))
        return f"{self._last_ts // _MICROSECONDS}.{self._last_ts % _MICROSECONDS:06d}"

    def next_id(self, prefix: str) -> str:
        """Return a new id that begins with `prefix`, in the shape of Slack's."""
        return self._ids.next(prefix)

    def knows(self, one: str) -> bool:
        """Say whether this is the id of a person, channel, file or view of this workspace."""
        kept = (self.people, self.channels, self.files)
        return any(one in some for some in kept) or self.views.get(one) is not None

    def add_channel(
        self, name: str, *, kind: ChannelKind = "public", members: set[str], channel_id: str = ""
    ) -> Channel:
        """Make a channel; the id is chosen when none is given."""
        channel = Channel(
            id=channel_id or self.next_id("G" if kind == "private" else "C"),
            name=name,
            kind=kind,
            members=set(members),
            created_at=self.clock.now(),
        )
        self.channels[channel.id] = channel
        self._tell(kind="channel", channel=channel.id)
        return channel

    def channel(self, channel_id: str) -> Channel:
        """Return a channel by its id, or the DM with the bot by the person's.

        Raises:
            Refusal: `channel_not_found`.
        """
        if channel_id in self.people:
            channel_id = f"D{channel_id[1:]}"
        found = self.channels.get(channel_id)
        if found is None:
            raise Refusal("channel_not_found")
        return found

    def archive(self, channel_id: str) -> None:
        """Archive a channel: everything stays readable, nobody can post."""
        self.channel(channel_id).archived = True
        self._channel_effect("archived", channel_id)

    def kick(self, channel_id: str, user_id: str = "") -> None:
        """Take somebody out of a channel, the bot unless another is named."""
        self.channel(channel_id).members.discard(user_id or self.config.bot_user_id)
        self._channel_effect("kicked", channel_id, user=user_id or self.config.bot_user_id)

    def invite(self, channel_id: str, user_id: str = "") -> None:
        """Bring somebody into a channel, the bot unless another is named."""
        self.channel(channel_id).members.add(user_id or self.config.bot_user_id)
        self._channel_effect("invited", channel_id, user=user_id or self.config.bot_user_id)

    def rename(self, channel_id: str, name: str) -> None:
        """Give a channel another name; its id stays."""
        self.channel(channel_id).name = name
        self._channel_effect("renamed", channel_id, to=name)

    def add_file(self, name: str, content: bytes, *, owner: str) -> File:
        """Keep a file that a person has uploaded; no message shows it yet."""
        file = File(
            id=self.next_id("F"),
            name=name,
            title=name,
            owner=owner,
            content=content,
            created_at=self.clock.now(),
            uploaded=True,
            completed=True,
        )
        self.files[file.id] = file
        self.journal.add("slack.effect", "file.uploaded", file=file.id, filename=name, bytes=len(content))
        return file

    def delete_file(self, file: File) -> None:
        """Delete a file: its bytes go, and messages that showed it are drawn anew."""
        file.deleted, file.content = True, b""
        self.journal.add("slack.effect", "file.deleted", file=file.id, filename=file.name)
        for channel_id, stamps in file.shares.items():
            for ts in stamps:
                self._tell(kind="message", channel=channel_id, ts=ts)

    def post(
        self,
        channel_id: str,
        author: str,
        text: str,
        *,
        blocks: list[dict[str, Any]] | None = None,
        thread_ts: str | None = None,
        metadata: dict[str, Any] | None = None,
        ephemeral_to: str | None = None,
        files: list[str] | None = None,
        broadcast: bool = False,
        command: str = "",
    ) -> Message:
        """Add a message and return it.

        A `thread_ts` that names no living top-level message is dropped, so that the message lands in the
        channel: what Slack does with a reply to a deleted parent.
        """
        channel = self.channel(channel_id)
        parent = self._parent(channel, thread_ts)
        message = Message(
            ts=self.next_ts(),
            channel=channel.id,
            author=author,
            text=text,
            blocks=blocks or [],
            thread_ts=parent.ts if parent else None,
            metadata=metadata,
            ephemeral_to=ephemeral_to,
            files=files or [],
            broadcast=broadcast and parent is not None,
            command=command,
        )
        channel.messages[message.ts] = message
        if parent is not None and ephemeral_to is None:
            parent.thread_ts = parent.ts
            parent.reply_ts.append(message.ts)
        self._message_effect("posted", message)
        return message

    def _parent(self, channel: Channel, thread_ts: str | None) -> Message | None:
        parent = channel.messages.get(thread_ts or "")
        if parent is None or parent.deleted or parent.ephemeral_to is not None or parent.is_reply:
            return None
        return parent

    def update(
        self,
        message: Message,
        *,
        text: str,
        blocks: list[dict[str, Any]],
        metadata: dict[str, Any] | None,
    ) -> None:
        """Replace a message's text, blocks and metadata."""
        message.text, message.blocks, message.metadata = text, blocks, metadata
        message.edited_at = self.clock.now()
        message.revision += 1
        self._message_effect("updated", message)

    def delete(self, message: Message) -> None:
        """Delete a message; its replies stay where they are."""
        message.deleted = True
        message.revision += 1
        channel = self.channels[message.channel]
        if message.is_reply and (parent := channel.messages.get(message.thread_ts or "")) is not None:
            parent.reply_ts = [ts for ts in parent.reply_ts if ts != message.ts]
        self._message_effect("deleted", message)

    def find(self, channel_id: str, ts: str) -> Message | None:
        """Return a message that exists, or None; ephemeral and deleted ones do not count."""
        message = self.channel(channel_id).messages.get(ts)
        if message is None or message.deleted or message.ephemeral_to is not None:
            return None
        return message

    def replies(self, channel_id: str, ts: str) -> list[Message]:
        """Return a thread, oldest first and its parent before all; empty when there is none.

        A deleted parent is part of its thread for as long as that has replies; look at `deleted`.
        """
        channel = self.channel(channel_id)
        parent = channel.messages.get(ts)
        if parent is None or parent.ephemeral_to is not None or _is_gone(parent):
            return []
        return [parent, *(channel.messages[reply] for reply in parent.reply_ts)]

    def history(self, channel_id: str) -> list[Message]:
        """Return what everybody sees in the channel itself, newest first, replies left out."""
        return [
            message
            for message in reversed(self.channel(channel_id).messages.values())
            if not _is_gone(message)
            and message.ephemeral_to is None
            and (message.broadcast or not message.is_reply)
        ]

    def seen_by(self, channel_id: str, user_id: str) -> list[Message]:
        """Return everything one person can see in a channel, replies included, oldest first."""
        return [
            message
            for message in self.channel(channel_id).messages.values()
            if not message.deleted and message.ephemeral_to in {None, user_id}
        ]

    def toast(self, user_id: str, text: str) -> None:
        """Show one person a short notice of Slack's own."""
        self.journal.add("slack.effect", "toast", user=user_id, text=text)
        self._tell(kind="toast", user=user_id, text=text)

    def _message_effect(self, what: str, message: Message) -> None:
        self.journal.add(
            "slack.effect",
            f"message.{what}",
            channel=message.channel,
            ts=message.ts,
            thread_ts=message.thread_ts,
            author=message.author,
            text=message.text,
            metadata=message.metadata,
            ephemeral_to=message.ephemeral_to,
            files=list(message.files),
        )
        self._tell(kind="message", channel=message.channel, ts=message.ts, user=message.ephemeral_to or "")

    def _channel_effect(self, what: str, channel_id: str, **data: Any) -> None:
        channel = self.channel(channel_id)
        self.journal.add("slack.effect", f"channel.{what}", channel=channel.id, **data)
        self._tell(kind="channel", channel=channel.id)

    def _view_changed(self, user_id: str, view_id: str, kind: str) -> None:
        self._tell(kind="home" if kind == "home" else "view", user=user_id, view_id=view_id)

    def _tell(self, **what: Any) -> None:
        self.changes.tell(Change(seq=self.changes.next_seq(), **what))


def _is_gone(message: Message) -> bool:
    # Slack keeps a tombstone where a deleted message still has replies under it.
    return message.deleted and not message.reply_ts
