"""What Mux Video says of assets and playback ids, read as our own values. Performs no I/O."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.mux.reading import Malformed, identifier, mapping, mappings, moment, text
from bot.rules.video import READY, TextTrack, Video

# Mux takes titles up to this length. https://www.mux.com/docs/api-reference/video/assets
_LONGEST_TITLE: Final = 512
_LONGEST_NAME: Final = 255
_POLICIES: Final = ("public", "signed", "drm")
"""From the one that shows an asset to everybody to the one that shows it to fewest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackTarget:
    """What plays at a playback id: `kind` is Mux's word, `asset` or `live_stream`, `id` that thing's id."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some assets, newest first; `next_cursor` leads to the next page, None at the end."""

    videos: tuple[Video, ...]
    next_cursor: str | None


def read_video(data: Mapping[str, Any]) -> Video:
    """Read an asset; what Mux left out is empty.

    Raises:
        Malformed: `no_id`.
    """
    asset_id = identifier(data.get("id"))
    if asset_id is None:
        raise Malformed("no_id")
    status = text(data.get("status"), limit=_LONGEST_NAME)
    playback_id, policy = _playback(data)
    return Video(
        asset_id=asset_id,
        title=text(mapping(data.get("meta")).get("title"), limit=_LONGEST_TITLE).strip(),
        duration_seconds=_seconds(data.get("duration")),
        status=status,
        is_live=data.get("is_live") is True,
        has_audio=_has(data, status, "audio"),
        has_picture=_has(data, status, "video"),
        created_at=moment(data.get("created_at")),
        playback_id=playback_id,
        policy=policy,
        tracks=tuple(
            read_track(track) for track in mappings(data.get("tracks")) if track.get("type") == "text"
        ),
    )


def read_track(data: Mapping[str, Any]) -> TextTrack:
    """Read a text track; what Mux left out is empty, the id too."""
    error = mapping(data.get("error"))
    messages = error.get("messages")
    said = [text(word).strip() for word in messages] if isinstance(messages, list) else []
    return TextTrack(
        id=identifier(data.get("id")) or "",
        name=text(data.get("name"), limit=_LONGEST_NAME),
        language_code=text(data.get("language_code"), limit=_LONGEST_NAME),
        status=text(data.get("status"), limit=_LONGEST_NAME),
        source=text(data.get("text_source"), limit=_LONGEST_NAME),
        closed_captions=data.get("closed_captions") is True,
        passthrough=text(data.get("passthrough"), limit=_LONGEST_NAME),
        said=" ".join(filter(None, said)) or text(error.get("message"), limit=500),
    )


def read_page(answer: Mapping[str, Any]) -> Page:
    """Read one page of the list of assets; entries without an id are passed over."""
    rows = [row for row in mappings(answer.get("data")) if identifier(row.get("id"))]
    cursor = text(answer.get("next_cursor"))
    return Page(videos=tuple(map(read_video, rows)), next_cursor=cursor or None)


def read_target(data: Mapping[str, Any]) -> PlaybackTarget:
    """Read what plays at a playback id.

    Raises:
        Malformed: `no_object`.
    """
    thing = mapping(data.get("object"))
    kind, id_ = text(thing.get("type"), limit=_LONGEST_NAME), identifier(thing.get("id"))
    if not kind or id_ is None:
        raise Malformed("no_object")
    return PlaybackTarget(kind=kind, id=id_)


def _playback(data: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return the playback id with the widest policy, and that policy."""
    by_policy: dict[str, str] = {}
    for entry in mappings(data.get("playback_ids")):
        playback_id = identifier(entry.get("id"))
        if playback_id is not None:
            by_policy.setdefault(text(entry.get("policy"), limit=_LONGEST_NAME), playback_id)
    known = [policy for policy in _POLICIES if policy in by_policy]
    policy = next(iter([*known, *by_policy]), None)
    return (None, None) if policy is None else (by_policy[policy], policy)


def _has(data: Mapping[str, Any], status: str, kind: str) -> bool:
    tracks = mappings(data.get("tracks"))
    # Until an asset is ready its tracks are still being found, so that their absence says nothing.
    return status != READY or not tracks or any(track.get("type") == kind for track in tracks)


def _seconds(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and value > 0 else None
