"""How jobs stand, for the people who may know. Reads only. One function, one transaction."""

from __future__ import annotations

from typing import Final

from bot.rules.effects import Effect
from bot.rules.policy import Act, Answer, Asker, decide
from bot.rules.steering import Page, Scope, Standing
from bot.services import archiving, preparing, steering
from bot.store import effects, listing
from bot.store.jobs import StoredJob
from bot.store.listing import FROM_THE_TOP
from bot.store.tx import Tx

PAGE: Final = 10
"""How many jobs a page of a list shows."""

_AS_IT_SHOULD_BE: Final = frozenset({preparing.WAITING, archiving.PREPARING})
_MOST_AT_ONCE: Final = 5
_MOST_LOOKED_AT: Final = 50


def here(tx: Tx, asker: Asker) -> tuple[Standing, ...]:
    """Return a person's unfinished jobs in the channel, newest first; the newest one if all are finished."""
    where = {"team_id": asker.team_id, "channel_id": asker.channel_id, "user_id": asker.user_id}
    found = listing.unfinished_here(tx, **where, most=_MOST_AT_ONCE) or listing.latest_here(
        tx, **where, most=1
    )
    return _standings(tx, asker, found)


def of(tx: Tx, asker: Asker, *, name: str, account: str) -> tuple[Standing, ...]:
    """Return how the job of that id stands, ours or Mux's, else the newest jobs of the asset of that id.

    What the person may not see does not exist.
    """
    stored = steering.find(tx, account=account, name=name)
    if stored is not None and _may_see(stored, asker):
        return _standings(tx, asker, [stored])
    on_asset = listing.of_asset(
        tx, team_id=asker.team_id, asset_id=name, before=FROM_THE_TOP, most=_MOST_LOOKED_AT
    )
    return _standings(tx, asker, [each for each in on_asset if _may_see(each, asker)][:_MOST_AT_ONCE])


def page(tx: Tx, asker: Asker, *, scope: Scope, before: int | None = None) -> Page:
    """Return one page of a list, from the top or from where the last one ended."""
    start = FROM_THE_TOP if before is None else before
    found: dict[int, StoredJob] = {}
    if scope in {Scope.MINE, Scope.ALL}:
        mine = listing.mine(tx, team_id=asker.team_id, user_id=asker.user_id, before=start, most=PAGE + 1)
        found |= {stored.row_id: stored for stored in mine}
    if scope in {Scope.CHANNEL, Scope.ALL}:
        of_channel = listing.in_channel(
            tx, team_id=asker.team_id, channel_id=asker.channel_id, before=start, most=PAGE + 1
        )
        found |= {stored.row_id: stored for stored in of_channel}
    shown = sorted(found, reverse=True)[:PAGE]
    return Page(
        scope=scope,
        jobs=tuple(found[row_id].job for row_id in shown),
        before=shown[-1] if len(found) > PAGE else None,
        is_first=before is None,
    )


def _may_see(stored: StoredJob, asker: Asker) -> bool:
    return decide(Act.SEE, stored.job, asker) is Answer.YES


def _standings(tx: Tx, asker: Asker, found: list[StoredJob]) -> tuple[Standing, ...]:
    return tuple(
        Standing(
            job=stored.job,
            effects=_wanted(tx, stored),
            may_steer=decide(Act.CANCEL, stored.job, asker) is Answer.YES,
        )
        for stored in found
    )


def _wanted(tx: Tx, stored: StoredJob) -> tuple[Effect, ...]:
    """Return what does not go as it should: refused, failing, given up, or said somewhere else."""
    return tuple(effect for effect in effects.of_job(tx, stored.row_id) if _is_odd(effect))


def _is_odd(effect: Effect) -> bool:
    if effect.buried or effect.detour is not None:
        return True
    # That a video is not ready is nobody's failure, and the job's state says it.
    fails = effect.attempts > 0 or effect.error is not None
    return effect.have < effect.want and fails and effect.error not in _AS_IT_SHOULD_BE
