"""conversations.*: what the bot can read about channels."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.core import Core
from bot.sandbox.slack.membership import channel_named, joined_channel, need_scope, visible_channel
from bot.sandbox.slack.model import Message, Refusal
from bot.sandbox.slack.shapes import channel_json, message_json

MAX_PAGE = 999
_KINDS = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}


def history(core: Core, args: Arguments) -> dict[str, Any]:
    """conversations.history: newest first."""
    channel = joined_channel(core, args.need("channel"))
    need_scope(core, channel, "history")
    found = [message for message in core.workspace.history(channel.id) if _within(args, message.ts)]
    before = _read_cursor(args)
    if before:
        found = [message for message in found if message.ts < before]
    return _page(core, args, found, head=[], default=100)


def replies(core: Core, args: Arguments) -> dict[str, Any]:
    """conversations.replies: oldest first, with the parent at the head of every page."""
    channel = joined_channel(core, args.need("channel"))
    need_scope(core, channel, "history")
    ts = args.need("ts")
    thread = core.workspace.replies(channel.id, ts)
    if not thread:
        raise Refusal("thread_not_found")
    parent, *children = thread
    after = _read_cursor(args)
    found = [message for message in children if _within(args, message.ts) and message.ts > after]
    return _page(core, args, found, head=[parent], default=MAX_PAGE)


def _within(args: Arguments, ts: str) -> bool:
    oldest, latest = _moment(args, "oldest"), _moment(args, "latest")
    moment = float(ts)
    if moment in {oldest, latest}:
        return args.flag("inclusive")
    return (oldest is None or moment > oldest) and (latest is None or moment < latest)


def _moment(args: Arguments, name: str) -> float | None:
    given = args.text(name)
    if not given:
        return None
    try:
        return float(given)
    except ValueError:
        raise Refusal(f"invalid_ts_{name}") from None


def _page(
    core: Core, args: Arguments, found: list[Message], *, head: list[Message], default: int
) -> dict[str, Any]:
    limit = args.number("limit", default) or default
    if limit > MAX_PAGE:
        raise Refusal("invalid_limit")
    page, rest = found[:limit], found[limit:]
    whole = args.flag("include_all_metadata")
    body: dict[str, Any] = {
        "messages": [message_json(core.workspace, one, all_metadata=whole) for one in (*head, *page)],
        "has_more": bool(rest),
    }
    if rest:
        body["response_metadata"] = {"next_cursor": _cursor(page[-1].ts)}
    return body


def _cursor(last: str) -> str:
    return base64.b64encode(f"next:{last}".encode()).decode()


def _read_cursor(args: Arguments) -> str:
    cursor = args.text("cursor")
    if not cursor:
        return ""
    try:
        word, _, last = base64.b64decode(cursor, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise Refusal("invalid_cursor") from None
    if word != "next":
        raise Refusal("invalid_cursor")
    return last


def info(core: Core, args: Arguments) -> dict[str, Any]:
    """conversations.info."""
    channel = visible_channel(core, args.need("channel"))
    need_scope(core, channel, "read")
    return {"channel": channel_json(core.config, channel)}


def list_(core: Core, args: Arguments) -> dict[str, Any]:
    """conversations.list: public channels unless `types` says otherwise."""
    kinds: set[str] = set()
    for name in (args.text("types") or "public_channel").split(","):
        if name.strip() not in _KINDS:
            raise Refusal("invalid_types")
        kinds.add(_KINDS[name.strip()])
    found = [
        channel
        for channel in sorted(core.workspace.channels.values(), key=lambda one: one.id)
        if channel.kind in kinds
        and (channel.kind == "public" or core.config.bot_user_id in channel.members)
        and not (channel.archived and args.flag("exclude_archived"))
        and channel.id > _read_cursor(args)
    ]
    for channel in found:
        need_scope(core, channel, "read")
    limit = args.number("limit", 100) or 100
    page = found[:limit]
    cursor = _cursor(page[-1].id) if len(found) > limit else ""
    return {
        "channels": [channel_json(core.config, channel) for channel in page],
        "response_metadata": {"next_cursor": cursor},
    }


def open_(core: Core, args: Arguments) -> dict[str, Any]:
    """conversations.open: the DM with one person."""
    if args.has("channel"):
        channel = visible_channel(core, args.need("channel"))
    else:
        users = args.need("users").split(",")
        if len(users) != 1 or users[0] not in core.workspace.people:
            raise Refusal("user_not_found")
        channel = core.workspace.channel(users[0])
    full = channel_json(core.config, channel) if args.flag("return_im") else {"id": channel.id}
    return {"channel": full, "no_op": True, "already_open": True}


def join(core: Core, args: Arguments) -> dict[str, Any]:
    """conversations.join: public channels only."""
    channel = channel_named(core, args.need("channel"))
    if channel.kind == "im":
        raise Refusal("method_not_supported_for_channel_type")
    if channel.kind == "private":
        raise Refusal("channel_not_found")
    if channel.archived:
        raise Refusal("is_archived")
    core.workspace.invite(channel.id)
    return {"channel": channel_json(core.config, channel)}


def members(core: Core, args: Arguments) -> dict[str, Any]:
    """conversations.members."""
    channel = visible_channel(core, args.need("channel"))
    need_scope(core, channel, "read")
    return {"members": sorted(channel.members), "response_metadata": {"next_cursor": ""}}
