"""What can be done about a job that brought no captions: try it again, or get around a track. No I/O."""

from __future__ import annotations

import re
from typing import Final

from bot.rules import preflight
from bot.rules.jobs import RANK, Failure, Job, State
from bot.rules.policy import Act
from bot.rules.request import CaptionRequest, Replace
from bot.rules.video import TextTrack, conflict

_TRACK: Final = re.compile(r"\b(?:tracks?|captions?|subtitles?)\b", re.IGNORECASE)
_TAKEN: Final = re.compile(
    r"\b(?:exists|already|duplicate|conflicts?|conflicting|unique|taken)\b", re.IGNORECASE
)
_SOUND: Final = re.compile(r"\b(?:audio|sound)\b", re.IGNORECASE)
_PLAYBACK: Final = re.compile(r"playback", re.IGNORECASE)

# What a person or an administrator can mend at Mux or on the bot, so that the same request then succeeds.
_MENDABLE_STATUS: Final = frozenset({401, 403, 404, 408, 409, 429})
_SERVER_TROUBLE: Final = 500
_UNPROCESSABLE: Final = 422
_MAY_SAY_TAKEN: Final = frozenset({400, _UNPROCESSABLE})


def says_taken(said: str) -> bool:
    """Say whether Mux talks of a text track that is in the way, not of a track of sound."""
    return bool(_TRACK.search(said) and _TAKEN.search(said) and not _SOUND.search(said))


def is_in_the_way(job: Job) -> bool:
    """Say whether the job failed because the asset has a text track of that language or name."""
    failure = job.failure
    if failure is None or job.edit is not None or job.state not in {State.REFUSED, State.ERRORED}:
        return False
    if failure.code == preflight.CONFLICT:
        return True
    may_say = failure.status is None or failure.status in _MAY_SAY_TAKEN
    return may_say and says_taken(failure.message)


def track_in_the_way(job: Job) -> TextTrack | None:
    """Return the track that replacing would delete, as far as it was seen before the job began."""
    return None if job.video is None else conflict(job.video, job.request)


def can_help(job: Job) -> bool:
    """Say whether the very same request can succeed when it is tried again, as far as anybody can know."""
    if job.state is State.CANCELLED:
        return True
    if job.failure is None or is_in_the_way(job):
        return False
    if job.state is State.ERRORED:
        return job.failure.retryable
    return job.state is State.REFUSED and _can_be_mended(job.failure)


def is_worth_asking(job: Job) -> bool:
    """Say whether trying again makes any sense: the job has ended, and has not made captions."""
    return RANK[job.state] >= RANK[State.COMPLETED] and job.state is not State.COMPLETED


def is_offered(act: Act, job: Job) -> bool:
    """Say whether that way of trying again is one of those that such an end leaves."""
    match act:
        case Act.RETRY:
            return True
        case Act.UNSAVED:
            return job.failure is not None and job.failure.code == preflight.UNSAVED
        case _:
            return is_in_the_way(job)


def replacing(request: CaptionRequest) -> CaptionRequest:
    """Return the request that deletes what is in the way; it can only be one that attaches a track."""
    return request.changed(replace=Replace.ALL, upload_to_mux=True)


def files_only(request: CaptionRequest) -> CaptionRequest:
    """Return the request that leaves the asset as it is."""
    return request.changed(replace=Replace.FAIL, upload_to_mux=False)


def _can_be_mended(failure: Failure) -> bool:
    if failure.retryable or failure.code == preflight.UNANSWERED:
        return True
    if failure.status is None or failure.code.startswith(preflight.PREFIX):
        return False
    if failure.status == _UNPROCESSABLE:
        return bool(_PLAYBACK.search(failure.message))
    return failure.status in _MENDABLE_STATUS or failure.status >= _SERVER_TROUBLE
