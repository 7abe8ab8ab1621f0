"""The videos that are in the local Mux from the start, each good for showing one thing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.sandbox.media import Clip
from bot.sandbox.mux.model import Asset, Failure, PlaybackId, Track
from bot.sandbox.mux.subtitles import to_vtt

STUDIO_TOUR: Final = "studioTour7Qm2x01"
"""Captions well; names in it come out right only with phrases."""
TWO_CHAIRS: Final = "twoChairs4Kd8w02"
"""A dialogue, for speaker labels."""
BIENVENIDA: Final = "bienvenida5Tn3r03"
"""Spanish, for detection."""
ANNUAL_MEETING: Final = "annualMeeting9Xp6h04"
"""Has an English track already."""
KEYNOTE: Final = "keynote2Wf5c05"
"""Its first job times out at Mux; the next one works."""
LIVE_TOWN_HALL: Final = "liveTownHall8Rb1j06"
"""Still being streamed."""
FRESH_UPLOAD: Final = "freshUpload3Hs7m07"
"""Not ready yet."""
INVESTOR_CALL: Final = "investorCall6Zv4n08"
"""Plays with signed links only."""
SHELVED_CUT: Final = "shelvedCut1Lg9p09"
"""No playback id at all."""
LIVE_STREAMS: Final = {"streamTownHall8Rb1j06": "liveStreamTownHall06"}
"""Live streams by playback id; such an id leads to no asset."""

_TIMED_OUT: Final = Failure(
    type="timeout_error", message="Transcription took too long and was stopped.", retryable=True
)
_DAY_SECONDS: Final = 86_400.0


def initial_assets(clips: Mapping[str, Clip], now: float) -> list[Asset]:
    """Return the catalogue, newest first; `now` in seconds since the epoch."""
    tour, chairs, hello = clips["studio-tour"], clips["two-chairs"], clips["bienvenida"]
    assets = [
        _asset(STUDIO_TOUR, tour.title, tour),
        _asset(TWO_CHAIRS, chairs.title, chairs),
        _asset(BIENVENIDA, hello.title, hello),
        _asset(ANNUAL_MEETING, "Annual meeting 2026", tour),
        _asset(KEYNOTE, "Keynote: the year in video", chairs),
        _asset(LIVE_TOWN_HALL, "Town hall (live)", None),
        _asset(FRESH_UPLOAD, "Fresh upload, still encoding", None),
        _asset(INVESTOR_CALL, "Investor call, third quarter", tour, policy="signed"),
        _asset(SHELVED_CUT, "Shelved cut", chairs, policy=""),
    ]
    for age, asset in enumerate(assets, 1):
        asset.created_at = now - age * _DAY_SECONDS
    by_id = {asset.id: asset for asset in assets}
    by_id[ANNUAL_MEETING].tracks.append(_english(tour))
    by_id[KEYNOTE].failures.append(_TIMED_OUT)
    by_id[KEYNOTE].has_audio_rendition = True
    by_id[LIVE_TOWN_HALL].is_live = True
    by_id[FRESH_UPLOAD].status = "preparing"
    return assets


def further_assets(clips: Mapping[str, Clip], now: float, environment: str, name: str) -> list[Asset]:
    """Return the videos of another environment, whose ids begin with its own."""
    assets = [
        _asset(f"{environment}Tour5Hk2w01", f"{name}: studio tour", clips["studio-tour"]),
        _asset(f"{environment}Chairs8Lp3v02", f"{name}: two chairs", clips["two-chairs"]),
    ]
    for age, asset in enumerate(assets, 1):
        asset.created_at = now - age * _DAY_SECONDS
    return assets


def _asset(asset_id: str, title: str, clip: Clip | None, *, policy: str = "public") -> Asset:
    playback = [PlaybackId(id=f"play{asset_id}", policy=policy)] if policy else []
    tracks = [Track(id=f"{kind}{asset_id}", type=kind) for kind in ("video", "audio")]
    return Asset(id=asset_id, title=title, created_at=0.0, clip=clip, playback_ids=playback, tracks=tracks)


def _english(clip: Clip) -> Track:
    text = to_vtt(clip.prepared.srt) if clip.prepared else ""
    return Track(
        id="trackAnnualEn01",
        type="text",
        name="English",
        language_code="en",
        text_source="generated_vod",
        vtt=text.encode(),
    )
