"""The little of SRT and VTT that the local Mux needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from bot.sandbox.media import Prepared

_TIMING: Final = re.compile(r"^(\d{2}:\d{2}:\d{2}),(\d{3}) --> (\d{2}:\d{2}:\d{2}),(\d{3})", re.MULTILINE)
_HEADER: Final = re.compile(r"WEBVTT(?:[ \t\r\n]|\Z)")
_PUNCTUATION: Final = re.compile(r"[^\w]")


def to_vtt(text: str) -> str:
    """Return an SRT file as WebVTT; a file that is WebVTT already comes back as it is."""
    if text.lstrip("\ufeff").startswith("WEBVTT"):
        return text
    return "WEBVTT\n\n" + _TIMING.sub(r"\1.\2 --> \3.\4", text.replace("\r\n", "\n"))


def ingested(content: bytes) -> bytes:
    """Return what Mux serves of an uploaded file: WebVTT byte for byte, SRT turned into it.

    Raises:
        ValueError: with the reason why it is no captions file.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("The file is not UTF-8.") from None
    if _HEADER.match(text):
        return content
    if not _TIMING.search(text):
        raise ValueError("The file could not be read as captions.")
    return to_vtt(text).encode()


def as_heard(prepared: Prepared, *, speakers: bool, phrases: Sequence[str]) -> str:
    """Return the SRT of one of our clips; names that no phrase spells out come out misheard."""
    text = prepared.speakers_srt if speakers else prepared.srt
    for name, heard in _missed(prepared.misheard, phrases).items():
        pattern = r"(\s+)".join(re.escape(word) for word in name.split())
        words = heard.split()
        replacement = "".join(f"{word}\\{gap}" for gap, word in enumerate(words[:-1], 1)) + words[-1]
        text = re.sub(pattern, replacement, text)
    return text


def words_as_heard(prepared: Prepared, *, phrases: Sequence[str]) -> list[dict[str, Any]]:
    """Return the words of one of our clips, misheard like the SRT."""
    words = [dict(word) for word in prepared.words]
    for name, heard in _missed(prepared.misheard, phrases).items():
        wanted = name.split()
        for at in range(len(words) - len(wanted) + 1):
            window = words[at : at + len(wanted)]
            if [_PUNCTUATION.sub("", word["word"]) for word in window] == wanted:
                for word, instead in zip(window, heard.split(), strict=True):
                    word["word"] = word["word"].replace(_PUNCTUATION.sub("", word["word"]), instead)
    return words


def _missed(misheard: Mapping[str, str], phrases: Iterable[str]) -> dict[str, str]:
    hints = [" ".join(phrase.lower().split()) for phrase in phrases]
    return {name: heard for name, heard in misheard.items() if not any(name.lower() in h for h in hints)}
