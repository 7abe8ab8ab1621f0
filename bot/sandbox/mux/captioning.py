"""generate-premium-captions at the local Mux.

https://www.mux.com/docs/guides/robots-generate-premium-captions
"""

from __future__ import annotations

from typing import Any, Final

from bot.sandbox.mux import checks
from bot.sandbox.mux.answers import Refused
from bot.sandbox.mux.collisions import in_the_way, replaced, units
from bot.sandbox.mux.library import Library
from bot.sandbox.mux.listening import Captions, Listener
from bot.sandbox.mux.model import WORKFLOW, Asset, Failure, Job, Track, default_track_name, new_id
from bot.sandbox.mux.storage import Storage
from bot.sandbox.mux.subtitles import to_vtt
from bot.sandbox.mux.workflows import Done, Produced, workable

CONFIDENT: Final = 0.5
"""Below this a detected language deletes nothing; Mux's own threshold is unknown."""


class Captioning:
    """Listens to an asset, and puts what it heard on it as a text track."""

    def __init__(self, *, library: Library, storage: Storage, listener: Listener) -> None:
        self.name = WORKFLOW
        self._library = library
        self._storage = storage
        self._listener = listener

    def problems(self, body: Any) -> list[str]:
        """Return one message for each rule that a create request breaks."""
        return checks.problems(body)

    def with_defaults(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters as the job shows them."""
        return checks.with_defaults(parameters)

    def admit(self, parameters: dict[str, Any]) -> Asset:
        """Return the asset that is to be captioned; raise `Refused` (422)."""
        return workable(self._library, parameters["asset_id"])

    def require_room(self, asset: Asset, parameters: dict[str, Any]) -> None:
        """Check that no track is in the way, as far as the language is known beforehand."""
        if "language_code" in parameters and parameters["upload_to_mux"]:
            _, reason = in_the_way(asset, parameters, parameters["language_code"], confident=True)
            if reason:
                raise Refused("unprocessable_entity", reason)

    def units(self, asset: Asset, parameters: dict[str, Any]) -> int:
        """Return what the job costs."""
        return units(asset.duration_seconds, parameters)

    def begin(self, job: Job, at: float) -> None:
        """Make the audio-only rendition that Robots listens to, unless there is one."""
        if not job.asset.has_audio_rendition:
            job.made_rendition = True
            self._library.rendition_event(job.asset, "created", at)
            self._library.rendition_event(job.asset, "ready", at)

    def perform(self, job: Job, at: float, done: Done) -> None:
        """Listen, and make the track of what was heard."""

        def heard(result: Captions | Failure, heard_at: float) -> None:
            if job.status == "processing":
                done(self._produced(job, result, heard_at), heard_at)

        self._listener.hear(job, at, heard)

    def end(self, job: Job, at: float) -> None:
        """Remove the rendition again if the job made it."""
        if job.made_rendition:
            job.made_rendition = False
            self._library.rendition_event(job.asset, "deleted", at)

    def _produced(self, job: Job, result: Captions | Failure, at: float) -> Produced:
        if isinstance(result, Failure):
            return Produced(failure=result)
        cost = units(result.duration_seconds, job.parameters)
        language_code = job.parameters.get("language_code", result.language_code)
        outputs = {
            "language_code": language_code,
            "detected_language": language_code,
            "auto_language_confidence": result.confidence,
        }
        if job.parameters["upload_to_mux"]:
            uploaded = self._upload(job, result, language_code, at)
            if isinstance(uploaded, Failure):
                return Produced(units=cost, failure=uploaded)
            outputs |= uploaded
        return Produced(units=cost, outputs=outputs | self._files(job, result, at))

    def _upload(self, job: Job, result: Captions, language_code: str, at: float) -> dict[str, Any] | Failure:
        """Make the new track, after removing those in the way; return its part of the outputs."""
        asset, confident = job.asset, result.confidence >= CONFIDENT
        matches, reason = in_the_way(asset, job.parameters, language_code, confident=confident)
        if reason:
            return Failure(type="validation_error", message=reason)
        for track in matches:
            self._library.delete_track(asset, track, at)
        track = Track(
            id=new_id(f"track_{language_code}_", length=12),
            type="text",
            name=job.parameters.get("track_name") or default_track_name(language_code),
            language_code=language_code,
            vtt=to_vtt(result.srt).encode(),
        )
        self._library.add_text_track(asset, track, at)
        self._library.settle_later(asset, track, at)
        outputs: dict[str, Any] = {"track_id": track.id}
        if matches:
            outputs["replaced_track_id"] = matches[0].id
            outputs["replaced_tracks"] = [replaced(old) for old in matches]
        return outputs

    def _files(self, job: Job, result: Captions, at: float) -> dict[str, str]:
        # Served as text, so that a browser shows it; what Mux's own store says is not documented.
        srt_type = "text/plain; charset=utf-8"
        links = {
            "temporary_srt_url": self._storage.put(
                f"{job.id}/captions.srt", result.srt.encode(), srt_type, at
            )
        }
        if job.parameters["include_words"]:
            links["temporary_words_url"] = self._storage.put(
                f"{job.id}/words.json", result.words_json.encode(), "application/json", at
            )
        return links
