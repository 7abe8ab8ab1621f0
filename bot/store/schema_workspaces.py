"""The tables of a bot that several workspaces install. Every token and secret in them is sealed."""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Table, Text, UniqueConstraint, text

from bot.store.schema_base import metadata

# `place` is a workspace, or the organization that installed the app for all of its workspaces. A workspace
# without a token of its own has that of `enterprise_id`.
installation = Table(
    "installation",
    metadata,
    Column("place", Text, primary_key=True),
    Column("name", Text, nullable=False, server_default=""),
    Column("enterprise_id", Text, nullable=False, server_default=""),
    Column("bot_user_id", Text, nullable=False, server_default=""),
    Column("installer_id", Text, nullable=False, server_default=""),
    Column("scopes", Text, nullable=False, server_default=""),
    Column("token", Text),
    Column("refresh_token", Text),
    Column("expires_at", Double),
    Column("refreshing_by", Text),
    Column("refreshing_until", Double),
    Column("installed_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Index("installation_enterprise", "enterprise_id"),
)

# Only hashes are stored: who reads the table cannot finish anybody's installation.
oauth_state = Table(
    "oauth_state",
    metadata,
    Column("state", Text, primary_key=True),
    Column("expires_at", Double, nullable=False),
    Index("oauth_state_expires", "expires_at"),
)

# `account` is what jobs know an environment by; it stays when the environment is disconnected, so that
# connecting it again goes on with its jobs. `hook` is the part of its webhook's address that is secret.
mux_environment = Table(
    "mux_environment",
    metadata,
    Column("account", Text, primary_key=True),
    Column("team_id", Text, nullable=False),
    Column("environment_id", Text, nullable=False),
    Column("environment_name", Text, nullable=False, server_default=""),
    Column("organization_name", Text, nullable=False, server_default=""),
    Column("token_id", Text),
    Column("token_secret", Text),
    Column("hook", Text, unique=True),
    Column("webhook_id", Text),
    Column("webhook_secret", Text),
    Column("connected_by", Text, nullable=False),
    Column("connected_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    UniqueConstraint("team_id", "environment_id"),
    Index(
        "mux_environment_connected",
        "team_id",
        unique=True,
        sqlite_where=text("token_secret IS NOT NULL"),
    ),
)
