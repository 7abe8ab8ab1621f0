"""edit-captions at the local Mux.

https://www.mux.com/docs/guides/robots-edit-captions
"""

from __future__ import annotations

import math
from typing import Any, Final

from bot.sandbox.mux import edit_checks
from bot.sandbox.mux.answers import Refused
from bot.sandbox.mux.corrections import corrected
from bot.sandbox.mux.library import Library
from bot.sandbox.mux.model import EDIT_WORKFLOW, Asset, Failure, Job, Track, new_id
from bot.sandbox.mux.storage import Storage
from bot.sandbox.mux.workflows import Done, Produced, workable

UNITS_PER_MINUTE: Final = 10
"""The real rate is unknown; every started minute of the video counts."""


class Editing:
    """Writes a corrected copy of a text track, and removes the one that it was made from."""

    def __init__(self, *, library: Library, storage: Storage) -> None:
        self.name = EDIT_WORKFLOW
        self._library = library
        self._storage = storage

    def problems(self, body: Any) -> list[str]:
        """Return one message for each rule that a create request breaks."""
        return edit_checks.problems(body)

    def with_defaults(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters as the job shows them."""
        return edit_checks.with_defaults(parameters)

    def admit(self, parameters: dict[str, Any]) -> Asset:
        """Return the asset whose track is to be edited; raise `Refused` (422) when the track is not ready."""
        asset = workable(self._library, parameters["asset_id"])
        if _source(asset, parameters) is None:
            raise Refused("unprocessable_entity", "The track is not a ready text track of this asset")
        return asset

    def require_room(self, asset: Asset, parameters: dict[str, Any]) -> None:
        """Nothing is refused beforehand: a name that is taken shows when the track is made."""

    def units(self, asset: Asset, parameters: dict[str, Any]) -> int:
        """Return what the job costs."""
        del parameters
        return max(1, math.ceil((asset.duration_seconds or 0.0) / 60)) * UNITS_PER_MINUTE

    def begin(self, job: Job, at: float) -> None:
        """An edit needs nothing but the track."""

    def perform(self, job: Job, at: float, done: Done) -> None:
        """Correct the track as it is now."""
        source = _source(job.asset, job.parameters)
        if source is None:
            gone = Failure(type="validation_error", message="The track is no longer a ready text track")
            done(Produced(failure=gone), at)
            return
        text, count = corrected(source.vtt.decode(), job.parameters)
        outputs: dict[str, Any] = {"total_replacement_count": count}
        cost = self.units(job.asset, job.parameters)
        if job.parameters["upload_to_mux"]:
            made = self._upload(job, source, text, at)
            if isinstance(made, Failure):
                done(Produced(units=cost, failure=made), at)
                return
            outputs["uploaded_track_id"] = made
        outputs["temporary_vtt_url"] = self._storage.put(
            f"{job.id}/captions.vtt", text.encode(), "text/vtt; charset=utf-8", at
        )
        done(Produced(units=cost, outputs=outputs), at)

    def end(self, job: Job, at: float) -> None:
        """Remove the track that the job began with, once the new one is on the asset."""
        wanted = job.parameters["delete_original_track"] and job.parameters["upload_to_mux"]
        source = job.asset.track(job.parameters["track_id"])
        if job.status == "completed" and wanted and source is not None:
            self._library.delete_track(job.asset, source, at)

    def _upload(self, job: Job, source: Track, text: str, at: float) -> str | Failure:
        track = Track(
            id=new_id(f"track_{source.language_code}_", length=12),
            type="text",
            name=f"{source.name} ({job.parameters['track_name_suffix']})",
            language_code=source.language_code,
            closed_captions=source.closed_captions,
            vtt=text.encode(),
        )
        try:
            self._library.add_text_track(job.asset, track, at)
        except Refused as no:
            return Failure(type="validation_error", message=str(no))
        self._library.settle_later(job.asset, track, at)
        return track.id


def _source(asset: Asset, parameters: dict[str, Any]) -> Track | None:
    track = asset.track(parameters["track_id"])
    return track if track and track.type == "text" and track.status == "ready" else None
