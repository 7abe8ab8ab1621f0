"""Jobs know their video before Mux has their job; a catalogue of assets; drafts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add columns that older rows leave empty, and two tables."""
    op.add_column("job", sa.Column("duration_seconds", sa.Double(), nullable=True))
    for name in ("video", "pointer", "thread_ts", "retry_of", "stopped_by"):
        op.add_column("job", sa.Column(name, sa.Text(), nullable=True))
    op.create_table(
        "asset",
        sa.Column("mux_account", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("duration_seconds", sa.Double(), nullable=True),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.Column("is_live", sa.Integer(), server_default="0", nullable=False),
        sa.Column("playback_id", sa.Text(), nullable=True),
        sa.Column("policy", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=True),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("video", sa.Text(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("mux_account", "asset_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("asset_recent", "asset", ["mux_account", "created_at"], unique=False)
    op.create_table(
        "draft",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("draft_created", "draft", ["created_at"], unique=False)
