"""Which conversations the bot can see and post to."""

from __future__ import annotations

from collections.abc import Iterable

from bot.sandbox.slack.core import Core
from bot.sandbox.slack.model import Channel, ChannelKind, File, Refusal

_PREFIX: dict[ChannelKind, str] = {"public": "channels", "private": "groups", "im": "im"}


def channel_named(core: Core, name: str) -> Channel:
    """Return a conversation by its id, by a person's id, or by a channel's name with or without `#`.

    Raises:
        Refusal: `channel_not_found`.
    """
    plain = name.removeprefix("#")
    for channel in core.workspace.channels.values():
        if channel.kind != "im" and channel.name == plain:
            return channel
    return core.workspace.channel(name)


def visible_channel(core: Core, name: str) -> Channel:
    """Return a conversation that the bot can see.

    Raises:
        Refusal: `channel_not_found`; a private channel without the bot looks just like one that is not.
    """
    channel = channel_named(core, name)
    if channel.kind != "public" and core.config.bot_user_id not in channel.members:
        raise Refusal("channel_not_found")
    return channel


def joined_channel(core: Core, name: str) -> Channel:
    """Return a conversation that the bot is a member of.

    Raises:
        Refusal: `channel_not_found` or `not_in_channel`.
    """
    channel = visible_channel(core, name)
    if core.config.bot_user_id not in channel.members:
        raise Refusal("not_in_channel")
    return channel


def postable_channel(core: Core, name: str) -> Channel:
    """Return a conversation to which the bot may post.

    Raises:
        Refusal: `channel_not_found`, `not_in_channel` or `is_archived`.
    """
    channel = visible_channel(core, name)
    if core.config.bot_user_id not in channel.members and "chat:write.public" not in core.scopes:
        raise Refusal("not_in_channel")
    if channel.archived:
        raise Refusal("is_archived")
    return channel


def sees_file(core: Core, file: File) -> bool:
    """Say whether the bot may know of a file.

    Its own files it may, and those that nobody has shared (a form's file goes straight to the app); of the
    others only what stands in a public channel or where the bot is a member.
    """
    bot = core.config.bot_user_id
    if file.owner == bot or not file.shares:
        return True
    channels = [core.workspace.channels[channel_id] for channel_id in file.shares]
    return any(channel.kind == "public" or bot in channel.members for channel in channels)


def need_scope(core: Core, channel: Channel, right: str) -> None:
    """Check a scope that comes per kind of conversation: `history` or `read`.

    Raises:
        Refusal: `missing_scope`, with `needed` and `provided`.
    """
    needed = f"{_PREFIX[channel.kind]}:{right}"
    if needed not in core.scopes:
        raise missing_scope(core.scopes, needed)


def missing_scope(provided: Iterable[str], needed: str) -> Refusal:
    """Return the refusal for a scope that the token lacks."""
    return Refusal("missing_scope", needed=needed, provided=",".join(provided))
