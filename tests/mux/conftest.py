"""Samples of what Mux says, and a Mux that says them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bot.mux.client import MuxClient, connect

T0 = 1_790_000_000

JOB: dict[str, Any] = {
    "id": "rjob_1",
    "workflow": "generate-premium-captions",
    "status": "completed",
    "units_consumed": 3000,
    "created_at": 1_790_000_000,
    "updated_at": 1_790_000_600,
    "passthrough": "captionbot:j1",
    "parameters": {"asset_id": "asset1", "upload_to_mux": True},
    "resources": {"assets": [{"id": "asset1", "meta": {"title": " Keynote "}}]},
    "outputs": {
        "track_id": "track1",
        "language_code": "en",
        "detected_language": "en",
        "auto_language_confidence": 0.97,
        "temporary_srt_url": "https://storage.example/a.srt",
        "replaced_tracks": [{"id": "old1", "type": "text", "name": "English", "language_code": "en-US"}],
    },
}


@pytest.fixture
def job() -> Callable[..., dict[str, Any]]:
    """Return a builder of a completed job as Mux spells it; None as a value leaves the key out."""

    def build(**changes: Any) -> dict[str, Any]:
        return {key: value for key, value in {**JOB, **changes}.items() if value is not None}

    return build


@pytest.fixture
def envelope(job) -> Callable[..., dict[str, Any]]:
    """Return a builder of a webhook body around a job."""

    def build(status: str = "completed", **changes: Any) -> dict[str, Any]:
        event = {
            "type": f"robots.job.generate_premium_captions.{status}",
            "id": "evt-1",
            "created_at": "2026-11-22T10:00:00.000000Z",
            "object": {"type": "job", "id": "rjob_1"},
            "environment": {"name": "Production", "id": "env1"},
            "data": job(status=status),
            "attempts": [],
            **changes,
        }
        return {key: value for key, value in event.items() if value is not None}

    return build


class ListMux:
    """Answers from a list of jobs, or with whatever `odd` returns or raises, and keeps the requests."""

    def __init__(self) -> None:
        self.jobs: dict[str, dict[str, Any]] = {}
        self.requests: list[httpx.Request] = []
        self.odd: Any = None
        self.page_size = 100
        self.tells_total = True

    def add(self, mux_id: str, **changes: Any) -> None:
        self.jobs[mux_id] = {
            "id": mux_id,
            "workflow": "generate-premium-captions",
            "status": "pending",
            "units_consumed": 0,
            "created_at": T0,
            "updated_at": T0,
            "parameters": {"asset_id": "asset1", "language_code": "en"},
            **changes,
        }

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return await self.odd(request) if self.odd else self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        *_, parent, name = request.url.path.split("/")
        if name == "whoami":
            return httpx.Response(200, json={"data": {"environment_id": "env1", "permissions": ["robots:*"]}})
        if name == "jobs":
            return self._listing(request)
        if name == "cancel":
            return httpx.Response(200, json={"data": {**self.jobs[parent], "status": "cancelled"}})
        if request.method == "POST":
            sent = json.loads(request.content)
            self.add("new", parameters=sent["parameters"], passthrough=sent["passthrough"])
            return httpx.Response(202, json={"data": self.jobs["new"]})
        if name not in self.jobs:
            return httpx.Response(404, json={"error": {"type": "not_found", "message": "No such job."}})
        return httpx.Response(200, json={"data": self.jobs[name]})

    def _listing(self, request: httpx.Request) -> httpx.Response:
        query = request.url.params
        rows = [
            {key: job[key] for key in ("id", "workflow", "status", "created_at") if key in job}
            for job in self.jobs.values()
            if query.get("status") in (None, job["status"])
        ]
        start = (int(query["page"]) - 1) * self.page_size
        answer: dict[str, Any] = {"data": rows[start : start + self.page_size]}
        if self.tells_total:
            answer["total_row_count"] = len(rows)
        return httpx.Response(200, json=answer)

    def opened(self) -> list[str]:
        return [r.url.path.rsplit("/", 1)[1] for r in self.requests if "captions/" in r.url.path]


@pytest.fixture
def mux() -> ListMux:
    return ListMux()


@pytest.fixture
async def client(mux):
    transport = httpx.MockTransport(mux)
    async with connect("https://mux.test", "the-id", "the-secret", transport=transport) as http:
        yield MuxClient(http, total_seconds=0.3, now=lambda: float(T0))
