"""Asks Slack what somebody is to the workspace, and remembers the answer for a while."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from bot.clock import Clock
from bot.errors import SlackRefused
from bot.rules import preflight
from bot.rules.admission import Admission, Reason, Standing
from bot.rules.jobs import Failure, Job
from bot.slack.client import SlackClient
from bot.slack.tokens import TokenOf

FRESH_SECONDS: Final = 3600.0
_MOST_REMEMBERED: Final = 10_000

Admits = Callable[[Job], Awaitable[Failure | None]]
"""Says why a job is not for its requester to start, None when nothing is known against it."""

_CODES: Final = {Reason.GUEST: preflight.GUEST, Reason.EXTERNAL: preflight.EXTERNAL}

log = structlog.get_logger(__name__)


async def everybody(_job: Job) -> Failure | None:
    """Admit whoever asks."""
    return None


class People:
    """Says whether the requester of a job may have it sent. One request to Slack an hour and person."""

    def __init__(self, slack: SlackClient, token_of: TokenOf, clock: Clock, admission: Admission) -> None:
        self._slack = slack
        self._token_of = token_of
        self._clock = clock
        self._admission = admission
        self._known: OrderedDict[tuple[str, str], tuple[float, Standing]] = OrderedDict()

    async def obstacle(self, job: Job) -> Failure | None:
        """Return why the job is not for this person to start; None when nothing is known against it.

        Nothing is known when Slack refuses to say, as it does without the scope `users:read`.

        Raises:
            NotDone, OutcomeUnknown: Slack did not answer; to be asked again.
        """
        if not self._admission.asks_about_guests:
            return None
        standing = await self._standing(job.team_id, job.user_id)
        reason = self._admission.refuse(user_id=job.user_id, standing=standing)
        return Failure(code=_CODES[reason], message="") if reason in _CODES else None

    async def _standing(self, team_id: str, user_id: str) -> Standing:
        known = self._known.get((team_id, user_id))
        if known is not None and self._clock.monotonic() - known[0] < FRESH_SECONDS:
            return known[1]
        standing = await self._asked(team_id, user_id)
        self._known[team_id, user_id] = (self._clock.monotonic(), standing)
        self._known.move_to_end((team_id, user_id))
        if len(self._known) > _MOST_REMEMBERED:
            self._known.popitem(last=False)
        return standing

    async def _asked(self, team_id: str, user_id: str) -> Standing:
        try:
            person = await self._slack.person(await self._token_of(team_id), user_id)
        except SlackRefused as error:
            log.info("slack.person_unknown", user=user_id, code=error.code)
            return Standing.UNKNOWN
        if person.is_external:
            return Standing.EXTERNAL
        return Standing.GUEST if person.is_guest else Standing.MEMBER
