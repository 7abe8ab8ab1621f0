"""The tables. Times are seconds since the epoch, JSON is text; no enums, no triggers.

Partial indexes say here for SQLite only what they hold for both engines: to name PostgreSQL as well would
bring its dialect into every process, 2 MB of it. The migrations, which make the indexes, name both.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.store.schema_base import ROW_ID, metadata
from bot.store.schema_files import archive, file, share
from bot.store.schema_workspaces import installation, mux_environment, oauth_state

__all__ = [
    "HEAD",
    "archive",
    "asset",
    "audit",
    "bucket",
    "channel",
    "draft",
    "effect",
    "file",
    "inbox",
    "installation",
    "job",
    "lane",
    "meta",
    "metadata",
    "mux_environment",
    "oauth_state",
    "share",
    "upload",
    "watcher",
]

HEAD: Final = "0010"
"""The newest migration; a test ties it to the scripts."""

_ID = ROW_ID

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

channel = Table(
    "channel",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("team_id", Text, nullable=False),
    Column("channel_id", Text, nullable=False),
    Column("mux_account", Text, nullable=False),
    Column("state", Integer, nullable=False, server_default="0"),
    Column("reason", Text),
    Column("created_by", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("options", Text),
    UniqueConstraint("team_id", "channel_id"),
)

job = Table(
    "job",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("public_id", Text, nullable=False, unique=True),
    Column("passthrough", Text, nullable=False, unique=True),
    Column("request_key", Text, nullable=False, unique=True),
    Column("work_key", Text, nullable=False),
    Column("team_id", Text, nullable=False),
    Column("channel_id", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("mux_account", Text, nullable=False),
    Column("asset_id", Text, nullable=False),
    Column("params", Text, nullable=False),
    Column("warnings", Text, nullable=False, server_default="[]"),
    Column("state", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("mux_id", Text),
    Column("title", Text, nullable=False, server_default=""),
    Column("units_consumed", Integer, nullable=False, server_default="0"),
    Column("outcome", Text),
    Column("failure", Text),
    Column("polls", Integer, nullable=False, server_default="0"),
    Column("next_poll_at", Double),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("finished_at", Double),
    Column("duration_seconds", Double),
    Column("video", Text),
    Column("pointer", Text),
    Column("thread_ts", Text),
    Column("retry_of", Text),
    Column("stopped_by", Text),
    Column("next_job", Text),
    Column("next_by", Text),
    Column("edit", Text),
    Column("edit_of", Text),
    Column("saved", Text),
    Column("unsaved_by", Text),
    Column("restore", Text),
    Column("changes", Text),
    Column("steps", Text),
    Index(
        "job_mux_id",
        "mux_account",
        "mux_id",
        unique=True,
        sqlite_where=text("mux_id IS NOT NULL"),
    ),
    Index("job_channel", "team_id", "channel_id", "id"),
    Index("job_person", "team_id", "user_id", "id"),
    Index("job_asset", "team_id", "asset_id", "id"),
    Index(
        "job_unfinished",
        "team_id",
        "channel_id",
        "id",
        sqlite_where=text("rank < 90"),
    ),
    Index(
        "job_running",
        "work_key",
        unique=True,
        sqlite_where=text("rank < 90"),
    ),
    Index("job_poll", "next_poll_at", sqlite_where=text("rank < 90")),
)

watcher = Table(
    "watcher",
    metadata,
    Column("job_id", _ID, ForeignKey("job.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("channel_id", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Index("watcher_person", "user_id", "job_id"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("source", Text, primary_key=True),
    Column("event_id", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("payload", Text),
    Column("received_at", Double, nullable=False),
    Column("state", Integer, nullable=False, server_default="0"),
    Column("due_at", Double, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("error", Text),
    Index("inbox_due", "due_at", sqlite_where=text("state = 0")),
    Index("inbox_received", "received_at"),
    sqlite_with_rowid=False,
)

_OPEN = "state = 0 AND (have < want OR suspect = 1)"

effect = Table(
    "effect",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("job_id", _ID, ForeignKey("job.id", ondelete="CASCADE"), nullable=False),
    Column("target", Text, nullable=False, server_default=""),
    Column("detour", Text),
    Column("want", Integer, nullable=False, server_default="1"),
    Column("have", Integer, nullable=False, server_default="0"),
    Column("ext_id", Text),
    Column("ext_channel", Text),
    Column("maybe_sent_at", Double),
    Column("first_sent_at", Double),
    Column("suspect", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Double, nullable=False),
    Column("state", Integer, nullable=False, server_default="0"),
    Column("error", Text),
    Index("effect_open", "lane", "due_at", "id", sqlite_where=text(_OPEN)),
    Index("effect_job", "job_id"),
    Index("effect_dead", "id", sqlite_where=text("state = 1")),
)

lane = Table(
    "lane",
    metadata,
    Column("lane", Text, primary_key=True),
    Column("vendor", Text, nullable=False),
    Column("ready_at", Double),
    Column("rate_at", Double, nullable=False, server_default="0"),
    Column("slot_at", Double),
    Column("slot_for", Text),
    Column("lease_owner", Text),
    Column("lease_until", Double),
    Column("effect_id", _ID),
    Index(
        "lane_ready",
        "vendor",
        "ready_at",
        sqlite_where=text("ready_at IS NOT NULL"),
    ),
)

bucket = Table(
    "bucket",
    metadata,
    Column("name", Text, primary_key=True),
    Column("next_at", Double, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("at", Double, nullable=False),
    Column("team_id", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("job_id", _ID),
    Column("detail", Text, nullable=False, server_default="{}"),
    Index("audit_job", "job_id"),
)

# What Mux was last heard to say about its assets, so that a picker can answer without asking Mux.
asset = Table(
    "asset",
    metadata,
    Column("mux_account", Text, primary_key=True),
    Column("asset_id", Text, primary_key=True),
    Column("title", Text, nullable=False, server_default=""),
    Column("duration_seconds", Double),
    Column("status", Text, nullable=False, server_default=""),
    Column("is_live", Integer, nullable=False, server_default="0"),
    Column("playback_id", Text),
    Column("policy", Text),
    Column("created_at", Double),
    Column("seen_at", Double, nullable=False),
    Column("words", Text, nullable=False, server_default=""),
    Column("video", Text, nullable=False, server_default="{}"),
    Index("asset_recent", "mux_account", "created_at"),
    sqlite_with_rowid=False,
)

# What somebody typed and has not sent off yet: a form whose trigger expired, a list that awaits a yes.
draft = Table(
    "draft",
    metadata,
    Column("id", Text, primary_key=True),
    Column("team_id", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Index("draft_created", "created_at"),
)

# Files of Slack on their way to Mux, and what became of them there: a file is sent once, whoever asks.
upload = Table(
    "upload",
    metadata,
    Column("mux_account", Text, primary_key=True),
    Column("team_id", Text, primary_key=True),
    Column("file_id", Text, primary_key=True),
    Column("upload_id", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("sent_at", Double),
    Column("asset_id", Text),
    Column("created_at", Double, nullable=False),
    sqlite_with_rowid=False,
)
