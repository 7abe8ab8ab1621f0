"""A bot without doors: its store and its workers."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

from bot.mux.client import MuxClient
from bot.rules.jobs import Job, Report, Signal
from bot.rules.pacing import Timing
from bot.rules.request import CaptionRequest
from bot.services import captions, claiming, progress
from bot.store import effects, jobs
from bot.store.database import Database
from bot.workers.arrivals import Arrivals
from bot.workers.delivery import Delivery
from bot.workers.inbox import Inbox
from bot.workers.poll import Poll
from bot.workers.submit import Submit
from tests.workers.vendors import FakeMux, FakeSlack
from tests.workers.working import Crash, InTurn, always, token_of, work


@dataclass
class Bot:
    """The store and the workers. `crash_at` names the step boundary at which the process dies."""

    store: Database
    clock: Any
    mux: FakeMux
    slack: FakeSlack
    mux_client: MuxClient
    slack_client: Any
    prepared: Any
    reposts: frozenset[str] = frozenset({"results"})
    timing: Timing = field(default_factory=Timing)
    crash_at: str = ""
    names: Any = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.arrivals = Arrivals(self.store.bells)

    def _reached(self, boundary: str) -> None:
        if boundary == self.crash_at:
            self.crash_at = ""
            raise Crash

    @property
    def submit(self) -> Submit:
        return Submit(
            self.store,
            always(self.mux_client),
            self.clock,
            timing=self.timing,
            jitter=lambda: 0.5,
            reached=self._reached,
        )

    @property
    def delivery(self) -> InTurn:
        return InTurn([self.delivering("slack", inbox=self.inbox), self.delivering("edit")])

    def delivering(self, queue: str, **more: Any) -> Delivery:
        return Delivery(
            self.store,
            self.slack_client,
            self.clock,
            token_of=token_of,
            timing=self.timing,
            reposts=self.reposts,
            queue=queue,
            jitter=lambda: 0.5,
            reached=self._reached,
            **more,
        )

    def poll(self, *, webhooks: bool = True) -> Poll:
        return Poll(
            self.store, always(self.mux_client), webhooks=webhooks, jitter=lambda: 0.5, reached=self._reached
        )

    @property
    def inbox(self) -> Inbox:
        return Inbox(
            self.store,
            self.clock,
            self.arrivals,
            timing=self.timing,
            jitter=lambda: 0.5,
            reached=self._reached,
        )

    async def asked(self, **changes: Any) -> Job:
        values: dict[str, Any] = {
            "request": CaptionRequest(asset_id="asset1"),
            "request_key": f"act{next(self.names)}",
            "team_id": "T1",
            "channel_id": "C1",
            "user_id": "U1",
            "mux_account": "default",
            **changes,
        }
        job = (await self.store.transaction(captions.request, captions.Ask(**values))).job
        await self.store.transaction(self.prepared, job.id)
        return job

    async def job(self, job: Job) -> Job:
        found = await self.store.transaction(jobs.by_public_id, job.id)
        assert found is not None
        return found.job

    async def effect(self, key: str) -> Any:
        return await self.store.transaction(effects.by_key, key)

    async def end(self, job: Job, signal: Signal = Signal.COMPLETED) -> None:
        stored = await self.store.transaction(jobs.by_public_id, job.id)
        assert stored is not None
        report = Report(signal=signal, mux_id=stored.job.mux_id or f"m-{job.id}")
        await self.store.transaction(progress.apply, stored.row_id, report)

    async def run(self, worker: Any, *, seconds: float = 0.0) -> None:
        """Let a worker work, as `working.work` says."""
        await work(worker, self.clock, seconds=seconds)

    async def waiting(self, queue: str) -> float | None:
        return await self.store.transaction(claiming.due_in, queue)
