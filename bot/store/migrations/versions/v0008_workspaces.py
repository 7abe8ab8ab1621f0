"""Several workspaces install the bot, and each connects a Mux environment of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_CONNECTED = sa.text("token_secret IS NOT NULL")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "installation",
        sa.Column("place", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False, server_default=""),
        sa.Column("enterprise_id", sa.Text(), nullable=False, server_default=""),
        sa.Column("bot_user_id", sa.Text(), nullable=False, server_default=""),
        sa.Column("installer_id", sa.Text(), nullable=False, server_default=""),
        sa.Column("scopes", sa.Text(), nullable=False, server_default=""),
        sa.Column("token", sa.Text()),
        sa.Column("refresh_token", sa.Text()),
        sa.Column("expires_at", sa.Double()),
        sa.Column("refreshing_by", sa.Text()),
        sa.Column("refreshing_until", sa.Double()),
        sa.Column("installed_at", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
    )
    op.create_index("installation_enterprise", "installation", ["enterprise_id"])
    op.create_table(
        "oauth_state",
        sa.Column("state", sa.Text(), primary_key=True),
        sa.Column("expires_at", sa.Double(), nullable=False),
    )
    op.create_index("oauth_state_expires", "oauth_state", ["expires_at"])
    op.create_table(
        "mux_environment",
        sa.Column("account", sa.Text(), primary_key=True),
        sa.Column("team_id", sa.Text(), nullable=False),
        sa.Column("environment_id", sa.Text(), nullable=False),
        sa.Column("environment_name", sa.Text(), nullable=False, server_default=""),
        sa.Column("organization_name", sa.Text(), nullable=False, server_default=""),
        sa.Column("token_id", sa.Text()),
        sa.Column("token_secret", sa.Text()),
        sa.Column("hook", sa.Text(), unique=True),
        sa.Column("webhook_id", sa.Text()),
        sa.Column("webhook_secret", sa.Text()),
        sa.Column("connected_by", sa.Text(), nullable=False),
        sa.Column("connected_at", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.UniqueConstraint("team_id", "environment_id"),
    )
    op.create_index(
        "mux_environment_connected",
        "mux_environment",
        ["team_id"],
        unique=True,
        sqlite_where=_CONNECTED,
        postgresql_where=_CONNECTED,
    )
