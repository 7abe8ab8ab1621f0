"""Phrases that the messages share: what was asked for, how long it took, what it cost. Performs no I/O.

Everything returned here is mrkdwn.
"""

from __future__ import annotations

from typing import Final

from bot.rules import languages
from bot.rules.jobs import Job, State
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

REPLACE_WORDS: Final[dict[Replace, str]] = {
    Replace.FAIL: "",
    Replace.ALL: "replaces every track of the same language or name",
    Replace.GENERATED: "replaces only tracks that Mux generated itself",
}


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


def ids(job: Job) -> str:
    """Return our id of the job, Mux's and the asset's, small enough to copy."""
    return dotted(
        f"Job {code(job.id)}",
        f"Mux job {code(job.mux_id)}" if job.mux_id else "",
        f"asset {code(job.request.asset_id)}",
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


def _phrases(phrases: tuple[str, ...]) -> str:
    if not phrases:
        return ""
    noun = "phrase" if len(phrases) == 1 else "phrases"
    quoted = listed([code(phrase, 60) for phrase in phrases], most=_MOST_PHRASES)
    return f"{len(phrases):,} {noun} to recognise: {quoted}"
