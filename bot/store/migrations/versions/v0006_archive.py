"""Caption files are kept, with what was found out about them and where they were shared."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AWAITED = sa.text("track_state = 'preparing'")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "file",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("job_id", _ID, sa.ForeignKey("job.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("alt", sa.Text(), nullable=False, server_default=""),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.UniqueConstraint("job_id", "kind", "version"),
    )
    op.create_table(
        "archive",
        sa.Column(
            "job_id", _ID, sa.ForeignKey("job.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("said", sa.Text(), nullable=False, server_default=""),
        sa.Column("problems", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("report", sa.Text(), nullable=True),
        sa.Column("mux_account", sa.Text(), nullable=False),
        sa.Column("track_id", sa.Text(), nullable=True),
        sa.Column("track_state", sa.Text(), nullable=False, server_default=""),
        sa.Column("track_said", sa.Text(), nullable=False, server_default=""),
        sa.Column("offer", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.Double(), nullable=False),
    )
    op.create_index(
        "archive_track",
        "archive",
        ["mux_account", "track_id"],
        sqlite_where=_AWAITED,
        postgresql_where=_AWAITED,
    )
    op.create_table(
        "share",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("job_id", _ID, sa.ForeignKey("job.id", ondelete="CASCADE"), nullable=False),
        sa.Column("effect_key", sa.Text(), nullable=False),
        sa.Column("slack_ids", sa.Text(), nullable=False),
        sa.Column("intended_at", sa.Double(), nullable=False),
        sa.Column("answered_at", sa.Double(), nullable=True),
        sa.Column("ts", sa.Text(), nullable=True),
    )
    op.create_index("share_effect", "share", ["effect_key"])
    op.create_index("share_job", "share", ["job_id"])
