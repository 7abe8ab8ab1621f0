"""The life of a generate-premium-captions job in the local Mux.

https://www.mux.com/docs/guides/robots-generate-premium-captions
"""

from __future__ import annotations

import itertools
import json
from typing import Any, Final

from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.journal import Journal
from bot.sandbox.mux import checks
from bot.sandbox.mux.agenda import Agenda
from bot.sandbox.mux.answers import Refused
from bot.sandbox.mux.collisions import in_the_way, replaced, units
from bot.sandbox.mux.library import Library
from bot.sandbox.mux.listening import Captions, Listener
from bot.sandbox.mux.model import FINAL_STATES, Asset, Failure, Job, Track, default_track_name, new_id
from bot.sandbox.mux.storage import Storage
from bot.sandbox.mux.subtitles import to_vtt
from bot.sandbox.mux.webhooks import Webhooks

JOB_LIFE_SECONDS: Final = 30 * 86_400.0
CONFIDENT: Final = 0.5
"""Below this a detected language deletes nothing; Mux's own threshold is unknown."""
_PROCESSING_SHARE: Final = 0.3


class Robots:
    """Every job by id; the switches are what the control interface may change.

    `terms_accepted` false refuses everything but an authentication error; `units_left` of None means a paid
    plan, a number the free plan's rest. `job_seconds` is how long a job takes.
    """

    def __init__(
        self,
        *,
        config: SandboxConfig,
        clock: SandboxClock,
        journal: Journal,
        agenda: Agenda,
        library: Library,
        webhooks: Webhooks,
        storage: Storage,
        listener: Listener,
    ) -> None:
        self._config = config
        self._clock = clock
        self._journal = journal
        self._agenda = agenda
        self._library = library
        self._webhooks = webhooks
        self._storage = storage
        self._listener = listener
        self._numbers = itertools.count()
        self._in_flight: dict[str, Job] = {}
        self.jobs: dict[str, Job] = {}
        self.terms_accepted = True
        self.units_left: int | None = None
        self.job_seconds = config.job_seconds
        self.list_lag_seconds = config.list_lag_seconds

    def create(self, body: Any, version: str) -> Job:
        """Check a create request as Mux does, and start the job.

        Raises:
            Refused: 400, 403, 409 or 422.
        """
        self.require_terms()
        messages = checks.problems(body)
        if messages:
            raise Refused("invalid_parameters", *messages)
        parameters = checks.with_defaults(body["parameters"])
        asset = self._captionable(parameters["asset_id"])
        self._require_unique(parameters, version)
        if "language_code" in parameters and parameters["upload_to_mux"]:
            language_code = parameters["language_code"]
            _, reason = in_the_way(asset, parameters, language_code, confident=True)
            if reason:
                raise Refused("unprocessable_entity", reason)
        self._require_units(asset, parameters)
        return self._start(asset, parameters, body.get("passthrough"), version)

    def get(self, job_id: str, version: str) -> Job:
        """Return a job of this API version.

        Raises:
            Refused: 404 for one that is unknown, older than 30 days, or made by the other version.
        """
        job = self.jobs.get(job_id)
        if job is None or job.version != version:
            raise Refused("not_found", "The requested job does not exist")
        return job

    def cancel(self, job_id: str, version: str) -> Job:
        """Stop a job.

        Raises:
            Refused: 404 for an unknown one, 409 for one that is over.
        """
        job = self.get(job_id, version)
        if job.status in FINAL_STATES:
            raise Refused("conflict", f"The job is already {job.status}")
        self._move(job, "cancelled", self._clock.now())
        self._remove_rendition(job, self._clock.now())
        return job

    def listed(self, version: str) -> list[Job]:
        """Return the jobs that the list knows by now, in no order that means anything."""
        newest = self._clock.now() - self.list_lag_seconds
        known = (job for job in self.jobs.values() if job.version == version and job.created_at <= newest)
        return sorted(known, key=lambda job: job.id)

    def require_terms(self) -> None:
        """Check that somebody accepted the Robots terms for this environment.

        Raises:
            Refused: 403 `forbidden`, with the page where they can be accepted.
        """
        if not self.terms_accepted:
            raise Refused(
                "forbidden",
                "The Mux Robots terms have not been accepted for this environment. Accept them at "
                "https://dashboard.mux.com/organizations/sandbox/environments/sandbx/robots/jobs",
            )

    def _captionable(self, asset_id: str) -> Asset:
        asset = self._library.assets.get(asset_id)
        if asset is None:
            raise Refused("unprocessable_entity", "The asset was not found")
        # What Mux answers for an asset that is not ready is not documented.
        if asset.status != "ready" or asset.is_live:
            raise Refused("unprocessable_entity", "The asset is not ready")
        if not any(playback.policy in {"public", "signed"} for playback in asset.playback_ids):
            raise Refused("unprocessable_entity", "The asset has no public or signed playback ID")
        return asset

    def _require_unique(self, parameters: dict[str, Any], version: str) -> None:
        if _identity(parameters, version) in self._in_flight:
            raise Refused("conflict", "A job with the same parameters is already pending or processing")

    def _require_units(self, asset: Asset, parameters: dict[str, Any]) -> None:
        if self.units_left is not None and units(asset.duration_seconds, parameters) > self.units_left:
            raise Refused("robots_units_limit_exceeded", "This job needs more units than the plan has left")

    def _start(self, asset: Asset, parameters: dict[str, Any], passthrough: str | None, version: str) -> Job:
        now = self._clock.now()
        job = Job(
            id=new_id("rjob_", length=22),
            number=next(self._numbers),
            version=version,
            asset=asset,
            parameters=parameters,
            passthrough=passthrough,
            created_at=now,
            updated_at=now,
        )
        self.jobs[job.id] = job
        self._in_flight[_identity(parameters, version)] = job
        about = {"job": job.id, "asset": asset.id, "passthrough": passthrough}
        self._journal.add("mux.effect", "job.created", paid=True, **about)
        self._webhooks.job_event(job, now)
        self._agenda.at(now + self.job_seconds * _PROCESSING_SHARE, lambda at: self._process(job, at))
        self._agenda.at(now + JOB_LIFE_SECONDS, lambda _: self._forget(job))
        return job

    def _forget(self, job: Job) -> None:
        del self.jobs[job.id]

    def _process(self, job: Job, at: float) -> None:
        if job.status != "pending":
            return
        self._move(job, "processing", at)
        if not job.asset.has_audio_rendition:
            job.made_rendition = True
            self._library.rendition_event(job.asset, "created", at)
            self._library.rendition_event(job.asset, "ready", at)
        done_at = at + self.job_seconds * (1 - _PROCESSING_SHARE)
        self._agenda.at(done_at, lambda due: self._listen(job, due))

    def _listen(self, job: Job, at: float) -> None:
        if job.status != "processing":
            return
        if job.asset.failures:
            self._fail(job, job.asset.failures.pop(0), at)
            return
        self._listener.hear(job, at, lambda result, heard_at: self._finish(job, result, heard_at))

    def _finish(self, job: Job, result: Captions | Failure, at: float) -> None:
        if job.status != "processing":
            return
        if isinstance(result, Failure):
            self._fail(job, result, at)
            return
        job.units_consumed = units(result.duration_seconds, job.parameters)
        if self.units_left is not None:
            self.units_left = max(0, self.units_left - job.units_consumed)
        language_code = job.parameters.get("language_code", result.language_code)
        outputs = {
            "language_code": language_code,
            "detected_language": language_code,
            "auto_language_confidence": result.confidence,
        }
        if job.parameters["upload_to_mux"]:
            uploaded = self._upload(job, result, language_code, at)
            if isinstance(uploaded, Failure):
                self._fail(job, uploaded, at)
                return
            outputs |= uploaded
        job.outputs = outputs | self._files(job, result, at)
        self._move(job, "completed", at)
        self._remove_rendition(job, at)

    def _upload(self, job: Job, result: Captions, language_code: str, at: float) -> dict[str, Any] | Failure:
        """Make the new track, after removing those in the way; return its part of the outputs."""
        asset, confident = job.asset, result.confidence >= CONFIDENT
        matches, reason = in_the_way(asset, job.parameters, language_code, confident=confident)
        if reason:
            return Failure(type="validation_error", message=reason)
        for track in matches:
            self._library.delete_track(asset, track, at)
        name = job.parameters.get("track_name") or default_track_name(language_code)
        track = Track(
            id=new_id(f"track_{language_code}_", length=12),
            type="text",
            name=name,
            language_code=language_code,
            vtt=to_vtt(result.srt),
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

    def _fail(self, job: Job, failure: Failure, at: float) -> None:
        job.errors = [failure]
        self._move(job, "errored", at)
        self._remove_rendition(job, at)

    def _move(self, job: Job, status: str, at: float) -> None:
        job.status, job.updated_at = status, at
        if status in FINAL_STATES:
            del self._in_flight[_identity(job.parameters, job.version)]
        about = {"job": job.id, "asset": job.asset.id, "units": job.units_consumed}
        self._journal.add("mux.effect", f"job.{status}", **about)
        self._webhooks.job_event(job, at)

    def _remove_rendition(self, job: Job, at: float) -> None:
        if job.made_rendition:
            job.made_rendition = False
            self._library.rendition_event(job.asset, "deleted", at)


def _identity(parameters: dict[str, Any], version: str) -> str:
    return json.dumps([version, parameters], sort_keys=True)
