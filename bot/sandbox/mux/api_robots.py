"""`/robots/{version}`: jobs that write captions, and jobs that correct them.

Written to the v0 contract. What v1 changes in these workflows is unknown; jobs made there answer and notify
under their own version, and neither version sees the other's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.mux.answers import Refused
from bot.sandbox.mux.doors import Handle, guarded, read_json, whole_number
from bot.sandbox.mux.model import EDIT_WORKFLOW, FINAL_STATES, IN_FLIGHT_STATES, WORKFLOW, Job
from bot.sandbox.mux.standin import Mux

MOST_PER_PAGE: Final = 100
SCOPE: Final = "robots:*"
VERSIONS: Final = ("v0", "v1")
WORKFLOWS: Final = frozenset(
    {
        "ask-questions",
        EDIT_WORKFLOW,
        "find-best-thumbnails",
        "find-key-moments",
        "find-scenes",
        "generate-chapters",
        "generate-engagement-insights",
        WORKFLOW,
        "moderate",
        "summarize",
        "translate-audio",
        "translate-captions",
    }
)


def routes(mux: Mux) -> list[Route]:
    """Return the routes of both versions."""
    return [route for version in VERSIONS for route in _RobotsApi(mux, version).routes()]


class _RobotsApi:
    def __init__(self, mux: Mux, version: str) -> None:
        self._mux = mux
        self._robots = mux.robots
        self._version = version

    def routes(self) -> list[Route]:
        jobs = f"/robots/{self._version}/jobs"
        table = (
            ("POST", f"{jobs}/{WORKFLOW}", "mux:create", self._create(WORKFLOW)),
            ("GET", f"{jobs}/{WORKFLOW}/{{job_id}}", "mux:get", self._get(WORKFLOW)),
            ("POST", f"{jobs}/{EDIT_WORKFLOW}", "mux:edit", self._create(EDIT_WORKFLOW)),
            ("GET", f"{jobs}/{EDIT_WORKFLOW}/{{job_id}}", "mux:edit-get", self._get(EDIT_WORKFLOW)),
            ("GET", jobs, "mux:list", self._list),
            ("POST", f"{jobs}/{{job_id}}/cancel", "mux:cancel", self._cancel),
        )
        return [
            Route(path, guarded(self._mux, name, handle, scope=SCOPE, listed=False), methods=[method])
            for method, path, name, handle in table
        ]

    def _create(self, workflow: str) -> Handle:
        async def create(request: Request, body: bytes) -> Response:
            del request
            job = self._robots.create(read_json(body), self._version, workflow)
            return JSONResponse({"data": job.to_json(self._mux.config.public_url)}, 202)

        return create

    def _get(self, workflow: str) -> Handle:
        async def get(request: Request, body: bytes) -> Response:
            del body
            self._robots.require_terms()
            job = self._robots.get(request.path_params["job_id"], self._version, workflow)
            return JSONResponse({"data": job.to_json(self._mux.config.public_url)})

        return get

    async def _cancel(self, request: Request, body: bytes) -> Response:
        del body
        self._robots.require_terms()
        job = self._robots.cancel(request.path_params["job_id"], self._version)
        return JSONResponse({"data": job.summary(self._mux.config.public_url)})

    async def _list(self, request: Request, body: bytes) -> Response:
        del body
        self._robots.require_terms()
        query = request.query_params
        limit = whole_number(request, "limit", default=25, most=MOST_PER_PAGE)
        page = whole_number(request, "page", default=1)
        if query.get("workflow", WORKFLOW) not in WORKFLOWS:
            raise Refused("invalid_parameters", "workflow is not a known workflow")
        if query.get("status", "pending") not in FINAL_STATES | IN_FLIGHT_STATES:
            raise Refused("invalid_parameters", "status is not a known status")
        if query.get("asset_id") == "":
            raise Refused("invalid_parameters", "asset_id must not be empty")
        found = [job for job in self._robots.listed(self._version) if _wanted(job, query)]
        first = (page - 1) * limit
        data = [job.summary(self._mux.config.public_url) for job in found[first : first + limit]]
        return JSONResponse({"data": data, "total_row_count": len(found)})


def _wanted(job: Job, query: Mapping[str, str]) -> bool:
    return (
        query.get("workflow", job.workflow) == job.workflow
        and query.get("status", job.status) == job.status
        and query.get("asset_id", job.asset.id) == job.asset.id
    )
