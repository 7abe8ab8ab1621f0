"""files.*: the external upload in three steps."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.blocks import checked_blocks
from bot.sandbox.slack.core import Core
from bot.sandbox.slack.membership import joined_channel
from bot.sandbox.slack.model import File, Refusal
from bot.sandbox.slack.shapes import file_json

# https://docs.slack.dev/reference/methods/files.getUploadURLExternal
MAX_SNIPPET_BYTES = 1_000_000
# A part of the published list, which has neither srt nor vtt.
SNIPPET_TYPES = frozenset(
    {"auto", "text", "csv", "json", "markdown", "html", "xml", "yaml", "python", "javascript", "shell"}
)
# Slack shares a completed file some time after it has said ok.
SHARE_DELAY_SECONDS = 0.4


def get_upload_url(core: Core, args: Arguments) -> dict[str, Any]:
    """files.getUploadURLExternal."""
    name, length, snippet = args.need("filename"), args.number("length", 0), args.text("snippet_type")
    if length < 1:
        raise Refusal("missing_argument")
    if snippet and snippet not in SNIPPET_TYPES:
        raise Refusal("unknown_snippet_type")
    if snippet and length > MAX_SNIPPET_BYTES:
        raise Refusal("snippet_too_large")
    file = File(
        id=core.workspace.next_id("F"),
        name=name,
        title=name,
        owner=core.config.bot_user_id,
        snippet_type=snippet,
        created_at=core.clock.now(),
    )
    core.workspace.files[file.id] = file
    return {"upload_url": core.uploads.address(file.id, length), "file_id": file.id}


def complete_upload(core: Core, args: Arguments) -> dict[str, Any]:
    """files.completeUploadExternal: answers at once, shares a little later."""
    files = _uploaded_files(core, args)
    names = args.text("channel_id") or args.text("channels")
    channels = [joined_channel(core, name) for name in names.split(",") if name]
    if any(channel.archived for channel in channels):
        raise Refusal("is_archived")
    thread_ts = args.text("thread_ts")
    if thread_ts and len(channels) != 1:
        raise Refusal("invalid_arguments")
    comment = args.text("initial_comment")
    blocks = [] if comment else checked_blocks(args.structure("blocks", "invalid_blocks_format"))
    for file in files:
        file.completed = True

    async def share() -> None:
        for channel in channels:
            message = core.workspace.post(
                channel.id,
                core.config.bot_user_id,
                comment,
                blocks=blocks,
                thread_ts=thread_ts or None,
                files=[file.id for file in files],
            )
            for file in files:
                file.shares.setdefault(channel.id, []).append(message.ts)

    core.later(SHARE_DELAY_SECONDS, share)
    return {"files": [file_json(core.workspace, file) for file in files]}


def _uploaded_files(core: Core, args: Arguments) -> list[File]:
    listed = args.structure("files", "invalid_arguments")
    if not isinstance(listed, list) or not listed or not all(isinstance(one, dict) for one in listed):
        raise Refusal("invalid_arguments")
    files: list[File] = []
    for one in listed:
        file = core.workspace.files.get(str(one.get("id")))
        if file is None or not file.uploaded or file.completed:
            raise Refusal("file_not_found")
        file.title = str(one.get("title") or file.name)
        files.append(file)
    return files


def info(core: Core, args: Arguments) -> dict[str, Any]:
    """files.info."""
    file = core.workspace.files.get(args.need("file"))
    if file is None or not file.completed:
        raise Refusal("file_not_found")
    return {"file": file_json(core.workspace, file), "comments": [], "response_metadata": {"next_cursor": ""}}
