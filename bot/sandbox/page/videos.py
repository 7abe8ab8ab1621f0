"""The videos at the local Mux, as the page lists them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.sandbox import transcribe
from bot.sandbox.config import SandboxConfig
from bot.sandbox.mux import catalogue
from bot.sandbox.mux.model import Asset
from bot.sandbox.mux.standin import Mux

_MINUTE = 60
# What each of the videos that are there from the start is good for.
_NOTES: Mapping[str, str] = MappingProxyType(
    {
        catalogue.STUDIO_TOUR: "names need phrases",
        catalogue.TWO_CHAIRS: "two speakers",
        catalogue.BIENVENIDA: "in Spanish",
        catalogue.KEYNOTE: "its first job fails",
        catalogue.INVESTOR_CALL: "signed links only",
        catalogue.SHELVED_CUT: "cannot be played",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """A line of the list; `about` is its state and whatever else is worth knowing before a trial.

    `watch` is where it plays, empty when it does not.
    """

    asset_id: str
    title: str
    about: str
    watch: str = ""


def videos_at(mux: Mux) -> list[Video]:
    """Return what lies at Mux now, added videos first."""
    assets = sorted(mux.library.assets.values(), key=lambda asset: asset.created_at, reverse=True)
    return [
        Video(asset_id=asset.id, title=asset.title, about=_about(asset), watch=_watch(asset))
        for asset in assets
    ]


def _watch(asset: Asset) -> str:
    public = [playback.id for playback in asset.playback_ids if playback.policy == "public"]
    return f"/player/{public[0]}" if public and asset.clip is not None else ""


def _about(asset: Asset) -> str:
    languages = sorted({t.language_code for t in asset.tracks if t.type == "text" and t.status == "ready"})
    said = [
        _length(asset.duration_seconds),
        "live" if asset.is_live else asset.status,
        f"captions: {', '.join(languages)}" if languages else "",
        _NOTES.get(asset.id, ""),
    ]
    return " · ".join(part for part in said if part)


def _length(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), _MINUTE)
    return f"{minutes}:{rest:02d}"


def what_adding_needs(config: SandboxConfig, *, recogniser: bool) -> str:
    """Return what is missing before a video of one's own can be captioned; empty when nothing is.

    `recogniser` says whether the extra that hears speech is installed.
    """
    if not recogniser:
        return (
            "Captions for your own videos are made on this machine. To have that, install the extra and "
            f"start again: {transcribe.INSTALL_HINT}"
        )
    if config.caption_model is None and not config.allow_model_download:
        return "To caption your own videos, start again with a speech model: --caption-model DIR"
    return ""
