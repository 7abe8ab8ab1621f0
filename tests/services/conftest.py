"""A desk at which a test plays the worker: it claims, and says what became of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.rules.effects import EDITS, Effect, Kind
from bot.rules.jobs import Failure, Job, Signal
from bot.rules.pacing import Timing
from bot.rules.request import CaptionRequest
from bot.services import captions, claiming, outbox, preparing, submission
from bot.services.captions import Ask
from bot.services.claiming import Claim
from bot.store import effects, jobs
from bot.store.database import Database
from tests.services.steered import TAKEN, report


def _ask(name: str = "act1", **changes: Any) -> Ask:
    request = CaptionRequest(asset_id=changes.pop("asset_id", "asset1"))
    values: dict[str, Any] = {
        "request": request,
        "request_key": name,
        "team_id": "T1",
        "channel_id": "C1",
        "user_id": "U1",
        "mux_account": "default",
        **changes,
    }
    return Ask(**values)


@pytest.fixture
def ask() -> Callable[..., Ask]:
    """Return a builder of what a person asks for."""
    return _ask


@dataclass
class Desk:
    """Claims effects of one store and writes down what became of them."""

    store: Database
    clock: Any
    prepared: Any
    timing: Timing = field(default_factory=Timing)
    owners: Any = field(default_factory=itertools.count)

    async def asked(self, name: str = "act1", **changes: Any) -> Job:
        job = (await self.store.transaction(captions.request, _ask(name, **changes))).job
        await self.store.transaction(self.prepared, job.id)
        return job

    async def claim(self, vendor: str = "slack") -> Claim | None:
        """Claim what is due; a job's video is passed over, as if Mux did not show it, and edits come last."""
        taken = await self.claim_anything(vendor)
        if taken is None and vendor == "slack":
            return await self.claim_anything(EDITS)
        if taken is None or taken.effect.kind is not Kind.PREPARE:
            return taken
        asset_id = taken.stored.job.request.asset_id
        await self.store.transaction(preparing.unseen, taken, asset_id, error="")
        return await self.claim(vendor)

    async def claim_anything(self, queue: str = "mux") -> Claim | None:
        return await self.store.transaction(
            claiming.claim, queue, owner=str(next(self.owners)), timing=self.timing
        )

    async def claimed(self, vendor: str = "slack") -> Claim:
        taken = await self.claim(vendor)
        assert taken is not None
        return taken

    async def done(self, taken: Claim, ext_id: str = "1.1", channel: str | None = "C1", **more: Any) -> bool:
        return await self.store.transaction(
            outbox.done, taken, ext_id=ext_id, ext_channel=channel, timing=self.timing, **more
        )

    async def unknown(self, taken: Claim) -> bool:
        return await self.store.transaction(outbox.unknown, taken, error="reset", jitter=0.0)

    async def not_done(self, taken: Claim, retry_in: float | None = None) -> bool:
        return await self.store.transaction(
            outbox.not_done, taken, error="429", retry_in=retry_in, jitter=0.0
        )

    async def absent(self, taken: Claim) -> bool:
        return await self.store.transaction(outbox.absent, taken, timing=self.timing, jitter=0.0)

    async def effect(self, key: str) -> Effect:
        found = await self.store.transaction(effects.by_key, key)
        assert found is not None, key
        return found

    async def job(self, job: Job) -> jobs.StoredJob:
        found = await self.store.transaction(jobs.by_public_id, job.id)
        assert found is not None
        return found


@pytest.fixture
def desk(sqlite_store: Database, clock: Any, prepared: Any) -> Desk:
    """Return a desk at a store on SQLite, whose time the test moves."""
    return Desk(sqlite_store, clock, prepared)


@pytest.fixture
def any_desk(store: Database, clock: Any, prepared: Any) -> Desk:
    """Return a desk at a store, once on each engine."""
    return Desk(store, clock, prepared)


@pytest.fixture
async def at_mux(any_desk: Any) -> Job:
    """Return a job that Mux has."""
    job = await any_desk.asked()
    taken = await any_desk.claimed("mux")
    await any_desk.store.transaction(
        submission.accepted, taken, report(Signal.PENDING), timing=any_desk.timing
    )
    return job


@pytest.fixture
def refused(any_desk: Any) -> Callable[..., Any]:
    """Return a maker of jobs that Mux refused."""

    async def make(failure: Failure = TAKEN, **changes: Any) -> Job:
        job = await any_desk.asked(**changes)
        taken = await any_desk.claimed("mux")
        await any_desk.store.transaction(submission.refused, taken, failure)
        return (await any_desk.job(job)).job

    return make
