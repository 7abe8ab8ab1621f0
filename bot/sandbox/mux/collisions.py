"""Which tracks a job collides with, and what it costs."""

from __future__ import annotations

import math
from typing import Any, Final

from bot.sandbox.mux import checks
from bot.sandbox.mux.model import Asset, Track, default_track_name

UNITS_PER_MINUTE: Final = 100
"""The real rate is unknown; every started minute counts."""
WORDS_SURCHARGE: Final = 1.5
"""Likewise unknown; words only cost more."""


def in_the_way(
    asset: Asset, parameters: dict[str, Any], language_code: str, *, confident: bool
) -> tuple[list[Track], str]:
    """Return the tracks to delete, and why that must not be done, or "" when it may."""
    name = parameters.get("track_name") or default_track_name(language_code)
    matches = [track for track in asset.tracks if track.matches(language_code=language_code, name=name)]
    policy = checks.policy(parameters) if confident else "fail"
    if matches and policy == "fail":
        return matches, f"A text track for {language_code} or named {name!r} already exists on the asset"
    if policy == "replace_generated" and any(not t.text_source.startswith("generated_") for t in matches):
        return matches, f"An uploaded text track for {language_code} or named {name!r} is in the way"
    return matches, ""


def units(duration_seconds: float | None, parameters: dict[str, Any]) -> int:
    """Return what a job over this many seconds costs, in Mux AI units."""
    minutes = max(1, math.ceil((duration_seconds or 0.0) / 60))
    return int(minutes * UNITS_PER_MINUTE * (WORDS_SURCHARGE if parameters["include_words"] else 1))


def replaced(track: Track) -> dict[str, str]:
    """Return a removed track as the outputs' `replaced_tracks` shows it."""
    shown = {
        "id": track.id,
        "type": "text",
        "name": track.name,
        "language_code": track.language_code,
        "text_source": track.text_source,
    }
    return shown | ({"passthrough": track.passthrough} if track.passthrough else {})
