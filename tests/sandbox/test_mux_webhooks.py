from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox.config import SandboxConfig
from bot.sandbox.faults import FaultKind
from bot.sandbox.mux import catalogue

COMPLETED = "robots.job.generate_premium_captions.completed"


@dataclass
class Receiver:
    """Takes webhooks and answers with `statuses`, then with 200."""

    statuses: list[int] = field(default_factory=list)
    got: list[tuple[bytes, str]] = field(default_factory=list)

    async def __call__(self, request: Request) -> Response:
        self.got.append((await request.body(), request.headers["mux-signature"]))
        return Response(status_code=self.statuses.pop(0) if self.statuses else 200)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body, _ in self.got]

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
async def told(receiver, served, mux_site) -> AsyncIterator[Any]:
    """A local Mux whose webhooks arrive at `receiver`."""

    async def take(request: Request) -> Response:
        return await receiver(request)

    async with (
        served(Starlette(routes=[Route("/mux/webhooks", take, methods=["POST"])])) as url,
        mux_site(SandboxConfig(bot_url=url)) as site,
    ):
        yield site


async def test_a_job_is_told_with_everything_else_of_the_environment(told, receiver) -> None:
    job = await told.finished(catalogue.STUDIO_TOUR)
    await told.pass_time(10)
    assert sorted(receiver.types) == [
        "robots.job.generate_premium_captions.completed",
        "robots.job.generate_premium_captions.pending",
        "robots.job.generate_premium_captions.processing",
        "video.asset.static_rendition.created",
        "video.asset.static_rendition.deleted",
        "video.asset.static_rendition.ready",
        "video.asset.track.created",
        "video.asset.track.ready",
        "video.asset.updated",
    ]
    (completed,) = [event for event in receiver.events if event["type"] == COMPLETED]
    assert completed["data"] == job
    assert completed["attempts"] == []
    assert len({event["id"] for event in receiver.events}) == len(receiver.events)
    entries = told.mux.journal.find("mux.webhook", COMPLETED)
    assert [(entry.data["status"], entry.data["job"]) for entry in entries] == [(200, job["id"])]


async def test_the_signature_covers_the_raw_body(told, receiver) -> None:
    await told.start(catalogue.STUDIO_TOUR)
    await told.mux.tick()
    ((body, signature),) = receiver.got
    at, _, mac = signature.removeprefix("t=").partition(",v1=")
    assert abs(int(at) - time.time()) < 60
    message = f"{at}.".encode() + body
    assert mac == hmac.new(b"sandbox-webhook-secret", message, hashlib.sha256).hexdigest()


async def test_every_second_job_lies_under_the_name_of_its_event(told, receiver) -> None:
    first, second = await told.finished(catalogue.STUDIO_TOUR), await told.finished(catalogue.TWO_CHAIRS)
    shapes = {}
    for event in receiver.events:
        if event["type"].startswith("robots."):
            job = event["data"].get(event["type"], event["data"])
            shapes.setdefault(job["id"], set()).add("workflow" in event["data"])
    assert shapes == {first["id"]: {True}, second["id"]: {False}}


async def test_v1_events_come_from_v1_jobs_and_by_the_switch(told, receiver) -> None:
    body = {"parameters": {"asset_id": catalogue.TWO_CHAIRS}}
    await told.client.post("/robots/v1/jobs/generate-premium-captions", json=body)
    await told.client.post("/_sandbox/mux/behaviour", json={"event_family": "v1"})
    await told.start(catalogue.STUDIO_TOUR)
    await told.mux.tick()
    assert receiver.types == ["robots.v1.job.generate_premium_captions.pending"] * 2


