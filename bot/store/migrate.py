"""Brings the schema up to date from inside the process; forward only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect, text

from bot.errors import OperatorError
from bot.store.schema import HEAD

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

_SCRIPTS: Final = Path(__file__).parent / "migrations"
_ADVISORY_LOCK: Final = 0x0CAB7107


async def upgrade(engine: AsyncEngine, target: str = HEAD) -> None:
    """Apply every migration up to `target`; at head this costs one query and imports nothing.

    Raises:
        OperatorError: when the database was written by a newer version.
    """
    async with engine.begin() as conn:
        await conn.run_sync(upgrade_within, target)


def upgrade_on(conn: Connection) -> None:
    """Do the same in a transaction of its own on an ordinary connection, up to the newest version."""
    with conn.begin():
        upgrade_within(conn)


def version(conn: Connection) -> str | None:
    """Return the schema's version, None for an empty database."""
    if not inspect(conn).has_table("alembic_version"):
        return None
    return conn.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def upgrade_within(conn: Connection, target: str = HEAD) -> None:
    """Do the same in the transaction that `conn` has begun."""
    if conn.dialect.name == "postgresql":
        # Replicas that start together: one migrates, the others wait here and then find head.
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
    current = version(conn)
    if current == target:
        return
    if current is not None and current > target:
        raise OperatorError(
            f"the database has schema {current}, this version of Caption Bot knows {target}: "
            "install the newer version again, or restore a backup from before the upgrade"
        )
    _run_alembic(conn, target)


def _run_alembic(conn: Connection, target: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = conn
    command.upgrade(config, target)
