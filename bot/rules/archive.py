"""What a finished job leaves behind: its files, its track at Mux, and what was measured. Performs no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

from bot.rules.quality import Report

SRT: Final = "srt"
WORDS: Final = "words"
VTT: Final = "vtt"
TEXT: Final = "txt"
REWRAPPED: Final = "rewrapped"
TIMELINE: Final = "timeline"
REPORT: Final = "report"

REPLACED: Final = "before"
"""What the kind of a track that a job replaced begins with; the track's id follows behind a colon."""

SHARED: Final = (SRT, VTT, TEXT, WORDS, REWRAPPED, REPORT, TIMELINE)
"""The kinds of file that people get in the thread, in the order in which they are shown."""

NAMED: Final[Mapping[str, str]] = {
    SRT: "SRT",
    VTT: "WebVTT",
    TEXT: "plain text",
    WORDS: "word timings (JSON)",
    REWRAPPED: "SRT with lines broken anew",
    REPORT: "quality report",
    TIMELINE: "timeline",
}
"""What each kind is called in a sentence."""

TITLES: Final[Mapping[str, str]] = {
    SRT: "Captions (SRT)",
    VTT: "Captions (WebVTT)",
    TEXT: "Transcript",
    WORDS: "Word timings (JSON)",
    REWRAPPED: "Captions with lines broken anew (SRT)",
    REPORT: "Quality report",
    TIMELINE: "Timeline",
}
"""What stands above each kind of file in a thread."""

NO_LINK: Final = "no_link"
"""Mux finished the job and gave no link to a file."""

UNREACHED: Final = "unreached"
"""The store behind Mux's links did not answer for a day."""

SILENT: Final = "empty"
"""The file is empty because nothing was said in the video; that is how it should be."""


NOT_SHOWN: Final = "not_shared"
"""Slack took the files and never showed them."""

UNDELIVERABLE: Final = "undeliverable"
"""There is no thread and no conversation to share the files in."""


class FilesState(StrEnum):
    """How far a job's files are."""

    WAITING = "waiting"
    """They are being fetched."""
    KEPT = "kept"
    FAILED = "failed"
    """They could not be had, or are no captions; `reason` says why."""


class TrackState(StrEnum):
    """How far the track is that the job attached to its asset."""

    NONE = ""
    """The job attached none."""
    PREPARING = "preparing"
    READY = "ready"
    ERRORED = "errored"
    GONE = "gone"
    """Somebody has deleted it."""
    UNKNOWN = "unknown"
    """Mux did not say for a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Files that Slack did not take, with `code`: our own links to them as (label, url), until `ends_at`.

    Without PUBLIC_URL there are no links. `ends_at` is in seconds since the epoch.
    """

    code: str
    links: tuple[tuple[str, str], ...] = ()
    ends_at: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Return the stored form."""
        return {"code": self.code, "links": [list(link) for link in self.links], "ends_at": self.ends_at}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote."""
        links = tuple((str(label), str(url)) for label, url in stored["links"])
        return cls(code=stored["code"], links=links, ends_at=float(stored["ends_at"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """What a job left behind, as it is at one moment.

    `reason` is why there are no files: one of the codes above, of `NotCaptions` or of `FileRefused`; `said`
    is a sentence about it that may quote the file, unescaped. `kinds` are the files that are kept. `offer`
    is set when Slack did not take them.
    """

    files: FilesState
    reason: str = ""
    said: str = ""
    kinds: tuple[str, ...] = ()
    report: Report | None = None
    track: TrackState = TrackState.NONE
    track_said: str = ""
    offer: Offer | None = None


def shareable(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the kinds that people get, in their order."""
    return tuple(kind for kind in SHARED if kind in kinds)


def replaced(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the kinds that hold captions which the job replaced."""
    return tuple(kind for kind in kinds if kind.startswith(f"{REPLACED}:"))
