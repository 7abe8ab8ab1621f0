"""Edits of messages are a queue of their own."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Move the lanes of edits out of the queue of new messages."""
    op.execute("UPDATE lane SET vendor = 'edit' WHERE lane LIKE 'edit:%'")
