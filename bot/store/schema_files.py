"""The tables of what a finished job leaves behind; the rules of `bot.store.schema` hold here too."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.store.schema_base import ROW_ID as _ID
from bot.store.schema_base import metadata

# What people get, kept here so that one backup holds everything; `content` is compressed by zlib.
file = Table(
    "file",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("job_id", _ID, ForeignKey("job.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("alt", Text, nullable=False, server_default=""),
    Column("size", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("created_at", Double, nullable=False),
    UniqueConstraint("job_id", "kind", "version"),
)

_AWAITED: Final = "track_state = 'preparing'"

# How far a finished job's files and track are.
archive = Table(
    "archive",
    metadata,
    Column("job_id", _ID, ForeignKey("job.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("said", Text, nullable=False, server_default=""),
    Column("problems", Text, nullable=False, server_default="[]"),
    Column("report", Text),
    Column("mux_account", Text, nullable=False),
    Column("track_id", Text),
    Column("track_state", Text, nullable=False, server_default=""),
    Column("track_said", Text, nullable=False, server_default=""),
    Column("offer", Text),
    Column("updated_at", Double, nullable=False),
    Index(
        "archive_track",
        "mux_account",
        "track_id",
        sqlite_where=text(_AWAITED),
    ),
)

# Every try to share files in Slack, written down before the request that shows them to people.
share = Table(
    "share",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("job_id", _ID, ForeignKey("job.id", ondelete="CASCADE"), nullable=False),
    Column("effect_key", Text, nullable=False),
    Column("slack_ids", Text, nullable=False),
    Column("intended_at", Double, nullable=False),
    Column("answered_at", Double),
    Column("ts", Text),
    Index("share_effect", "effect_key"),
    Index("share_job", "job_id"),
)
