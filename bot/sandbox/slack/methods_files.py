"""files.*: the external upload in three steps, and what is known of a file afterwards."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from bot.sandbox.faults import FaultKind
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.blocks import checked_blocks
from bot.sandbox.slack.core import Core
from bot.sandbox.slack.membership import joined_channel, sees_file
from bot.sandbox.slack.model import Channel, File, Refusal
from bot.sandbox.slack.shapes import file_json
from bot.sandbox.slack.sharing import MOST_FILE_BYTES
from bot.sandbox.slack.spec import problem

# https://docs.slack.dev/reference/methods/files.getUploadURLExternal
MAX_SNIPPET_BYTES: Final = 1_000_000
MAX_ALT_CHARACTERS: Final = 1_000
# A part of the published list, which has neither srt nor vtt.
SNIPPET_TYPES: Final = frozenset(
    {"auto", "text", "csv", "json", "markdown", "html", "xml", "yaml", "python", "javascript", "shell"}
)
# https://docs.slack.dev/reference/methods/files.completeUploadExternal
MAX_CHANNELS: Final = 100
# Slack's own pattern asks for eight characters more; the ids here are shorter, to be read by people.
_CHANNEL_ID: Final = re.compile(r"[CGDZ][A-Z0-9]{4,}")
_CHANNEL_OR_PERSON: Final = re.compile(r"[CGDZUW][A-Z0-9]{4,}")
# Slack shares a completed file some time after it has said ok.
SHARE_DELAY_SECONDS: Final = 0.4


def get_upload_url(core: Core, args: Arguments) -> dict[str, Any]:
    """files.getUploadURLExternal."""
    name, length, snippet = args.need("filename"), args.number("length", 0), args.text("snippet_type")
    if length < 1:
        raise Refusal("missing_argument")
    core.uploads.check(name)
    if length > MOST_FILE_BYTES:
        raise Refusal("file_upload_size_restricted")
    if snippet and snippet not in SNIPPET_TYPES:
        raise Refusal("unknown_snippet_type")
    if snippet and length > MAX_SNIPPET_BYTES:
        raise Refusal("snippet_too_large")
    alt_txt = args.text("alt_txt")
    if len(alt_txt) > MAX_ALT_CHARACTERS:
        raise Refusal("alt_txt_too_large")
    file = File(
        id=core.workspace.next_id("F"),
        name=name,
        title=name,
        owner=core.config.bot_user_id,
        snippet_type=snippet,
        alt_txt=alt_txt,
        created_at=core.clock.now(),
    )
    core.workspace.files[file.id] = file
    return {"upload_url": core.uploads.address(file.id, length), "file_id": file.id}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Share:
    """What one call wants shared, and where."""

    files: list[File]
    channels: list[Channel]
    thread_ts: str
    comment: str
    blocks: list[dict[str, Any]]


def complete_upload(core: Core, args: Arguments) -> dict[str, Any]:
    """files.completeUploadExternal: answers at once, shares a little later.

    The fault `share:<channel id>` decides whether that ever happens: `lose` says no, `delay` says when.
    """
    share = _read_share(core, args)
    for file in share.files:
        file.completed = True
    for channel in share.channels:
        _share_later(core, share, channel)
    return {"files": [file_json(core.workspace, file) for file in share.files]}


def _read_share(core: Core, args: Arguments) -> _Share:
    files = _uploaded_files(core, args)
    channels = [joined_channel(core, name) for name in _destinations(args)]
    if any(channel.archived for channel in channels):
        raise Refusal("is_archived")
    thread_ts, comment = args.text("thread_ts"), args.text("initial_comment")
    if thread_ts and len(channels) != 1:
        raise Refusal("invalid_arguments")
    # Blocks beside a comment are not even looked at.
    blocks = [] if comment else checked_blocks(args.structure("blocks", "invalid_blocks_format"))
    return _Share(files=files, channels=channels, thread_ts=thread_ts, comment=comment, blocks=blocks)


def _destinations(args: Arguments) -> list[str]:
    single = args.text("channel_id")
    if single and not _CHANNEL_ID.fullmatch(single):
        raise _no_id("^[CGDZ][A-Z0-9]{8,}$", "/channel_id")
    names = [single] if single else [name for name in args.text("channels").split(",") if name]
    if not all(_CHANNEL_OR_PERSON.fullmatch(name) for name in names):
        raise _no_id("^([CGDZUW][A-Z0-9]{8,},?)+$", "/channels")
    if len(names) > MAX_CHANNELS:
        raise Refusal("channels_limit_exceeded")
    return names


def _no_id(pattern: str, pointer: str) -> Refusal:
    problems: list[str] = []
    problem(problems, f"input must match regex pattern: {pattern}", pointer)
    return Refusal("invalid_arguments", response_metadata={"messages": problems})


def _share_later(core: Core, share: _Share, channel: Channel) -> None:
    fault = core.faults.draw(f"share:{channel.id}")
    delay_seconds = SHARE_DELAY_SECONDS
    if fault is not None:
        ids = [file.id for file in share.files]
        core.journal.add("fault", f"share:{channel.id}", fault=fault.kind.value, files=ids)
        if fault.kind is FaultKind.LOSE:
            return
        if fault.kind is FaultKind.DELAY:
            delay_seconds += fault.seconds

    async def act() -> None:
        _share(core, share, channel)

    core.later(delay_seconds, act)


def _share(core: Core, share: _Share, channel: Channel) -> None:
    files = [file for file in share.files if not file.deleted]
    # Whoever was sent away or found the channel archived in the meantime is not told; nothing appears.
    if not files or channel.archived or core.config.bot_user_id not in channel.members:
        return
    message = core.workspace.post(
        channel.id,
        core.config.bot_user_id,
        share.comment,
        blocks=share.blocks,
        thread_ts=share.thread_ts or None,
        files=[file.id for file in files],
    )
    for file in files:
        file.shares.setdefault(channel.id, []).append(message.ts)


def _uploaded_files(core: Core, args: Arguments) -> list[File]:
    listed = args.structure("files", "invalid_arguments")
    if not isinstance(listed, list) or not listed or not all(isinstance(one, dict) for one in listed):
        raise Refusal("invalid_arguments")
    files: list[File] = []
    # An organization's token may have asked for the address in another of its workspaces.
    homes = {core.workspace, *(one.workspace for one in core.app.workspaces_of(args.caller.place))}
    known = {file.id: file for home in homes for file in home.files.values()}
    for one in listed:
        file = known.get(str(one.get("id")))
        if file is None or not file.uploaded or file.completed or file in files:
            raise Refusal("file_not_found")
        files.append(file)
    # Titles are given only once the whole list has been found to be in order.
    for one, file in zip(listed, files, strict=True):
        file.title = str(one.get("title") or file.name)
        for home in homes:
            home.files.pop(file.id, None)
        core.workspace.files[file.id] = file
    return files


def info(core: Core, args: Arguments) -> dict[str, Any]:
    """files.info: only of files that the bot can see."""
    file = _known_file(core, args)
    return {"file": file_json(core.workspace, file), "comments": [], "response_metadata": {"next_cursor": ""}}


def delete(core: Core, args: Arguments) -> dict[str, Any]:
    """files.delete: the bot's own files only; messages that showed one keep a stone in its place."""
    file = _known_file(core, args)
    if file.owner != core.config.bot_user_id:
        raise Refusal("cant_delete_file")
    core.workspace.delete_file(file)
    return {}


def _known_file(core: Core, args: Arguments) -> File:
    file = core.workspace.files.get(args.need("file"))
    if file is None or not file.completed or not sees_file(core, file):
        raise Refusal("file_not_found")
    if file.deleted:
        raise Refusal("file_deleted")
    return file
