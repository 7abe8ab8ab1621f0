"""Phrases that the messages share: what was asked for, how long it took, what it cost. Performs no I/O.

Everything returned here is mrkdwn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bot.rules import languages, preflight
from bot.rules.jobs import Job, State, is_finished
from bot.rules.links import PointerKind
from bot.rules.request import CaptionRequest, Replace
from bot.ui.mrkdwn import code, dotted, listed, mention, plain

LINK_DAYS: Final = 7
"""How long Mux keeps the files of a finished job, in days."""

TITLE_LIMIT: Final = 200
_MOST_PHRASES: Final = 5
_MOST_MENTIONS: Final = 100

STATE_WORDS: Final[dict[State, str]] = {
    State.REQUESTED: "Sending to Mux",
    State.SUBMITTING: "Sending to Mux",
    State.UNCONFIRMED: "Checking with Mux whether the job was created; nothing is sent twice",
    State.PENDING: "Queued at Mux",
    State.PROCESSING: "Mux is transcribing",
    State.COMPLETED: "Done",
    State.ERRORED: "Failed",
    State.CANCELLED: "Cancelled",
    State.REFUSED: "Not started: Mux refused",
    State.ABANDONED: "Result unknown: Mux keeps jobs for 30 days",
}

_WAITING: Final = "Waiting for Mux to prepare the video; nothing is billed until it is ready"
_UPLOADING: Final = "Sending the file to Mux; the captions are made when it is there"
_UNFIT: Final = "Not started: no job was sent to Mux"

_NAMED: Final[dict[PointerKind, str]] = {
    PointerKind.ASSET: "asset",
    PointerKind.PLAYBACK: "playback ID",
    PointerKind.FILE: "Slack file",
}

REPLACE_WORDS: Final[dict[Replace, str]] = {
    Replace.FAIL: "",
    Replace.ALL: "replaces every track of the same language or name",
    Replace.GENERATED: "replaces only tracks that Mux generated itself",
}


def state(job: Job) -> str:
    """Return where the job stands, and what it waits for before it is sent."""
    if job.state is State.REQUESTED and job.pointer is not None and job.pointer.kind is PointerKind.FILE:
        return _UPLOADING
    if job.state is State.REQUESTED and job.video is not None and preflight.has_to_wait(job.video):
        return _WAITING
    if job.state is State.REFUSED and job.failure and job.failure.code.startswith(preflight.PREFIX):
        return _UNFIT
    if job.edit is not None and job.state is State.PROCESSING:
        return "Mux is fixing the words"
    return STATE_WORDS[job.state]


def length(job: Job) -> str:
    """Return how long the video is, empty while that is unknown."""
    return f"Length {duration(job.duration_seconds)}" if job.duration_seconds else ""


def title(job: Job) -> str:
    """Return the video's title, or its asset id where Mux has told no title that can be seen."""
    return plain(job.title, TITLE_LIMIT) or plain(job.request.asset_id, TITLE_LIMIT)


def language(tag: str) -> str:
    """Return a language by name, or the tag itself where we have no name for it."""
    return plain(languages.name_of(tag), 100)


def asked_for(request: CaptionRequest) -> tuple[str, ...]:
    """Return in words what was asked for: the language, then the options that differ from a plain request."""
    tongue = "Detect the language" if request.language_code is None else language(request.language_code)
    every = (
        tongue,
        "speaker labels" if request.include_speakers else "",
        "a file of word timings" if request.include_words else "",
        "" if request.upload_to_mux else "files only, no track on the asset",
        REPLACE_WORDS[request.replace],
        f"track name {code(request.track_name, 100)}" if request.track_name else "",
        _phrases(request.phrases),
    )
    return tuple(words for words in every if words)


def people(job: Job, *, watchers: bool) -> str:
    """Mention who asked, and with `watchers` everybody else who waits; each person once."""
    everybody = [job.user_id, *job.watchers] if watchers else [job.user_id]
    return listed([mention(person) for person in dict.fromkeys(everybody)], most=_MOST_MENTIONS)


def history(job: Job, moment: Callable[[float], str]) -> tuple[str, ...]:
    """Return in sentences who steered the job, and what it has to do with other jobs.

    `moment` writes a time in seconds since the epoch, as `mrkdwn.date` or `mrkdwn.utc` do.
    """
    every = (
        f"Another try of job {code(job.retry_of)}." if job.retry_of else "",
        _stopped(job, moment) if job.stopped_by else "",
        _followed(job) if job.next_job and job.next_by else "",
    )
    return tuple(words for words in every if words)


def ids(job: Job) -> str:
    """Return our id of the job, Mux's and the asset's, small enough to copy."""
    kind = PointerKind.ASSET if job.pointer is None else job.pointer.kind
    return dotted(
        f"Job {code(job.id)}",
        f"Mux job {code(job.mux_id)}" if job.mux_id else "",
        f"{_NAMED[kind]} {code(job.request.asset_id)}",
    )


def units(count: int) -> str:
    """Return a number of Mux AI units."""
    return f"{count:,} {'unit' if count == 1 else 'units'}"


def duration(seconds: float) -> str:
    """Return a span in its two largest units; what is shorter than a second counts as one."""
    whole = max(round(seconds), 1)
    days, rest = divmod(whole, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, left = divmod(rest, 60)
    spans = [(days, "d"), (hours, "h"), (minutes, "min"), (left, "s")]
    largest = next(place for place, (count, _) in enumerate(spans) if count)
    return " ".join(f"{count} {unit}" for count, unit in spans[largest : largest + 2] if count)


def took(job: Job) -> str:
    """Return how long the job took from the request to its end; empty while that is unknown."""
    return "" if job.finished_at is None else duration(job.finished_at - job.created_at)


def _followed(job: Job) -> str:
    verb = "Words fixed" if job.state is State.COMPLETED else "Tried again"
    return f"{verb} by {mention(job.next_by or '')} as job {code(job.next_job or '')}."


def _stopped(job: Job, moment: Callable[[float], str]) -> str:
    who = mention(job.stopped_by or "")
    if not is_finished(job.state):
        return f"{who} asked to cancel it."
    if job.state is not State.CANCELLED:
        return f"{who} asked to cancel it, but it ended before that."
    return f"Cancelled by {who} ({moment(job.updated_at if job.finished_at is None else job.finished_at)})."


def _phrases(phrases: tuple[str, ...]) -> str:
    if not phrases:
        return ""
    noun = "phrase" if len(phrases) == 1 else "phrases"
    quoted = listed([code(phrase, 60) for phrase in phrases], most=_MOST_PHRASES)
    return f"{len(phrases):,} {noun} to recognise: {quoted}"
