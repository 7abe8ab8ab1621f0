"""Captions as values: cues, what was odd about their file, and what a viewer sees. Performs no I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

# Tags of SRT and WebVTT (`<i>`, `</font>`, `<v Ann>`, `<00:01.000>`) and override codes of SSA (`{\an8}`),
# which some editors leave in SRT files. None of them is seen; a bare `<` is.
_TAG: Final = re.compile(r"</?[A-Za-z][^<>\n]{0,200}>|<\d[\d:.]{0,15}>|\{\\[^{}\n]{0,200}\}")
# https://github.com/muxinc/ai: speaker labels stand in square brackets at the start of a cue.
_LABEL: Final = re.compile(r"\A\s*\[([^\[\]\n]{1,80})\]:?[ \n]*(?=\S)")
_MS_A_SECOND: Final = 1_000
_MS_A_MINUTE: Final = 60_000
_MS_AN_HOUR: Final = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One caption: shown from `start_ms` to `end_ms`, in milliseconds from the start of the video.

    `index` is the number that the file gives it, from 1 where it gives none. `text` holds the lines as they
    are broken in the file, with its tags. The times may overlap or run backwards.
    """

    index: int
    start_ms: int
    end_ms: int
    text: str

    @property
    def duration_ms(self) -> int:
        """The span on screen; zero or less when the times are wrong."""
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatProblem:
    """One way in which a file departs from its format, although it could be read.

    `line` counts from 1 and is the first of `times` places; `excerpt` is what stands there, unescaped.
    """

    line: int
    message: str
    excerpt: str = ""
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Captions:
    """The cues of a file in its own order, and what was odd about it."""

    cues: tuple[Cue, ...]
    problems: tuple[FormatProblem, ...] = ()


def seen(text: str) -> str:
    """Return what a viewer sees of a cue's text: its lines without tags, stripped, without empty ones."""
    shown = _TAG.sub("", text) if "<" in text or "{" in text else text
    return "\n".join(line for line in map(str.strip, shown.split("\n")) if line)


def label(text: str) -> str | None:
    """Return the speaker's name that a cue starts with, without its brackets.

    A cue that is nothing but brackets (`[music]`) tells a sound and has no speaker.
    """
    found = _LABEL.match(text)
    return found[1].strip() if found else None


def spoken(text: str) -> str:
    """Return what is said in a cue: its lines without tags and without the speaker's name."""
    return _LABEL.sub("", seen(text), count=1) if "[" in text else seen(text)


def moment(ms: int) -> str:
    """Return a position in the video as people write it: `0:07`, `12:03` or `1:02:03`."""
    seconds = max(ms, 0) // _MS_A_SECOND
    hours, rest = divmod(seconds, _MS_AN_HOUR // _MS_A_SECOND)
    minutes, second = divmod(rest, _MS_A_MINUTE // _MS_A_SECOND)
    return f"{hours}:{minutes:02}:{second:02}" if hours else f"{minutes}:{second:02}"


def stamp(ms: int, mark: str) -> str:
    """Return a time as subtitle files write it: `00:00:01,500`, with `mark` before the milliseconds."""
    hours, rest = divmod(max(ms, 0), _MS_AN_HOUR)
    minutes, rest = divmod(rest, _MS_A_MINUTE)
    seconds, milliseconds = divmod(rest, _MS_A_SECOND)
    return f"{hours:02}:{minutes:02}:{seconds:02}{mark}{milliseconds:03}"
