"""One cue measured. Performs no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from bot.rules.cues import Cue, seen, spoken
from bot.rules.quality.profiles import CHARACTERS, Profile
from bot.rules.width import characters, columns, full_widths

_MS: Final = 1_000
_MS_A_MINUTE: Final = 60_000
_LETTER: Final = re.compile(r"\w")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A cue and what can be said of it alone.

    `lines` are as a viewer sees them, `length` is their length together and `longest` that of the longest
    one, in the profile's characters. `speed` is in the profile's unit, None when the cue has no time.
    """

    cue: Cue
    lines: tuple[str, ...]
    length: float
    longest: float
    words: int
    speed: float | None


def measure(cue: Cue, profile: Profile) -> Measured:
    """Return the measurements of one cue; a line break counts as the space that it stands for."""
    shown = seen(cue.text)
    lines = tuple(shown.split("\n")) if shown else ()
    of_line = full_widths if profile.full_width else columns
    of_text = full_widths if profile.full_width else characters
    length = of_text(shown.replace("\n", " "))
    words = sum(_LETTER.search(word) is not None for word in spoken(cue.text).split())
    return Measured(
        cue=cue,
        lines=lines,
        length=length,
        longest=max(map(of_line, lines), default=0),
        words=words,
        speed=_speed(length, words, cue.duration_ms, profile),
    )


def speeds(cues: Sequence[Cue], profile: Profile) -> Iterator[tuple[Cue, float]]:
    """Yield each cue that can be read with its reading speed in the profile's unit."""
    for cue in cues:
        measured = measure(cue, profile)
        if measured.speed is not None and measured.lines:
            yield cue, measured.speed


def middle(values: Iterable[float]) -> float | None:
    """Return the median, None of nothing; the module of the standard library takes long to import."""
    ordered = sorted(values)
    if not ordered:
        return None
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def silences(cues: Sequence[Cue], duration_ms: int | None) -> tuple[int, list[tuple[int, int]]]:
    """Return for how long captions are on screen, and the spans (from, to) without any, in milliseconds.

    Only the time of the video counts when its length is known; without it the last caption ends the video.
    """
    spans = sorted(
        (max(cue.start_ms, 0), cue.end_ms) for cue in cues if cue.duration_ms > 0 and seen(cue.text)
    )
    end_ms = max((end for _, end in spans), default=0) if duration_ms is None else duration_ms
    empty: list[tuple[int, int]] = []
    covered_to = 0
    for start, end in spans:
        if min(start, end_ms) > covered_to:
            empty.append((covered_to, min(start, end_ms)))
        covered_to = max(covered_to, end)
    if covered_to < end_ms:
        empty.append((covered_to, end_ms))
    return end_ms - sum(end - start for start, end in empty), empty


def gaps(cues: Sequence[Cue]) -> Iterator[tuple[Cue, Cue, int, int]]:
    """Yield each cue but the first with the one above it, where all before it end, and the gap to that.

    A gap below zero is an overlap, in milliseconds like the rest.
    """
    ended_ms = 0
    for above, cue in pairwise(cues):
        ended_ms = max(ended_ms, above.end_ms)
        yield above, cue, ended_ms, cue.start_ms - ended_ms


def _speed(length: float, words: int, duration_ms: int, profile: Profile) -> float | None:
    if duration_ms <= 0:
        return None
    if profile.speed_unit == CHARACTERS:
        return length * _MS / duration_ms
    return words * _MS_A_MINUTE / duration_ms
