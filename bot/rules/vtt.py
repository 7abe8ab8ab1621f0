"""WebVTT read and written (https://www.w3.org/TR/webvtt1/). Performs no I/O."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from typing import Final

from bot.rules.cues import Captions, Cue, FormatProblem, stamp
from bot.rules.decoding import decode, is_webvtt, refuse, refuse_other_formats, shortened

_KEPT: Final = re.compile(r"(</?[ibu]>)", re.IGNORECASE)
_STAMP: Final = r"(?:(\d{2,4}):)?(\d{2}):(\d{2})[.,](\d{3})"
_TIMING: Final = re.compile(rf"[ \t]*{_STAMP}[ \t]*-->[ \t]*{_STAMP}(?:[ \t].{{0,500}})?", re.ASCII)
_NO_TEXT: Final = ("NOTE", "STYLE", "REGION")
_UNREADABLE: Final = "The times of a caption cannot be read, so it was left out."


def read_vtt(raw: bytes) -> Captions:
    """Return what a WebVTT file holds, its text with `<i>`, `<b>` and `<u>` as SRT writes them.

    Cues are numbered from 1; names, positions, styles and notes are left out.

    Raises:
        NotCaptions: The file is empty, is no WebVTT, or holds no caption (`empty` when it is only a header).
    """
    text, problems = decode(raw)
    text = text.lstrip("\ufeff")
    if not is_webvtt(text):
        refuse_other_formats(text)
        refuse("other_format", "The file does not begin with WEBVTT.", excerpt=text)
    cues: list[Cue] = []
    for line, block in _blocks(text):
        at = next((at for at, content in enumerate(block[:2]) if "-->" in content), None)
        if at is None:
            continue
        times = _TIMING.fullmatch(block[at])
        if times is None:
            problem = FormatProblem(line=line + at, message=_UNREADABLE, excerpt=shortened(block[at]))
            problems.append(problem)
            continue
        cues.append(_cue(len(cues) + 1, times, block[at + 1 :]))
    if not cues and not problems:
        refuse("empty", "The file has no captions, so no speech was found in the video.")
    if not cues:
        refuse("no_cues", "The file holds no caption with a time.", problems[0].line, problems[0].excerpt)
    return Captions(cues=tuple(cues), problems=tuple(problems))


def to_vtt(cues: Iterable[Cue]) -> str:
    """Return the cues as WebVTT. `<i>`, `<b>` and `<u>` stay; every other `<`, `>` and `&` is text."""
    written = (
        f"{stamp(cue.start_ms, '.')} --> {stamp(cue.end_ms, '.')}\n{_escaped(cue.text)}\n" for cue in cues
    )
    return "\n".join(["WEBVTT\n", *written])


def _escaped(text: str) -> str:
    text = "\n".join(line for line in text.split("\n") if line.strip()) if "\n\n" in text else text
    if not ("&" in text or "<" in text or ">" in text):
        return text
    parts = _KEPT.split(text)
    return "".join(
        part.lower() if at % 2 else html.escape(part, quote=False) for at, part in enumerate(parts)
    )


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the blocks behind the header, each with the number of its first line."""
    block: list[str] = []
    number = 0
    for line in (*text.split("\n"), ""):
        number += 1
        if line.strip():
            block.append(line)
            continue
        if block and not block[0].startswith(("WEBVTT", *_NO_TEXT)):
            yield number - len(block), block
        block = []


def _cue(index: int, times: re.Match[str], lines: list[str]) -> Cue:
    numbers = [int(part or 0) for part in times.groups()]
    start_ms, end_ms = (
        ((hours * 60 + minutes) * 60 + seconds) * 1_000 + milliseconds
        for hours, minutes, seconds, milliseconds in (numbers[:4], numbers[4:])
    )
    text = html.unescape("\n".join(line.strip() for line in lines))
    return Cue(index=index, start_ms=start_ms, end_ms=end_ms, text=text)
