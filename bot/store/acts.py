"""What is known when somebody asks for captions, read in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Text, bindparam, func, select

from bot.store.schema import channel, inbox, job, meta
from bot.store.tx import Tx

JOINED: Final = "act"
"""The inbox source of acts that made no job of their own, because they joined one."""

DEPLOYMENT: Final = "deployment"
"""What the installation is called in the stamps of its jobs; a key of `meta`."""

_KEY: Final = bindparam("key", type_=Text)
_BEFORE: Final = select(
    select(job.c.id).where(job.c.request_key == _KEY).scalar_subquery().label("made"),
    select(inbox.c.event_id)
    .where(inbox.c.source == JOINED, inbox.c.event_id == _KEY)
    .scalar_subquery()
    .label("joined"),
    select(func.coalesce(channel.c.options, ""))
    .where(channel.c.team_id == bindparam("team"), channel.c.channel_id == bindparam("place"))
    .scalar_subquery()
    .label("options"),
    select(meta.c.value).where(meta.c.key == DEPLOYMENT).scalar_subquery().label("deployment"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What stood before an act.

    `is_known` says that the act itself was dealt with already. `options` are the channel's as they are
    stored, "" for none, None for a channel that is unknown yet; `deployment` is None in a new installation.
    """

    is_known: bool
    options: str | None
    deployment: str | None


def before(tx: Tx, *, request_key: str, team_id: str, channel_id: str) -> Before:
    """Return what is known of an act, its channel and the installation, without locking anything."""
    row = tx.run(_BEFORE, key=request_key, team=team_id, place=channel_id).one()
    return Before(
        is_known=row.made is not None or row.joined is not None,
        options=row.options,
        deployment=row.deployment,
    )
