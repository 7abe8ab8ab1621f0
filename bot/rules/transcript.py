"""Captions as a text that people read: a paragraph per speaker and per pause. Performs no I/O."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from bot.rules.cues import Cue, label, seen, spoken
from bot.rules.width import is_unspaced

# A silence that long usually ends a thought, and a paragraph that long wants an end; the figures are ours.
_PAUSE_MS: Final = 2_500
_LONG: Final = 600
_ENDS: Final = (".", "?", "!", "…", "。", "？", "！", "।", "؟")  # noqa: RUF001 - signs of other scripts are meant


def to_text(cues: Iterable[Cue]) -> str:
    """Return a readable transcript, a new paragraph wherever the speaker changes or nobody speaks.

    Long speech is parted behind a sentence. A speaker's name stands once, before a colon, where they begin.
    """
    paragraphs: list[list[str]] = []
    speaker: str | None = None
    length = ended_ms = 0
    for cue in cues:
        said = spoken(cue.text)
        if not said:
            continue
        named = label(seen(cue.text)) or speaker
        is_long = length > _LONG and paragraphs[-1][-1].endswith(_ENDS)
        if not paragraphs or named != speaker or is_long or cue.start_ms - ended_ms > _PAUSE_MS:
            paragraphs.append([f"{named}:"] if named and named != speaker else [])
            length = 0
        paragraphs[-1] += said.split("\n")
        length += len(said)
        speaker, ended_ms = named, cue.end_ms
    return "\n".join(f"{_joined(lines)}\n" for lines in paragraphs)


def _joined(lines: list[str]) -> str:
    return lines[0] + "".join(
        line if is_unspaced(above[-1]) and is_unspaced(line[0]) else f" {line}"
        for above, line in pairwise(lines)
    )
