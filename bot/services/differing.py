"""Which captions a job's new ones are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.rules import restoring
from bot.rules.cues import Captions
from bot.rules.differing import Against
from bot.rules.fixing import language_of
from bot.rules.jobs import State
from bot.rules.video import base
from bot.services import fixing
from bot.store import jobs, listing
from bot.store.jobs import StoredJob
from bot.store.tx import Tx

_MOST_LOOKED_AT: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The captions that were there before, and what they are called."""

    against: Against
    name: str
    captions: Captions


def before(tx: Tx, stored: StoredJob) -> Before | None:
    """Return the captions that a completed job has replaced, fixed or made once more, None when unknown.

    An earlier job counts only when it is the same channel's, since others' captions are not shown there.
    """
    job = stored.job
    replaced = next(iter(restoring.kept(job)), None)
    if replaced is not None:
        found = fixing.saved_captions(tx, stored.row_id, replaced)
        if found is not None:
            against = Against.REPLACED if job.edit is None else Against.EDITED
            return Before(against=against, name=replaced.name or replaced.id, captions=found)
    if job.edit_of is not None:
        parent = jobs.by_public_id(tx, job.edit_of)
        found = None if parent is None else fixing.kept_captions(tx, parent.row_id)
        return None if found is None else Before(against=Against.EDITED, name=job.edit_of, captions=found)
    return _earlier(tx, stored)


def _earlier(tx: Tx, stored: StoredJob) -> Before | None:
    job = stored.job
    known = listing.of_asset(
        tx,
        team_id=job.team_id,
        asset_id=job.request.asset_id,
        before=stored.row_id,
        most=_MOST_LOOKED_AT,
    )
    for each in known:
        other = each.job
        alike = other.channel_id == job.channel_id and base(language_of(other)) == base(language_of(job))
        if alike and other.state is State.COMPLETED and other.edit is None:
            found = fixing.kept_captions(tx, each.row_id)
            if found is not None:
                return Before(against=Against.EARLIER, name=other.id, captions=found)
    return None