async def test_what_is_not_answered_with_2xx_is_sent_again_with_growing_gaps(told, receiver) -> None:
    await told.client.post("/_sandbox/mux/behaviour", json={"job_seconds": 1000})
    receiver.statuses = [500, 404, 302]
    await told.start(catalogue.STUDIO_TOUR)
    for gap_seconds in (0, 1.01, 2.01, 4.01, 8.01):
        await told.pass_time(gap_seconds)
    pending = [e for e in receiver.events if e["type"].endswith(".pending")]
    assert [len(event["attempts"]) for event in pending] == [0, 1, 2, 3]
    assert [attempt["response_status_code"] for attempt in pending[-1]["attempts"]] == [500, 404, 302]
    assert len({event["id"] for event in pending}) == 1


async def test_after_a_day_mux_gives_up(mux_site, free_port: int) -> None:
    config = SandboxConfig(bot_url=f"http://127.0.0.1:{free_port}")
    async with mux_site(config) as site:
        await site.start(catalogue.STUDIO_TOUR)
        for _ in range(60):
            await site.pass_time(3601)
        attempts = site.mux.journal.find("mux.webhook", "robots.job.generate_premium_captions.pending")
        assert {entry.data["status"] for entry in attempts} == {0}
        assert 10 < len(attempts) <= 34
        assert attempts[-1].at - attempts[0].at < 24 * 3600 + 1
        await site.pass_time(100_000)
        assert len(site.mux.journal.find("mux.webhook", attempts[0].name)) == len(attempts)


async def test_a_lost_webhook_never_comes(told, receiver) -> None:
    told.throw(FaultKind.LOSE, f"webhook:{COMPLETED}")
    await told.finished(catalogue.STUDIO_TOUR)
    await told.pass_time(86_400)
    assert COMPLETED not in receiver.types


async def test_a_duplicate_comes_again_after_a_2xx(told, receiver) -> None:
    told.throw(FaultKind.DUPLICATE, f"webhook:{COMPLETED}", seconds=5)
    await told.finished(catalogue.STUDIO_TOUR)
    await told.pass_time(6)
    twice = [event["id"] for event in receiver.events if event["type"] == COMPLETED]
    assert len(twice) == 2
    assert len(set(twice)) == 1


async def test_a_delayed_webhook_is_overtaken(told, receiver) -> None:
    told.throw(FaultKind.DELAY, "webhook:robots.job.*.pending", seconds=60)
    await told.finished(catalogue.STUDIO_TOUR)
    await told.pass_time(60)
    robots = [type_ for type_ in receiver.types if type_.startswith("robots.")]
    assert [type_.rpartition(".")[2] for type_ in robots] == ["processing", "completed", "pending"]


async def test_webhooks_can_be_replayed_and_made_up(told, receiver) -> None:
    job = await told.finished(catalogue.STUDIO_TOUR)
    seen = len(receiver.got)
    answer = await told.client.post("/_sandbox/mux/webhooks/replay", json={"type": COMPLETED})
    made_up = {"type": "video.live_stream.idle", "data": {"id": "x"}}
    assert (await told.client.post("/_sandbox/mux/webhooks", json=made_up)).status_code == 201
    assert (await told.client.post("/_sandbox/mux/webhooks", json={})).status_code == 400
    await told.client.post("/_sandbox/mux/tick")
    assert len(answer.json()["replayed"]) == 1
    assert receiver.types[seen:] == [COMPLETED, "video.live_stream.idle"]
    assert receiver.events[seen]["data"]["id"] == job["id"]
    listed = (await told.client.get("/_sandbox/mux/webhooks")).json()["events"]
    assert listed[-1]["type"] == "video.live_stream.idle"


async def test_while_running_time_does_it_all_by_itself(told, receiver) -> None:
    await told.client.post("/_sandbox/mux/behaviour", json={"job_seconds": 0.05, "track_seconds": 0.01})
    async with told.mux.running():
        await told.start(catalogue.STUDIO_TOUR)
        async with asyncio.timeout(10):
            while "video.asset.updated" not in receiver.types:  # noqa: ASYNC110 - waits for another server
                await asyncio.sleep(0.005)
    assert COMPLETED in receiver.types


async def test_switched_off_nothing_is_sent(site) -> None:
    await site.finished(catalogue.STUDIO_TOUR)
    assert site.mux.journal.find("mux.webhook") == []
