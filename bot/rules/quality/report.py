"""What was found in one set of captions, as a value that can be stored. Performs no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final, Self

from bot.rules.cues import FormatProblem
from bot.rules.quality.profiles import Profile

NOT_JUDGED: Final = (
    "These are measurements. No program can judge whether the words are right, whether every important "
    "sound is described, or whether captions hide something in the picture: a person has to watch for that."
)


class Kind(StrEnum):
    """What can be measured as a fault. The order is the one in which reports name them."""

    NO_TIME = "no_time"
    """Ends when it starts, or before."""
    OUT_OF_ORDER = "out_of_order"
    """Starts before the cue above it in the file."""
    OVERLAP = "overlap"
    """Starts before the cue above it has ended."""
    PAST_END = "past_end"
    """Ends after the video."""
    UNCAPTIONED = "uncaptioned"
    """A long span before this cue, or after the last one, has no captions."""
    EMPTY = "empty"
    """Shows nothing."""
    REPEATED = "repeated"
    """Says again what the cue before it says."""
    BROKEN_TEXT = "broken_text"
    """Holds the sign for a character that was lost (U+FFFD)."""
    TOO_FAST = "too_fast"
    LINE_TOO_LONG = "line_too_long"
    TOO_MANY_LINES = "too_many_lines"
    TOO_SHORT = "too_short"
    """Is on screen for too short a time."""
    TOO_LONG = "too_long"
    """Is on screen for too long a time."""
    SMALL_GAP = "small_gap"
    """Follows the cue above it too closely."""
    NO_SPEAKER = "no_speaker"
    """Speakers were asked for, and the captions name none (one finding for all of them)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault: `cue` is the number that the file gives the cue, `at_ms` where it starts in the video.

    `measured` and `limit` count what the kind is about: characters a second or words a minute as the profile
    says, characters, lines, or milliseconds. `limit` is None where nothing is allowed at all.
    """

    kind: Kind
    cue: int
    at_ms: int
    measured: float | None = None
    limit: float | None = None

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read back one finding."""
        return cls(
            kind=Kind(stored["kind"]), **{key: stored[key] for key in ("cue", "at_ms", "measured", "limit")}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Worst:
    """A cue worth looking at first: what is wrong with it, the gravest first, and its start (unescaped)."""

    cue: int
    at_ms: int
    findings: tuple[Finding, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of the video has captions; `share` is between 0 and 1, None when its length is not known.

    The longest span without captions begins at `longest_at_ms`. `past_end_ms` is how far the last caption
    ends after the video.
    """

    captioned_ms: int
    share: float | None
    longest_ms: int
    longest_at_ms: int
    past_end_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A phrase that was asked for, and where it first occurs.

    `times` is how often it was found. When it was not, `near` is what stands in the captions that comes
    nearest to it, empty when nothing does; `cue` and `at_ms` say where, if anywhere.
    """

    phrase: str
    times: int
    near: str = ""
    cue: int | None = None
    at_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The measurements of one set of captions against one profile.

    `counts` is exact; `findings` are in the order of the file, and no more than the first 5,000.
    `typical_speed` is the median and `top_speed` the highest reading speed, in the profile's unit.
    `speakers` are the names in the order in which they first speak.
    """

    profile: Profile
    language: str
    cues: int
    words: int
    end_ms: int
    duration_ms: int | None
    typical_speed: float | None
    top_speed: float | None
    coverage: Coverage
    counts: Mapping[Kind, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    worst: tuple[Worst, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    speakers: tuple[str, ...] = ()
    problems: tuple[FormatProblem, ...] = ()

    @property
    def found(self) -> tuple[Phrase, ...]:
        """The phrases that occur in the captions."""
        return tuple(phrase for phrase in self.phrases if phrase.times)

    @property
    def missed(self) -> tuple[Phrase, ...]:
        """The phrases that do not; that is no fault by itself, because they may never be spoken."""
        return tuple(phrase for phrase in self.phrases if not phrase.times)

    def to_json(self) -> dict[str, Any]:
        """Return the report for storage; `from_json` reads it back."""
        return {**asdict(self), "counts": {kind.value: times for kind, times in self.counts.items()}}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote; unknown keys of a newer version are ignored."""
        plain = {key: stored[key] for key in _PLAIN}
        return cls(
            **plain,
            profile=Profile.from_json(stored["profile"]),
            coverage=Coverage(**stored["coverage"]),
            counts={Kind(kind): times for kind, times in stored["counts"].items()},
            findings=tuple(map(Finding.from_json, stored["findings"])),
            worst=tuple(
                Worst(**{**each, "findings": tuple(map(Finding.from_json, each["findings"]))})
                for each in stored["worst"]
            ),
            phrases=tuple(Phrase(**each) for each in stored["phrases"]),
            speakers=tuple(stored["speakers"]),
            problems=tuple(FormatProblem(**each) for each in stored["problems"]),
        )


_PLAIN: Final = ("language", "cues", "words", "end_ms", "duration_ms", "typical_speed", "top_speed")
