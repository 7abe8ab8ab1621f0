"""Jobs know who tried them again; people's, channels' and assets' jobs are found without a search."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add two columns that older rows leave empty, and the indexes of the lists."""
    for name in ("next_job", "next_by"):
        op.add_column("job", sa.Column(name, sa.Text(), nullable=True))
    op.create_index("job_person", "job", ["team_id", "user_id", "id"], unique=False)
    op.create_index("job_asset", "job", ["team_id", "asset_id", "id"], unique=False)
    op.create_index(
        "job_unfinished",
        "job",
        ["team_id", "channel_id", "id"],
        unique=False,
        sqlite_where=sa.text("rank < 90"),
        postgresql_where=sa.text("rank < 90"),
    )
    op.create_index("watcher_person", "watcher", ["user_id", "job_id"], unique=False)
