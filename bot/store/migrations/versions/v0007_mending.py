"""Jobs that fix words in captions, and what is kept of tracks before they are replaced."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add columns that older rows leave empty."""
    for name in ("edit", "edit_of", "saved", "unsaved_by", "restore", "changes"):
        op.add_column("job", sa.Column(name, sa.Text(), nullable=True))
