"""A video at Mux as it was last seen, and the text track that would be in a job's way. Performs no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from bot.errors import BadValue
from bot.rules import languages
from bot.rules.request import CaptionRequest

READY: Final = "ready"
PREPARING: Final = "preparing"
ERRORED: Final = "errored"
PLAYABLE: Final = frozenset({"public", "signed"})
"""The policies of playback ids through which Mux can hear an asset; DRM is not among them."""

_GONE: Final = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTrack:
    """Captions or subtitles on an asset; `source` says who made them (Mux's `text_source`).

    `status` is Mux's word (`preparing`, `ready`, `errored`, `deleted`), `said` why it is `errored`.
    `passthrough` is what the one who uploaded it wrote on it.
    """

    id: str
    name: str = ""
    language_code: str = ""
    status: str = ""
    source: str = ""
    closed_captions: bool = False
    passthrough: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackNews:
    """Something that Mux tells of a text track: `what` is `created`, `ready`, `errored`, `deleted` ..."""

    what: str
    asset_id: str
    track: TextTrack


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """An asset at Mux.

    `status` is Mux's word (`preparing`, `ready`, `errored`), empty when it gave none. `has_audio` is False
    only when Mux lists the tracks and none of them has sound, `has_picture` likewise. `playback_id` is the
    one that shows the asset to most people, `policy` its policy. `created_at` is in seconds since the epoch.
    """

    asset_id: str
    title: str = ""
    duration_seconds: float | None = None
    status: str = ""
    is_live: bool = False
    has_audio: bool = True
    has_picture: bool = True
    created_at: float | None = None
    playback_id: str | None = None
    policy: str | None = None
    tracks: tuple[TextTrack, ...] = ()

    @property
    def public_id(self) -> str | None:
        """The playback id that anybody may use, None when there is none."""
        return self.playback_id if self.policy == "public" else None

    def to_json(self) -> dict[str, Any]:
        """Return the stored form: plain JSON values under the field names of this class."""
        return asdict(self) | {"tracks": [asdict(track) for track in self.tracks]}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote; unknown keys of a newer version are ignored."""
        known = {name: stored[name] for name in cls.__slots__ if name in stored}
        return cls(**known | {"tracks": tuple(_track(each) for each in stored.get("tracks", ()))})


def _track(stored: Mapping[str, Any]) -> TextTrack:
    return TextTrack(**{name: stored[name] for name in TextTrack.__slots__ if name in stored})


def conflict(video: Video, request: CaptionRequest) -> TextTrack | None:
    """Return the text track that has the language or the name of the captions that are asked for.

    Mux compares languages without their region and names without case, whatever a track's status. Without
    a language in the request only the name can tell.
    """
    there = (track for track in video.tracks if not is_gone(track))
    return next((track for track in there if matches(track, request)), None)


def matches(track: TextTrack, request: CaptionRequest) -> bool:
    """Say whether a text track has the language or the name that is asked for, as Mux compares them."""
    name = _folded(request.track_name or "")
    if name and _folded(track.name) == name:
        return True
    return bool(request.language_code) and base(track.language_code) == base(request.language_code or "")


def is_gone(track: TextTrack) -> bool:
    """Say whether Mux has deleted a track and only still shows it."""
    return track.status == _GONE


def same_name(one: str, other: str) -> bool:
    """Say whether two names are one to Mux, which keeps a single text track of each name."""
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return name.strip().casefold()


def base(tag: str) -> str:
    """Return the language of a tag without script and region; Mux's tracks may carry three letters."""
    try:
        language = languages.normalise(tag)
    except BadValue:
        return tag.partition("-")[0].casefold()
    return language.tag.partition("-")[0]
