"""Jobs that workflows wait for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add a column that older rows leave empty."""
    op.add_column("job", sa.Column("steps", sa.Text(), nullable=True))
