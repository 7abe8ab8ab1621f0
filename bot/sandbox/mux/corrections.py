"""What edit-captions does to WebVTT: swearing first, then names of speakers, then words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

_CUE: Final = re.compile(r"(^[^\r\n]*-->[^\r\n]*\r?\n)((?:[^\r\n]+(?:\r?\n|\Z))+)", re.MULTILINE)
_LABEL: Final = re.compile(r"^(\s*\[)([^\[\]\r\n]+)(\])", re.MULTILINE)
SWEARING: Final = ("bloody", "crap", "damn", "hell")
"""All that the sandbox takes for swearing; Mux asks a language model."""
_MODES: Final[Mapping[str, str]] = {"blank": "_", "remove": "", "mask": "?"}


def corrected(vtt: str, parameters: Mapping[str, Any]) -> tuple[str, int]:
    """Return the text with the job's changes, and how many they were; only what cues say is touched."""
    count = 0

    def change(cue: re.Match[str]) -> str:
        nonlocal count
        said, changes = _changed(cue[2], parameters)
        count += changes
        return cue[1] + said

    return _CUE.sub(change, vtt), count


def _changed(said: str, parameters: Mapping[str, Any]) -> tuple[str, int]:
    total = 0
    censoring = parameters.get("auto_censor_profanity")
    if censoring is not None:
        said, total = _censored(said, censoring)
    for name in parameters.get("speaker_replacements", ()):
        said, changes = _renamed(said, name["find"], name["replace"])
        total += changes
    for word in parameters.get("replacements", ()):
        pattern = _whole(word["find"], case_sensitive=word.get("case_sensitive", False))
        said, changes = pattern.subn(_literally(word["replace"]), said)
        total += changes
    return said, total


def _censored(said: str, censoring: Mapping[str, Any]) -> tuple[str, int]:
    spared = {word.casefold() for word in censoring.get("never_censor", ())}
    words = [
        word for word in (*SWEARING, *censoring.get("always_censor", ())) if word.casefold() not in spared
    ]
    mark, total = _MODES[censoring.get("mode", "blank")], 0
    for word in words:
        said, changes = _whole(word, case_sensitive=False).subn(lambda hit: mark * len(hit[0]), said)
        total += changes
    return said, total


def _renamed(said: str, old: str, new: str) -> tuple[str, int]:
    changes = 0

    def rename(label: re.Match[str]) -> str:
        nonlocal changes
        if label[2] != old:
            return label[0]
        changes += 1
        return f"{label[1]}{new}{label[3]}"

    return _LABEL.sub(rename, said), changes


def _whole(find: str, *, case_sensitive: bool) -> re.Pattern[str]:
    """Return a pattern of `find` as whole words; a phrase may run over the end of a line."""
    phrase = r"\s+".join(map(re.escape, find.split())) or re.escape(find)
    return re.compile(rf"(?<!\w){phrase}(?!\w)", 0 if case_sensitive else re.IGNORECASE)


def _literally(text: str) -> Callable[[re.Match[str]], str]:
    return lambda _: text
