"""Who may see and steer which job. Asked again at every press, on the server. Performs no I/O.

Whether a channel is private is not for us to know for sure, so every channel counts as private: what is
asked for in one is shown there, to the person who asked and to those who wait for it, and to nobody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.rules.jobs import Job


class Act(StrEnum):
    """What somebody wants with a job."""

    SEE = "see"
    CANCEL = "cancel"
    RETRY = "retry"
    REPLACE = "replace"
    """A new job that deletes the track in the way."""
    FILES_ONLY = "files_only"
    """A new job that leaves the asset as it is."""
    UNSAVED = "unsaved"
    """A new job that deletes tracks whose text could not be saved."""
    FIX = "fix"
    """A new job that fixes words in the captions."""
    RESTORE = "restore"
    """The tracks that the job replaced are put back."""


class Answer(StrEnum):
    """What becomes of the wish."""

    YES = "yes"
    NO = "no"
    """The person may know of the job, and is told who may do this."""
    UNKNOWN = "unknown"
    """For this person there is no such job."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who wants something, and where they are."""

    team_id: str
    user_id: str
    channel_id: str


_FOR_THE_CHANNEL: Final = frozenset({Act.SEE})
"""What members of the job's channel may do without having asked for the job or waiting for it."""


def decide(act: Act, job: Job | None, asker: Asker) -> Answer:
    """Say whether `asker` may do `act` with `job`; whatever is not known to be allowed is not."""
    if job is None or not asker.team_id or job.team_id != asker.team_id:
        return Answer.UNKNOWN
    if asker.user_id and asker.user_id in {job.user_id, *job.watchers}:
        return Answer.YES
    if not asker.channel_id or asker.channel_id != job.channel_id:
        return Answer.UNKNOWN
    return Answer.YES if act in _FOR_THE_CHANNEL else Answer.NO
