"""What somebody who examines a store from outside wants to know of it. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, select

from bot.store import environments, installations, migrate
from bot.store.environments import Environment
from bot.store.installations import Installation
from bot.store.schema import HEAD, channel
from bot.store.tx import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A store at one moment.

    `schema` is None for a database without tables. The rest is empty unless the schema is the one that this
    code knows: `channels` are the newest (team, channel) pairs, `installed` and `connected` what workspaces
    gave, sealed.
    """

    schema: str | None
    of_code: str = HEAD
    channels: tuple[tuple[str, str], ...] = ()
    installed: tuple[Installation, ...] = ()
    connected: tuple[Environment, ...] = ()


# A direct message is no channel that anybody could be invited to.
_CHANNELS: Final = (
    select(channel.c.team_id, channel.c.channel_id)
    .where(channel.c.channel_id.not_like("D%"))
    .order_by(channel.c.updated_at.desc())
    .limit(bindparam("most"))
)


def look(tx: Tx, *, channels: int) -> Facts:
    """Return the facts, with at most so many channels."""
    schema = migrate.version(tx.conn)
    if schema != HEAD:
        return Facts(schema=schema)
    return Facts(
        schema=schema,
        channels=tuple((row.team_id, row.channel_id) for row in tx.run(_CHANNELS, most=channels)),
        installed=tuple(each for each in installations.everywhere(tx) if each.token is not None),
        connected=tuple(environments.connected(tx)),
    )
