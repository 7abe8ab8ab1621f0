"""How messages, channels, files, people and views look on the wire."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from bot.sandbox.config import Person, SandboxConfig
from bot.sandbox.slack.core import Core
from bot.sandbox.slack.file_kinds import extension, glimpse, media_type, png_size, pretty_type
from bot.sandbox.slack.model import Channel, File, Message, View
from bot.sandbox.slack.workspace import Workspace


def message_json(workspace: Workspace, message: Message, *, all_metadata: bool) -> dict[str, Any]:
    """Return a message as `conversations.history` shows it.

    Metadata comes whole only with `all_metadata`; otherwise just its event type does.
    """
    if message.deleted:
        return _tombstone(message)
    body: dict[str, Any] = {
        "type": "message",
        "user": message.author,
        "ts": message.ts,
        "text": message.text,
        "team": workspace.team_of(message.author),
    }
    if message.author == workspace.config.bot_user_id:
        body |= {"bot_id": workspace.config.bot_id, "app_id": workspace.config.app_id}
    if message.blocks:
        body["blocks"] = message.blocks
    if message.files:
        body["files"] = [file_json(workspace, workspace.files[file_id]) for file_id in message.files]
    if message.thread_ts is not None:
        body["thread_ts"] = message.thread_ts
    if message.reply_ts:
        body |= {"reply_count": message.reply_count, "latest_reply": message.reply_ts[-1]}
    # Slack marks a message as edited only where it has no blocks.
    if message.edited_at is not None and not message.blocks:
        body["edited"] = {"user": message.author, "ts": f"{message.edited_at:.6f}"}
    if message.metadata:
        metadata = message.metadata
        body["metadata"] = metadata if all_metadata else {"event_type": metadata["event_type"]}
    return body


def _tombstone(message: Message) -> dict[str, Any]:
    return {
        "type": "message",
        "subtype": "tombstone",
        "user": "USLACKBOT",
        "text": "This message was deleted.",
        "hidden": True,
        "ts": message.ts,
        "thread_ts": message.ts,
        "reply_count": message.reply_count,
    }


def channel_json(config: SandboxConfig, channel: Channel) -> dict[str, Any]:
    """Return a conversation object."""
    body: dict[str, Any] = {
        "id": channel.id,
        "created": int(channel.created_at),
        "is_archived": channel.archived,
        "is_im": channel.kind == "im",
        "context_team_id": config.team_id,
    }
    if channel.kind == "im":
        person = next(iter(channel.members - {config.bot_user_id}), "")
        return body | {"user": person, "is_user_deleted": False}
    return body | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": channel.kind == "public",
        "is_group": False,
        "is_mpim": False,
        "is_private": channel.kind == "private",
        "is_member": config.bot_user_id in channel.members,
        "num_members": len(channel.members),
        "is_shared": bool(channel.shared_with),
        "is_ext_shared": bool(channel.shared_with),
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "shared_team_ids": [config.team_id, *channel.shared_with],
        "conversation_host_id": config.team_id,
    }


def file_json(workspace: Workspace, file: File) -> dict[str, Any]:
    """Return a file object; `shares` is empty until Slack has got round to sharing it.

    Of a deleted file nothing is left but its id.
    """
    if file.deleted:
        return {"id": file.id, "mode": "tombstone"}
    config = workspace.config
    url = f"{config.public_url}/files-pri/{config.team_id}-{file.id}"
    name = quote(file.name)
    shares: dict[str, dict[str, Any]] = {}
    for channel_id, stamps in file.shares.items():
        kind = "public" if workspace.channels[channel_id].kind == "public" else "private"
        shares.setdefault(kind, {})[channel_id] = [{"ts": ts} for ts in stamps]
    body: dict[str, Any] = {
        "id": file.id,
        "created": int(file.created_at),
        "timestamp": int(file.created_at),
        "name": file.name,
        "title": file.title,
        "mimetype": "text/plain" if file.snippet_type else media_type(file.name),
        "filetype": file.snippet_type or extension(file.name) or "binary",
        "pretty_type": pretty_type(file.name),
        "user": file.owner,
        "user_team": workspace.team_of(file.owner),
        "size": len(file.content),
        "mode": "snippet" if file.snippet_type else "hosted",
        "editable": bool(file.snippet_type),
        "is_external": False,
        "is_public": "public" in shares,
        "public_url_shared": False,
        "file_access": "visible",
        "url_private": f"{url}/{name}",
        "url_private_download": f"{url}/download/{name}",
        "permalink": f"{config.public_url}/files/{file.owner}/{file.id}/{name}",
        "channels": [c for c in file.shares if workspace.channels[c].kind == "public"],
        "groups": [c for c in file.shares if workspace.channels[c].kind == "private"],
        "ims": [c for c in file.shares if workspace.channels[c].kind == "im"],
        "shares": shares,
        "has_more_shares": False,
    }
    return body | _described(file)


def _described(file: File) -> dict[str, Any]:
    body: dict[str, Any] = {"alt_txt": file.alt_txt} if file.alt_txt else {}
    size = png_size(file.content)
    if size is not None:
        body |= {"original_w": size[0], "original_h": size[1]}
    shown = glimpse(file.name, file.content, snippet=True) if file.snippet_type else None
    if shown is not None:
        body |= {
            "preview": "\n".join(shown.lines),
            "lines": len(shown.lines) + shown.more,
            "lines_more": shown.more,
            "preview_is_truncated": shown.more > 0,
        }
    return body


def person_json(workspace: Workspace, person: Person) -> dict[str, Any]:
    """Return a user object; somebody from elsewhere is a stranger until they share a channel with the bot."""
    bot = workspace.config.bot_user_id
    met = any({bot, person.id} <= channel.members for channel in workspace.channels.values())
    return {
        "id": person.id,
        "team_id": workspace.team_of(person.id),
        "name": person.name,
        "real_name": person.real_name,
        "deleted": False,
        "is_bot": False,
        "is_admin": person.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": False,
        "is_stranger": person.company is not None and not met,
        "is_app_user": False,
        "tz": "Europe/Lisbon",
        "tz_offset": 0,
        "locale": "en-US",
        "profile": {"real_name": person.real_name, "display_name": person.name},
    }


def view_json(core: Core, view: View) -> dict[str, Any]:
    """Return a view object, as the API answers it and interactions carry it."""
    config = core.config
    sent = view.payload
    body: dict[str, Any] = {
        "id": view.id,
        "team_id": core.workspace.team_of(view.user),
        "type": view.kind,
        "blocks": view.blocks,
        "private_metadata": view.private_metadata,
        "callback_id": view.callback_id,
        "external_id": str(sent.get("external_id") or ""),
        "state": {"values": view.state},
        "hash": view.hash,
        "clear_on_close": bool(sent.get("clear_on_close")),
        "notify_on_close": bool(sent.get("notify_on_close")),
        "previous_view_id": view.previous_id,
        "root_view_id": view.root_id,
        "app_id": config.app_id,
        "app_installed_team_id": config.enterprise_id if core.org_wide else config.team_id,
        "bot_id": config.bot_id,
    }
    for name in ("title", "submit", "close"):
        body[name] = sent.get(name)
    return body
