"""What a workspace leaves behind that has no longer anybody to speak to."""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, select, text, update

from bot.store.schema import effect, job
from bot.store.tx import Tx

_UNFINISHED: Final = (
    select(job.c.id).where(job.c.team_id == bindparam("team"), text("rank < 90")).order_by(job.c.id)
)
_OURS: Final = select(job.c.id).where(job.c.team_id == bindparam("team"))
_SILENCE: Final = (
    update(effect)
    .where(effect.c.job_id.in_(_OURS), text("state = 0 AND (have < want OR suspect = 1)"))
    # Retired, so that a worker who has one of them in hand at this moment cannot open it again.
    .values(state=2, have=effect.c.want, suspect=0, error="the app is not installed any more")
)


def unfinished(tx: Tx, team_id: str) -> list[int]:
    """Return the row ids of a workspace's unfinished jobs, in the order in which they are locked."""
    return list(tx.conn.execute(_UNFINISHED, {"team": team_id}).scalars())


def silence(tx: Tx, team_id: str) -> int:
    """Want nothing more of what is open for a workspace's jobs; return how much that was."""
    return tx.conn.execute(_SILENCE, {"team": team_id}).rowcount
