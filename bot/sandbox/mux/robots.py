"""The life of a Robots job in the local Mux, whatever its workflow.

https://www.mux.com/docs/guides/robots
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable
from typing import Any, Final

from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.journal import Journal
from bot.sandbox.mux.agenda import Agenda
from bot.sandbox.mux.answers import Refused
from bot.sandbox.mux.model import FINAL_STATES, WORKFLOW, Asset, Job, new_id
from bot.sandbox.mux.webhooks import Webhooks
from bot.sandbox.mux.workflows import Produced, Workflow

JOB_LIFE_SECONDS: Final = 30 * 86_400.0
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
        webhooks: Webhooks,
        workflows: Iterable[Workflow],
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._agenda = agenda
        self._webhooks = webhooks
        self._workflows = {workflow.name: workflow for workflow in workflows}
        self._numbers = itertools.count()
        self._in_flight: dict[str, Job] = {}
        self.jobs: dict[str, Job] = {}
        self.terms_accepted = config.mux_terms_accepted
        self.units_left: int | None = None
        self._environment = config.mux_environment_id
        self.job_seconds = config.job_seconds
        self.list_lag_seconds = config.list_lag_seconds

    def create(self, body: Any, version: str, workflow: str = WORKFLOW) -> Job:
        """Check a create request as Mux does, and start the job.

        Raises:
            Refused: 400, 403, 409 or 422.
        """
        self.require_terms()
        kind = self._workflows[workflow]
        messages = kind.problems(body)
        if messages:
            raise Refused("invalid_parameters", *messages)
        parameters = kind.with_defaults(body["parameters"])
        asset = kind.admit(parameters)
        job = self._new(asset, parameters, body.get("passthrough"), version, workflow)
        if _identity(job) in self._in_flight:
            raise Refused("conflict", "A job with the same parameters is already pending or processing")
        kind.require_room(asset, parameters)
        if self.units_left is not None and kind.units(asset, parameters) > self.units_left:
            raise Refused("robots_units_limit_exceeded", "This job needs more units than the plan has left")
        return self._start(job)

    def get(self, job_id: str, version: str, workflow: str | None = None) -> Job:
        """Return a job of this API version, and of this workflow if one is given.

        Raises:
            Refused: 404 for one that is unknown, older than 30 days, of another workflow or version.
        """
        job = self.jobs.get(job_id)
        if job is None or job.version != version or workflow not in {None, job.workflow}:
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
            here = self._environment
            raise Refused(
                "forbidden",
                "The Mux Robots terms have not been accepted for this environment. Accept them at "
                f"https://dashboard.mux.com/organizations/sandbox/environments/{here}/robots/jobs",
            )

    def _new(
        self, asset: Asset, parameters: dict[str, Any], passthrough: str | None, version: str, workflow: str
    ) -> Job:
        now = self._clock.now()
        return Job(
            id=new_id("rjob_", length=22),
            number=0,
            workflow=workflow,
            version=version,
            asset=asset,
            parameters=parameters,
            passthrough=passthrough,
            created_at=now,
            updated_at=now,
        )

    def _start(self, job: Job) -> Job:
        job.number = next(self._numbers)
        self.jobs[job.id] = self._in_flight[_identity(job)] = job
        now = job.created_at
        about = {"job": job.id, "asset": job.asset.id, "passthrough": job.passthrough}
        self._journal.add("mux.effect", "job.created", workflow=job.workflow, paid=True, **about)
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
        self._workflows[job.workflow].begin(job, at)
        done_at = at + self.job_seconds * (1 - _PROCESSING_SHARE)
        self._agenda.at(done_at, lambda due: self._perform(job, due))

    def _perform(self, job: Job, at: float) -> None:
        if job.status != "processing":
            return
        if job.asset.failures:
            self._finish(job, Produced(failure=job.asset.failures.pop(0)), at)
            return
        workflow = self._workflows[job.workflow]
        workflow.perform(job, at, lambda produced, done_at: self._finish(job, produced, done_at))

    def _finish(self, job: Job, produced: Produced, at: float) -> None:
        job.units_consumed = produced.units
        if self.units_left is not None:
            self.units_left = max(0, self.units_left - produced.units)
        if produced.failure is not None:
            job.errors = [produced.failure]
        job.outputs = produced.outputs
        self._move(job, "errored" if produced.failure is not None else "completed", at)

    def _move(self, job: Job, status: str, at: float) -> None:
        job.status, job.updated_at = status, at
        final = status in FINAL_STATES
        if final:
            del self._in_flight[_identity(job)]
        about = {"job": job.id, "asset": job.asset.id, "units": job.units_consumed}
        self._journal.add("mux.effect", f"job.{status}", **about)
        self._webhooks.job_event(job, at)
        if final:
            self._workflows[job.workflow].end(job, at)


def _identity(job: Job) -> str:
    return json.dumps([job.version, job.workflow, job.parameters], sort_keys=True)
