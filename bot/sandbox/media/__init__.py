"""The sandbox's own clips: short films with the words that are spoken in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What is said in one of our own clips, with times in seconds.

    `srt` and `speakers_srt` are whole files, the latter with `[speaker_0]` before each cue. `words` are
    objects with `word`, `start`, `end` and `speaker`. `misheard` maps a name to what a recogniser writes
    who was not told about it; both sides have equally many words.
    """

    language_code: str
    srt: str
    speakers_srt: str
    words: tuple[dict[str, Any], ...]
    misheard: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A film on the disk; `prepared` is None for a file that a person added."""

    name: str
    title: str
    video: Path
    media_type: str
    duration_seconds: float | None
    poster: Path | None = None
    prepared: Prepared | None = None


def load_clips(folder: Path = FOLDER) -> dict[str, Clip]:
    """Return the clips that `clips.json` in `folder` describes, by name."""
    table = json.loads((folder / "clips.json").read_text(encoding="utf-8"))
    return {entry["name"]: _clip(folder, entry) for entry in table}


def _clip(folder: Path, entry: Mapping[str, Any]) -> Clip:
    files = {kind: folder / name for kind, name in entry["files"].items()}
    return Clip(
        name=entry["name"],
        title=entry["title"],
        video=files["video"],
        media_type="video/webm",
        duration_seconds=entry["duration_seconds"],
        poster=files["poster"],
        prepared=Prepared(
            language_code=entry["language_code"],
            srt=files["srt"].read_text(encoding="utf-8"),
            speakers_srt=files["speakers_srt"].read_text(encoding="utf-8"),
            words=tuple(json.loads(files["words"].read_text(encoding="utf-8"))["words"]),
            misheard=entry["misheard"],
        ),
    )
