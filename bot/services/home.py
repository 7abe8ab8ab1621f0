"""What somebody's Home tab shows. Reads only. One function, one transaction."""

from __future__ import annotations

from typing import Final

from bot.rules.jobs import Job
from bot.rules.policy import Asker
from bot.store import installations, listing
from bot.store.listing import FROM_THE_TOP
from bot.store.tx import Tx

MOST: Final = 8
"""How many jobs the tab shows."""


def jobs_of(tx: Tx, asker: Asker) -> tuple[Job, ...]:
    """Return the newest jobs that somebody asked for or waits for."""
    found = listing.mine(tx, team_id=asker.team_id, user_id=asker.user_id, before=FROM_THE_TOP, most=MOST)
    return tuple(stored.job for stored in found)


def installer_of(tx: Tx, team_id: str) -> str:
    """Return who installed the app in a workspace or its organization, empty when that is not known."""
    found = installations.get(tx, team_id)
    if found is not None and found.token is None:
        found = installations.get(tx, found.enterprise_id)
    return "" if found is None else found.installer_id
