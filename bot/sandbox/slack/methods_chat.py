"""chat.*: what the bot says."""

from __future__ import annotations

import json
from typing import Any

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.blocks import checked_blocks
from bot.sandbox.slack.core import Core
from bot.sandbox.slack.membership import channel_named, postable_channel, visible_channel
from bot.sandbox.slack.model import Channel, Message, Refusal
from bot.sandbox.slack.shapes import message_json

# https://docs.slack.dev/reference/methods/chat.postMessage: longer texts are cut without a word.
MAX_TEXT = 40_000
# https://docs.slack.dev/reference/methods/chat.update
MAX_UPDATE_TEXT = 4_000
MAX_MARKDOWN_TEXT = 12_000
# `metadata_too_large` exists, its threshold is not published; 4 KB is what the bot promises to stay under.
MAX_METADATA_BYTES = 4_096


def post_message(core: Core, args: Arguments) -> dict[str, Any]:
    """chat.postMessage."""
    channel = postable_channel(core, args.need("channel"))
    text, blocks = _content(args)
    metadata = _metadata(args)
    if not text and not blocks:
        raise Refusal("no_text")
    message = core.workspace.post(
        channel.id,
        core.config.bot_user_id,
        text[:MAX_TEXT],
        blocks=blocks,
        thread_ts=args.text("thread_ts") or None,
        metadata=metadata or None,
        broadcast=args.flag("reply_broadcast"),
    )
    body = message_json(core.workspace, message, all_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": body}


def post_ephemeral(core: Core, args: Arguments) -> dict[str, Any]:
    """chat.postEphemeral."""
    channel = postable_channel(core, args.need("channel"))
    user = args.need("user")
    if user not in channel.members:
        raise Refusal("user_not_in_channel")
    text, blocks = _content(args)
    if not text and not blocks:
        raise Refusal("no_text")
    if len(text) > MAX_TEXT:
        raise Refusal("msg_too_long")
    message = core.workspace.post(
        channel.id,
        core.config.bot_user_id,
        text,
        blocks=blocks,
        thread_ts=args.text("thread_ts") or None,
        ephemeral_to=user,
    )
    return {"message_ts": message.ts}


def update(core: Core, args: Arguments) -> dict[str, Any]:
    """chat.update."""
    channel, message = _own_message(core, args, "cant_update_message")
    text, blocks = _content(args)
    if not args.has("text") and not args.has("blocks") and not args.has("markdown_text"):
        raise Refusal("no_text")
    if len(text) > MAX_UPDATE_TEXT:
        raise Refusal("msg_too_long")
    # Omitted metadata stays, `{}` clears it; omitted blocks are dropped as soon as there is a text.
    metadata = (_metadata(args) or None) if args.has("metadata") else message.metadata
    core.workspace.update(message, text=text, blocks=blocks, metadata=metadata)
    body = message_json(core.workspace, message, all_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": text, "message": body}


def delete(core: Core, args: Arguments) -> dict[str, Any]:
    """chat.delete."""
    channel, message = _own_message(core, args, "cant_delete_message")
    core.workspace.delete(message)
    return {"channel": channel.id, "ts": message.ts}


def get_permalink(core: Core, args: Arguments) -> dict[str, Any]:
    """chat.getPermalink."""
    channel = visible_channel(core, args.need("channel"))
    ts = args.need("message_ts")
    message = core.workspace.find(channel.id, ts)
    if message is None:
        raise Refusal("message_not_found")
    link = f"{core.config.public_url}/archives/{channel.id}/p{ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def _own_message(core: Core, args: Arguments, refused: str) -> tuple[Channel, Message]:
    channel_id = args.need("channel")
    ts = args.need("ts")
    # These two take the id of a DM, not that of the person in it.
    if channel_id in core.workspace.people:
        raise Refusal("channel_not_found")
    channel = channel_named(core, channel_id)
    if channel.kind != "public":
        visible_channel(core, channel.id)
    if channel.archived:
        raise Refusal("is_archived")
    message = core.workspace.find(channel.id, ts)
    if message is None:
        raise Refusal("message_not_found")
    if message.author != core.config.bot_user_id:
        raise Refusal(refused)
    return channel, message


def _content(args: Arguments) -> tuple[str, list[dict[str, Any]]]:
    if args.structure("attachments", "invalid_attachments"):
        raise Refusal(
            "invalid_arguments",
            response_metadata={
                "messages": ["[ERROR] the sandbox shows no attachments [json-pointer:/attachments]"]
            },
        )
    text = args.text("text")
    blocks = args.structure("blocks", "invalid_blocks_format")
    markdown = args.text("markdown_text")
    if not markdown:
        return text, checked_blocks(blocks)
    if text or blocks:
        raise Refusal("markdown_text_conflict")
    if len(markdown) > MAX_MARKDOWN_TEXT:
        raise Refusal("msg_too_long")
    return markdown, checked_blocks([{"type": "markdown", "text": markdown}])


def _metadata(args: Arguments) -> dict[str, Any] | None:
    metadata = args.structure("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    if not isinstance(metadata, dict):
        raise Refusal("invalid_metadata_format")
    if not metadata:
        return {}
    payload = metadata.get("event_payload")
    if not isinstance(metadata.get("event_type"), str) or not isinstance(payload, dict):
        raise Refusal("invalid_metadata_schema")
    if len(json.dumps(metadata).encode()) > MAX_METADATA_BYTES:
        raise Refusal("metadata_too_large")
    return {"event_type": metadata["event_type"], "event_payload": payload}
