"""Assets and their tracks in the local Mux, with the events that come of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from bot.sandbox.journal import Journal
from bot.sandbox.media import Clip
from bot.sandbox.mux.agenda import Agenda
from bot.sandbox.mux.answers import Refused
from bot.sandbox.mux.catalogue import LIVE_STREAMS
from bot.sandbox.mux.model import Asset, PlaybackId, Track, default_track_name, new_id
from bot.sandbox.mux.webhooks import Webhooks

TRACK_SECONDS: Final = 0.4
"""How long a new text track stays `preparing`."""


class Library:
    """Every asset by id, and the live streams by playback id.

    `track_seconds` is how long a new text track stays `preparing`.
    """

    def __init__(
        self, assets: Iterable[Asset], *, agenda: Agenda, webhooks: Webhooks, journal: Journal
    ) -> None:
        self.assets = {asset.id: asset for asset in assets}
        self.live_streams = dict(LIVE_STREAMS)
        self.track_seconds = TRACK_SECONDS
        self._agenda = agenda
        self._webhooks = webhooks
        self._journal = journal

    def get(self, asset_id: str) -> Asset:
        """Return an asset.

        Raises:
            Refused: 404, when there is none of this id.
        """
        asset = self.assets.get(asset_id)
        if asset is None:
            raise Refused("not_found", "The requested asset does not exist", listed=True)
        return asset

    def playing(self, playback_id: str) -> tuple[Asset, PlaybackId]:
        """Return what plays at a playback id.

        Raises:
            Refused: 404, when nothing does.
        """
        for asset in self.assets.values():
            for playback in asset.playback_ids:
                if playback.id == playback_id:
                    return asset, playback
        raise Refused("not_found", "The requested playback ID does not exist", listed=True)

    def add(
        self,
        *,
        title: str,
        at: float,
        asset_id: str = "",
        clip: Clip | None = None,
        policy: str = "public",
        status: str = "ready",
    ) -> Asset:
        """Add an asset and tell of it; `policy` of "" means no playback id."""
        asset = Asset(id=asset_id or new_id(), title=title, created_at=at, clip=clip, status=status)
        if policy:
            asset.playback_ids.append(PlaybackId(id=new_id(), policy=policy))
        asset.tracks = [
            Track(id=new_id(f"track_{kind}_", length=12), type=kind) for kind in ("video", "audio")
        ]
        self.assets[asset.id] = asset
        self._journal.add("mux.effect", "asset.created", asset=asset.id, title=title)
        self.asset_event(asset, "created", at)
        if status == "ready":
            self.asset_event(asset, "ready", at)
        return asset

    def add_text_track(self, asset: Asset, track: Track, at: float) -> None:
        """Attach a text track, which stays `preparing` until `settle_later` has done its work.

        Raises:
            Refused: 400, when its name is taken; names are unique among text tracks, in whatever state.
        """
        track.name = track.name or default_track_name(track.language_code)
        _require_free(asset, track.name)
        track.status = "preparing"
        asset.tracks.append(track)
        self._journal.add(
            "mux.effect", "track.created", asset=asset.id, track=track.id, track_name=track.name
        )
        self._track_event(asset, track, "created", at)

    def settle_later(self, asset: Asset, track: Track, at: float) -> None:
        """Let a new text track become ready a little later, or `errored` if it still has no text."""
        self._agenda.at(at + self.track_seconds, lambda now: self._settle(asset, track, now))

    def _settle(self, asset: Asset, track: Track, at: float) -> None:
        if track not in asset.tracks:
            return
        if asset.track_failures:
            track.problem, track.vtt = asset.track_failures.pop(0), b""
        track.status = "ready" if track.vtt else "errored"
        self._journal.add("mux.effect", "track.settled", asset=asset.id, track=track.id, status=track.status)
        self._track_event(asset, track, track.status, at)
        self.asset_event(asset, "updated", at)

    def change_track(self, asset: Asset, track: Track, changes: dict[str, Any], at: float) -> None:
        """Change a text track's name, language or labels; raise `Refused` (400) for a name that is taken."""
        if "name" in changes:
            _require_free(asset, changes["name"], besides=track)
        for name, value in changes.items():
            setattr(track, name, value)
        self._journal.add("mux.effect", "track.changed", asset=asset.id, track=track.id, changes=changes)
        self.asset_event(asset, "updated", at)

    def delete_track(self, asset: Asset, track: Track, at: float) -> None:
        """Remove a text track and tell of it."""
        asset.tracks.remove(track)
        track.status = "deleted"
        self._journal.add("mux.effect", "track.deleted", asset=asset.id, track=track.id)
        self._track_event(asset, track, "deleted", at)

    def asset_event(self, asset: Asset, what: str, at: float) -> None:
        """Tell of an asset; nobody waits for `updated`, but it comes all the same."""
        object_ = {"type": "asset", "id": asset.id}
        self._webhooks.emit(f"video.asset.{what}", object_, asset.to_json(), at, asset=asset.id)

    def _track_event(self, asset: Asset, track: Track, what: str, at: float) -> None:
        data: dict[str, Any] = track.to_json() | {"asset_id": asset.id}
        object_ = {"type": "track", "id": track.id}
        about = {"asset": asset.id, "track": track.id}
        self._webhooks.emit(f"video.asset.track.{what}", object_, data, at, **about)

    def rendition_event(self, asset: Asset, what: str, at: float) -> None:
        """Tell of the audio-only rendition that a job needs, makes and removes."""
        data = {
            "asset_id": asset.id,
            "id": f"rendition{asset.id}",
            "name": "audio.m4a",
            "ext": "m4a",
            "resolution": "audio-only",
            "status": "preparing" if what == "created" else what,
        }
        object_ = {"type": "static_rendition", "id": data["id"]}
        self._webhooks.emit(f"video.asset.static_rendition.{what}", object_, data, at, asset=asset.id)


def _require_free(asset: Asset, name: str, *, besides: Track | None = None) -> None:
    wanted = name.strip().lower()
    others = (track for track in asset.tracks if track.type == "text" and track is not besides)
    if any(track.name.strip().lower() == wanted for track in others):
        raise Refused("invalid_parameters", f"A text track named {name!r} exists already")
