"""Finds jobs of one Robots workflow again: by id, by their stamp, or because they do the same work."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar
from urllib.parse import quote

from bot.errors import MuxRefused, OutcomeUnknown
from bot.mux.asking import Asker, inner, read_as
from bot.mux.reading import identifier, mapping, mappings, moment

R = TypeVar("R")

_NOT_FOUND: Final = 404
_PAGE: Final = 100
_MAX_PAGES: Final = 10
# How far Mux's clock and ours may lie apart.
_CLOCKS_APART_SECONDS: Final = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """A job as the list shows it: without its passthrough, its parameters or its asset."""

    mux_id: str
    created_at: float


class Workflow(Generic[R]):
    """The jobs of one workflow; `read` turns a whole job as Mux spells it into a report.

    Every method may raise what `Asker.ask` raises.
    """

    def __init__(
        self, asker: Asker, jobs_path: str, workflow: str, read: Callable[[Mapping[str, Any]], R]
    ) -> None:
        self._asker = asker
        self._jobs = jobs_path
        self._workflow = workflow
        self._read = read

    async def create(self, body: Mapping[str, Any]) -> R:
        """Start a job. Not repeatable: after `OutcomeUnknown` use `copies` first."""
        return self._report(await self._asker.data("POST", f"{self._jobs}/{self._workflow}", body=body))

    async def get(self, mux_id: str) -> R:
        """Return the job as it is now; `MuxRefused` with status 404 after its 30 days."""
        return self._report(await self._open(mux_id))

    async def copies(
        self, asset_id: str, passthrough: str, *, newest: int = 20, since: float | None = None
    ) -> list[R]:
        """Return every job on that asset with that `passthrough`, oldest first; more than one is too many.

        Opens at most the `newest` jobs, because only an opened job shows its passthrough. `since` (when the
        create was first intended, seconds since the epoch) spares the jobs from before that, give or take
        five minutes of difference between clocks. Nothing means that Mux listed no such job, which is no
        proof in the first minute after a create. If there were too many jobs to look at all that `since`
        allows, absence is not claimed: `OutcomeUnknown`.
        """
        earliest = -math.inf if since is None else since - _CLOCKS_APART_SECONDS
        listed = [job for job in await self._list(asset_id) if job.created_at >= earliest]
        listed.sort(key=lambda job: job.created_at, reverse=True)
        opened = [await self._open_if_there(job.mux_id) for job in listed[:newest]]
        ours = [job for job in opened if job is not None and job.get("passthrough") == passthrough]
        if not ours and since is not None and len(listed) > newest:
            raise OutcomeUnknown(f"Mux lists {len(listed)} recent jobs on that asset, too many to open all")
        return [self._report(job) for job in reversed(ours)]

    async def running(
        self, asset_id: str, *, like: Callable[[Mapping[str, Any]], bool] | None = None
    ) -> list[R]:
        """Return the jobs on that asset that were pending or processing a moment ago, newest first.

        `like` looks at a job's parameters and keeps those that are the same work, which is what a 409 is
        about. A job may have finished between the list and its opening; its report then says so.
        """
        # Pending is listed first: a job that moves on in between is then in both lists, not in neither.
        listed = [*await self._list(asset_id, "pending"), *await self._list(asset_id, "processing")]
        unique = {job.mux_id: job for job in listed}.values()
        ordered = sorted(unique, key=lambda job: job.created_at, reverse=True)
        opened = [await self._open_if_there(job.mux_id) for job in ordered]
        return [
            self._report(job)
            for job in opened
            if job is not None and (like is None or like(mapping(job.get("parameters"))))
        ]

    def _report(self, job: Mapping[str, Any]) -> R:
        return read_as(self._read, job)

    async def _open(self, mux_id: str) -> Mapping[str, Any]:
        return inner(await self._asker.ask("GET", f"{self._jobs}/{self._workflow}/{quote(mux_id, safe='')}"))

    async def _open_if_there(self, mux_id: str) -> Mapping[str, Any] | None:
        try:
            return await self._open(mux_id)
        except MuxRefused as error:
            # It expired after it was listed, or belongs to a workflow that the list should not have shown.
            if error.status == _NOT_FOUND:
                return None
            raise

    async def _list(self, asset_id: str, status: str | None = None) -> list[_Listed]:
        query = {"workflow": self._workflow, "asset_id": asset_id, "limit": str(_PAGE)}
        if status is not None:
            query["status"] = status
        found: dict[str, _Listed] = {}
        seen = 0
        for page in range(1, _MAX_PAGES + 1):
            answer = await self._asker.ask("GET", self._jobs, query={**query, "page": str(page)})
            if not isinstance(answer.get("data"), list):
                raise OutcomeUnknown("Mux answered with a list of jobs that has no data")
            jobs = mappings(answer["data"])
            found.update((job.mux_id, job) for job in map(self._listed, jobs) if job is not None)
            seen += len(jobs)
            if _was_last(answer, rows=len(jobs), seen=seen):
                return list(found.values())
        # The order of the list is not documented, so the newest job may be among what was not read.
        raise OutcomeUnknown(f"Mux lists more than {_PAGE * _MAX_PAGES} jobs on that asset")

    def _listed(self, job: Mapping[str, Any]) -> _Listed | None:
        mux_id = identifier(job.get("id"))
        if mux_id is None or job.get("workflow", self._workflow) != self._workflow:
            return None
        # Without a time it counts as the newest, so that it is looked at.
        return _Listed(mux_id=mux_id, created_at=moment(job.get("created_at")) or math.inf)


def _was_last(answer: Mapping[str, Any], *, rows: int, seen: int) -> bool:
    total = answer.get("total_row_count")
    # A page may hold fewer rows than asked for without being the last, so the total decides if there is one.
    return rows == 0 or (seen >= total if isinstance(total, int) else rows < _PAGE)
