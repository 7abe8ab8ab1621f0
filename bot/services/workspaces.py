"""Where the app is installed: it comes, its tokens change, it goes. One function, one transaction."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Final

from bot.rules.jobs import Signal, advance
from bot.store import environments, inbox, installations, jobs, leaving, records
from bot.store.environments import Environment
from bot.store.installations import Installation
from bot.store.tx import Tx

STATE_SECONDS: Final = 600.0
"""How long somebody may take to install the app; Slack's code lives as long."""

_EVENTS: Final = "slack"
"""The inbox source of events that were heard."""


def begin(tx: Tx, state: str) -> None:
    """Keep the hash of a new installation's state."""
    installations.keep_state(tx, _hash(state), seconds=STATE_SECONDS)


def take(tx: Tx, state: str) -> bool:
    """Use a state up; say whether it was one of ours, in time, and used for the first time."""
    return installations.take_state(tx, _hash(state))


def install(tx: Tx, new: Installation, *, expires_in: float | None) -> bool:
    """Store an installation in place of the one before; say whether there was none.

    `expires_in` are the seconds that its token lives, None for one that does not end.
    """
    expires_at = None if expires_in is None else tx.now + expires_in
    first = installations.put(tx, replace(new, expires_at=expires_at, installed_at=tx.now))
    records.audited(tx, team_id=new.place, user_id=new.installer_id, action="app.installed", first=first)
    return first


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The installation whose token a workspace uses: its own, or its organization's."""

    installation: Installation
    now: float


def held(tx: Tx, team_id: str) -> Held | None:
    """Return whose token a workspace uses, and the store's time; None when the app is not there."""
    found = installations.get(tx, team_id)
    if found is not None and found.token is None:
        found = installations.get(tx, found.enterprise_id)
    return None if found is None or found.token is None else Held(installation=found, now=tx.now)


def join(tx: Tx, *, team_id: str, enterprise_id: str) -> None:
    """Note that a workspace has the app from its organization."""
    installations.join(tx, team_id=team_id, enterprise_id=enterprise_id)


def begin_refresh(tx: Tx, place: str, *, owner: str, seconds: float) -> Held | None:
    """Take the right to refresh a token for some seconds; None when somebody else has it.

    What is returned is what is stored at this moment: the token may be a new one already.
    """
    if not installations.lock(tx, place, owner=owner, seconds=seconds):
        return None
    found = installations.get(tx, place)
    return None if found is None else Held(installation=found, now=tx.now)


def end_refresh(
    tx: Tx, place: str, *, owner: str, token: str, refresh_token: str, expires_in: float | None
) -> bool:
    """Store new sealed tokens; say False when the right to do so had passed to somebody else."""
    expires_at = None if expires_in is None else tx.now + expires_in
    return installations.refreshed(
        tx, place, owner=owner, token=token, refresh_token=refresh_token, expires_at=expires_at
    )


def leave_refresh(tx: Tx, place: str, *, owner: str) -> None:
    """Give the right to refresh back, because nothing came of it."""
    installations.unlock(tx, place, owner=owner)


def first_time(tx: Tx, event_id: str) -> bool:
    """Say whether an event is heard for the first time, and remember it."""
    if inbox.remembered(tx, source=_EVENTS, event_id=event_id) is not None:
        return False
    inbox.remember(tx, source=_EVENTS, event_id=event_id, answer="heard")
    return True


def uninstalled(tx: Tx, place: str, *, at: float, event_id: str, with_mux: bool) -> list[Environment] | None:
    """Forget the tokens of a workspace or organization, and end its jobs without a word.

    `at` is when Slack says it happened: an installation that is younger stays, and None is returned, as for
    an event that was heard before. With `with_mux` the Mux environments go too; what they were is returned,
    so that their webhooks can be taken away at Mux.
    """
    if not first_time(tx, event_id):
        return None
    found = installations.get(tx, place)
    # Slack counts whole seconds.
    if found is None or int(found.installed_at) > at:
        return None
    left: list[Environment] = []
    for team_id in installations.remove(tx, place):
        _end_quietly(tx, team_id)
        environment = environments.of_team(tx, team_id)
        if with_mux:
            left += [] if environment is None else [environment]
            environments.remove(tx, team_id)
        records.audited(tx, team_id=team_id, user_id="", action="app.uninstalled")
    return left


def everywhere(tx: Tx) -> list[Installation]:
    """Return every installation, and every workspace that has the app from its organization."""
    return installations.everywhere(tx)


def _end_quietly(tx: Tx, team_id: str) -> None:
    for row_id in leaving.unfinished(tx, team_id):
        stored = jobs.lock(tx, row_id)
        target = advance(stored.job.state, Signal.CANCELLED)
        jobs.advance(tx, row_id, target, finished_at=tx.now, next_poll_at=None)
    leaving.silence(tx, team_id)


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
