"""Captions as a text that people read: a paragraph per speaker and per pause. Performs no I/O."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bot.rules.cues import Cue, label, seen, spoken
from bot.rules.width import is_unspaced

# A silence that long usually ends a thought; the figure is ours.
_PAUSE_MS: Final = 2_500


def to_text(cues: Iterable[Cue]) -> str:
    """Return a readable transcript, a new paragraph wherever the speaker changes or nobody speaks.

    A speaker's name stands once, before a colon, at the start of what they say.
    """
    paragraphs: list[str] = []
    speaker: str | None = None
    ended_ms: int | None = None
    for cue in cues:
        shown = seen(cue.text)
        said = spoken(cue.text)
        if not said:
            continue
        named = label(shown)
        changed = named is not None and named != speaker
        paused = ended_ms is not None and cue.start_ms - ended_ms > _PAUSE_MS
        speaker = named if named is not None else speaker
        if changed:
            paragraphs.append(f"{speaker}: {_joined('', said)}")
        elif paused or not paragraphs:
            paragraphs.append(_joined("", said))
        else:
            paragraphs[-1] = _joined(paragraphs[-1], said)
        ended_ms = cue.end_ms
    return "".join(f"{paragraph}\n\n" for paragraph in paragraphs).rstrip("\n") + ("\n" if paragraphs else "")


def _joined(before: str, lines: str) -> str:
    for line in lines.split("\n"):
        tight = not before or (is_unspaced(before[-1]) and is_unspaced(line[0]))
        before = f"{before}{'' if tight else ' '}{line}"
    return before
