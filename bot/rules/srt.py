"""SubRip (SRT) read and written; from here every caption file of ours begins. Performs no I/O.

The reader is our own and looks at each line once. Readers built on one regular expression for the whole file
take quadratic time over a line of digits, and read the time `00:01,500` as nine minutes; docs/quality.md
has the figures. Captions come from a server, so a file is hostile until it has been read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.errors import NotCaptions
from bot.rules.cues import Captions, Cue, FormatProblem, label, stamp
from bot.rules.decoding import MAX_BYTES, decode, is_webvtt, refuse, refuse_other_formats, shortened
from bot.rules.transcript import to_text
from bot.rules.vtt import to_vtt

__all__ = [
    "MAX_BYTES",
    "Captions",
    "Cue",
    "FormatProblem",
    "NotCaptions",
    "label",
    "read",
    "to_srt",
    "to_text",
    "to_vtt",
]

MAX_CUES: Final = 50_000
"""A day of speech, with a caption every two seconds."""

_PROPER: Final = re.compile(
    r"(\d{2,3}):([0-5]\d):([0-5]\d),(\d{3}) --> (\d{2,3}):([0-5]\d):([0-5]\d),(\d{3})"
)
_COLON: Final = "[:\uff1a]"
_FRACTION: Final = r"(?:[.,:\uff0c\uff0e\u3002\uff1a](\d{1,9}))?"
_STAMP: Final = rf"(-?)(\d{{1,4}}){_COLON}(\d{{1,3}})(?:{_COLON}(\d{{1,3}}))?{_FRACTION}"
_ARROW: Final = r"[ \t]*(?:-{1,3} ?(?:>|&gt;)|[\u2192\u2013\u2014]>?)[ \t]*"
_TIMING: Final = re.compile(rf"[ \t]*{_STAMP}{_ARROW}{_STAMP}(?:[ \t].{{0,200}})?[ \t]*", re.ASCII)
# What starts like a time and has an arrow was meant to be one; so was half a time at the end of a file.
_MEANT: Final = re.compile(r"[ \t]*-?\d{1,4}[:.,][^\n]{0,60}-->")
_HALF: Final = re.compile(r"[ \t]*\d{1,4}:[\d:,.]{0,20}[ \t]*(?:-{0,2}>?[ \t]*[\d:,.]{0,20})?[ \t]*")
_NUMBER: Final = re.compile(r"[ \t]*(-?\d{1,9})(?:\.\d{0,9})?[ \t]*", re.ASCII)
_ARROWED: Final = re.compile("-{1,3} ?(?:>|&gt;)|[\u2192\u2013\u2014]")
_PARTS: Final = 5
_MOST_MINUTES: Final = 59

_LEFT_OUT: Final = "What stands here belongs to no caption and was left out."
_UNREADABLE: Final = "The times of a caption cannot be read, so it was left out."
_BREAKS_OFF: Final = "The file breaks off in the middle of a caption."
_NO_NUMBER: Final = "A caption has no number."
_MISCOUNTED: Final = "The captions are not numbered from 1 upwards."
_FORM: Final = "The times are not written as 00:00:00,000 --> 00:00:00,000."
_NEGATIVE: Final = "A time lies before the start of the video; it was set to 0."
_TOO_MANY_MINUTES: Final = "A time has more than 59 minutes or seconds."
_NO_BLANK: Final = "There is no empty line before a caption."
_BLANK_INSIDE: Final = "There is an empty line inside a caption."


def read(raw: bytes) -> Captions:
    """Return what a file holds: strictly where it is well formed, with a problem for everything else.

    Takes time in proportion to the size of the file, whatever it holds.

    Raises:
        NotCaptions: The file is empty, or holds no caption at all.
    """
    text, problems = decode(raw)
    if is_webvtt(text):
        refuse("webvtt", "The file is WebVTT, not SRT.", excerpt=text)
    refuse_other_formats(text)
    lines = text.lstrip("\ufeff").split("\n")
    found = _Reading(lines)
    found.run()
    if len(found.cues) > MAX_CUES:
        refuse("too_large", f"The file holds more than {MAX_CUES:,} captions.", len(lines), lines[-1])
    if not found.cues:
        number, line = next((n, line) for n, line in enumerate(lines, 1) if line.strip())
        first = found.problems[0] if found.problems else FormatProblem(line=number, message="", excerpt=line)
        said = f"The file holds no caption with a time; line {first.line:,} is where one should begin."
        refuse("no_cues", said, first.line, first.excerpt)
    return Captions(cues=tuple(found.cues), problems=(*problems, *found.problems))


def to_srt(cues: Iterable[Cue]) -> str:
    """Return the cues as SRT with the numbers they have; `read` gives back the same cues.

    A line of text that could be taken for a time begins with an invisible mark, so that it is text again.
    """
    return "\n".join(
        f"{cue.index}\n{stamp(cue.start_ms, ',')} --> {stamp(cue.end_ms, ',')}\n{_safe(cue.text)}\n"
        for cue in cues
    )


def _safe(text: str) -> str:
    if not _ARROWED.search(text) and "\n\n" not in text:
        return text
    return "\n".join(_disarmed(line) for line in text.split("\n") if line.strip())


def _disarmed(line: str) -> str:
    if _TIMING.fullmatch(line) or _MEANT.match(line):
        return f"\u2060{line.lstrip()}"
    return line


@dataclass(slots=True)
class _Reading:
    """One pass over the lines of a file; `cues` and `problems` grow as it goes."""

    lines: Sequence[str]
    cues: list[Cue] = field(default_factory=list)
    problems: list[FormatProblem] = field(default_factory=list)
    first: dict[str, int] = field(default_factory=dict)

    def run(self) -> None:
        heads = self._heads()
        begins = [self._number_of(at, heads[n - 1] if n else -1) for n, at in enumerate(heads)]
        end = len(self.lines) if heads else 0
        self._leading(min(begins, default=len(self.lines)))
        for n, at in enumerate(heads):
            until = begins[n + 1] if n + 1 < len(heads) else end
            self._cue(at, begins[n], until, last=n + 1 == len(heads))

    def _heads(self) -> list[int]:
        """Return where times stand, readable or meant to be."""
        return [
            at
            for at, line in enumerate(self.lines)
            if ":" in line or "\uff1a" in line or "-->" in line
            if _PROPER.fullmatch(line) or _TIMING.fullmatch(line) or _MEANT.match(line)
        ]

    def _number_of(self, at: int, previous: int) -> int:
        """Return the line with which the caption at `at` begins: its number, or the times themselves."""
        if at - 1 > previous and _NUMBER.fullmatch(self.lines[at - 1]):
            return at - 1
        alone = at - 3 <= previous or not self.lines[at - 3].strip()
        apart = at - 2 > previous and not self.lines[at - 1].strip() and alone
        return at - 2 if apart and at - 3 != previous and _NUMBER.fullmatch(self.lines[at - 2]) else at

    def _leading(self, until: int) -> None:
        for at in range(until):
            if self.lines[at].strip():
                self._note(_LEFT_OUT, at)
                return

    def _cue(self, at: int, begin: int, until: int, *, last: bool) -> None:
        times = self._times(at)
        if times is None:
            self._note(_UNREADABLE, at)
            return
        index = self._index(at, begin)
        text = self._text(at, until, last=last)
        self.cues.append(Cue(index=index, start_ms=times[0], end_ms=times[1], text=text))

    def _index(self, at: int, begin: int) -> int:
        following = len(self.cues) + 1
        number = _NUMBER.fullmatch(self.lines[begin]) if begin < at else None
        if number is None:
            self._note(_NO_NUMBER, at)
            return following
        if int(number[1]) != following:
            self._note(_MISCOUNTED, begin)
        if begin and self.lines[begin - 1].strip() and self.cues:
            self._note(_NO_BLANK, begin)
        return int(number[1])

    def _times(self, at: int) -> tuple[int, int] | None:
        line = self.lines[at]
        proper = _PROPER.fullmatch(line)
        if proper:
            parts = [int(part) for part in proper.groups()]
            return _ms(*parts[:4]), _ms(*parts[4:])
        found = _TIMING.fullmatch(line)
        if not found:
            return None
        start, end = self._moment(found.groups()[:_PARTS], at), self._moment(found.groups()[_PARTS:], at)
        if "X1:" not in line:
            self._note(_FORM, at)
        return start, end

    def _moment(self, parts: Sequence[str | None], at: int) -> int:
        sign, first, second, third, fraction = (part or "" for part in parts)
        hours, minutes, seconds = (first, second, third) if third else ("0", first, second)
        if max(int(minutes), int(seconds)) > _MOST_MINUTES:
            self._note(_TOO_MANY_MINUTES, at)
        if sign:
            self._note(_NEGATIVE, at)
            return 0
        return _ms(int(hours), int(minutes), int(seconds), int(fraction.ljust(3, "0")[:3]))

    def _text(self, at: int, until: int, *, last: bool) -> str:
        kept = [line.rstrip() for line in self.lines[at + 1 : until]]
        if last:
            kept = self._without_cut_end(kept, at + 1)
        while kept and not kept[-1]:
            kept.pop()
        while kept and not kept[0]:
            kept.pop(0)
        if not all(kept):
            self._note(_BLANK_INSIDE, at)
        return "\n".join(line for line in kept if line)

    def _without_cut_end(self, kept: list[str], offset: int) -> list[str]:
        """Leave out the number, and perhaps half of the times, of a caption that was cut off."""
        end = len(kept)
        while end and not kept[end - 1]:
            end -= 1
        begin = end - 2 if end > 1 and _HALF.fullmatch(kept[end - 1]) else end - 1
        if begin < 1 or kept[begin - 1] or not _NUMBER.fullmatch(kept[begin]):
            return kept
        self._note(_BREAKS_OFF, offset + end - 1)
        return kept[:begin]

    def _note(self, message: str, at: int) -> None:
        known = self.first.get(message)
        if known is None:
            self.first[message] = len(self.problems)
            self.problems.append(
                FormatProblem(line=at + 1, message=message, excerpt=shortened(self.lines[at]))
            )
            return
        seen = self.problems[known]
        self.problems[known] = FormatProblem(
            line=seen.line, message=message, excerpt=seen.excerpt, times=seen.times + 1
        )


def _ms(hours: int, minutes: int, seconds: int, milliseconds: int) -> int:
    return ((hours * 60 + minutes) * 60 + seconds) * 1_000 + milliseconds
