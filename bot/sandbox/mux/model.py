"""Assets, tracks and jobs as the local Mux keeps and shows them."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass, field
from typing import Any, Final

from bot.sandbox.media import Clip

WORKFLOW: Final = "generate-premium-captions"
EDIT_WORKFLOW: Final = "edit-captions"
FINAL_STATES: Final = frozenset({"completed", "errored", "cancelled"})
IN_FLIGHT_STATES: Final = frozenset({"pending", "processing"})
_ALPHABET: Final = string.ascii_letters + string.digits
_THREE_LETTERS: Final = {
    "deu": "de",
    "eng": "en",
    "fra": "fr",
    "ita": "it",
    "jpn": "ja",
    "nld": "nl",
    "por": "pt",
    "spa": "es",
}
_LANGUAGE_NAMES: Final = {
    "ar": "Arabic",
    "ca": "Catalan",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "zh": "Chinese",
}


def new_id(prefix: str = "", *, length: int = 44) -> str:
    """Return a random id of the kind that Mux uses: letters and digits."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(length))


def base_language(code: str) -> str:
    """Return the language without region or script, as Mux compares tracks: `en-US` and `eng` are `en`."""
    base = code.lower().partition("-")[0]
    return _THREE_LETTERS.get(base, base)


def default_track_name(code: str) -> str:
    """Return the name of a track that nobody named, such as `English (Generated)`."""
    return f"{_LANGUAGE_NAMES.get(base_language(code), code)} (Generated)"


@dataclass(slots=True, kw_only=True)
class Track:
    """One track; `vtt` are the bytes of a text track once it has them, `problem` why it never will."""

    id: str
    type: str
    status: str = "ready"
    name: str = ""
    language_code: str = ""
    text_source: str = "uploaded"
    passthrough: str = ""
    closed_captions: bool = False
    vtt: bytes = b""
    problem: str = ""

    def matches(self, *, language_code: str, name: str) -> bool:
        """Say whether a new text track of this language or name would collide, whatever the state."""
        return (
            self.type == "text"
            and self.status != "deleted"
            and (
                base_language(self.language_code) == base_language(language_code)
                or self.name.strip().lower() == name.strip().lower()
            )
        )

    def to_json(self) -> dict[str, Any]:
        """Return the track as the Video API shows it."""
        shown: dict[str, Any] = {"id": self.id, "type": self.type, "status": self.status}
        if self.type == "audio":
            return shown | {"max_channels": 2, "primary": True}
        if self.type == "text":
            shown |= {
                "text_type": "subtitles",
                "text_source": self.text_source,
                "name": self.name,
                "language_code": self.language_code,
                "closed_captions": self.closed_captions,
            }
            if self.passthrough:
                shown["passthrough"] = self.passthrough
            if self.status == "errored":
                shown["error"] = {"type": "invalid_input", "messages": [self.problem]}
        return shown


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackId:
    """An address at which an asset plays; `policy` is `public`, `signed` or `drm`."""

    id: str
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a job ended `errored`. `retryable` of None leaves the field out, as Mux may."""

    type: str
    message: str
    retryable: bool | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the failure as an entry of the job's `errors`."""
        shown: dict[str, Any] = {"type": self.type, "message": self.message}
        return shown if self.retryable is None else shown | {"retryable": self.retryable}


@dataclass(slots=True, kw_only=True)
class Asset:
    """A video. `failures` are what its next jobs will meet, first come first served.

    `track_failures` are likewise why its next text tracks will not become ready. `detection_confidence`
    (0 to 1) is how sure Mux will be of the language it detects.
    """

    id: str
    title: str
    created_at: float
    status: str = "ready"
    clip: Clip | None = None
    playback_ids: list[PlaybackId] = field(default_factory=list)
    tracks: list[Track] = field(default_factory=list)
    is_live: bool = False
    has_audio_rendition: bool = False
    failures: list[Failure] = field(default_factory=list)
    track_failures: list[str] = field(default_factory=list)
    detection_confidence: float = 0.98
    passthrough: str = ""

    @property
    def duration_seconds(self) -> float | None:
        """How long it plays, if that is known."""
        return self.clip.duration_seconds if self.clip else None

    def track(self, track_id: str) -> Track | None:
        """Return the track of this id that is still there."""
        return next((t for t in self.tracks if t.id == track_id), None)

    def to_json(self) -> dict[str, Any]:
        """Return the asset as the Video API shows it; `created_at` is a string there."""
        shown: dict[str, Any] = {
            "id": self.id,
            "created_at": str(int(self.created_at)),
            "status": self.status,
            "max_resolution_tier": "1080p",
            "encoding_tier": "smart",
            "video_quality": "plus",
            "master_access": "none",
            "progress": self._progress(),
            "meta": {"title": self.title},
            "tracks": [track.to_json() for track in self.tracks],
            "playback_ids": [{"id": p.id, "policy": p.policy} for p in self.playback_ids],
        }
        if self.duration_seconds is not None:
            shown |= {"duration": self.duration_seconds, "aspect_ratio": "16:9", "resolution_tier": "720p"}
        if self.is_live:
            shown |= {"is_live": True, "live_stream_id": f"stream{self.id}", "ingest_type": "live_rtmp"}
        if self.has_audio_rendition:
            rendition = {"id": f"rendition{self.id}", "name": "audio.m4a", "ext": "m4a"}
            state = {"status": "ready", "resolution": "audio-only"}
            shown["static_renditions"] = {"files": [rendition | state]}
        return shown | ({"passthrough": self.passthrough} if self.passthrough else {})

    def _progress(self) -> dict[str, Any]:
        if self.is_live:
            return {"state": "live", "progress": -1}
        if self.status == "preparing":
            return {"state": "transcoding", "progress": 40}
        return {"state": "completed", "progress": 100}


@dataclass(slots=True, kw_only=True)
class Job:
    """A Robots job, belonging for life to the API `version` that made it.

    `number` counts jobs and decides which of the two webhook shapes its events have.
    """

    id: str
    number: int
    workflow: str
    version: str
    asset: Asset
    parameters: dict[str, Any]
    passthrough: str | None
    created_at: float
    updated_at: float
    status: str = "pending"
    units_consumed: int = 0
    outputs: dict[str, Any] | None = None
    errors: list[Failure] = field(default_factory=list)
    made_rendition: bool = False

    def summary(self, api_url: str) -> dict[str, Any]:
        """Return the short form of lists and of cancel: no parameters, outputs, passthrough or asset."""
        return {
            "id": self.id,
            "workflow": self.workflow,
            "status": self.status,
            "created_at": int(self.created_at),
            "updated_at": int(self.updated_at),
            "_links": {"self": {"href": f"{api_url}/robots/{self.version}/jobs/{self.workflow}/{self.id}"}},
        }

    def to_json(self, api_url: str) -> dict[str, Any]:
        """Return the whole job, as the single GET and the webhooks carry it."""
        asset = self.asset
        shown = self.summary(api_url)
        del shown["_links"]
        shown |= {
            "units_consumed": self.units_consumed,
            "parameters": self.parameters,
            "resources": {
                "assets": [
                    {
                        "id": asset.id,
                        "meta": {"title": asset.title},
                        "_links": {"self": {"href": f"{api_url}/video/v1/assets/{asset.id}"}},
                    }
                ]
            },
        }
        if self.passthrough is not None:
            shown["passthrough"] = self.passthrough
        if self.errors:
            shown["errors"] = [failure.to_json() for failure in self.errors]
        if self.outputs is not None:
            shown["outputs"] = self.outputs
        return shown
