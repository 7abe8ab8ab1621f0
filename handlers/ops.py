"""Doors for operators: is it alive, is it ready, what has it done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.clock import Clock
from bot.errors import StoreError
from bot.metrics import Metrics
from bot.rules.jobs import State, is_finished
from bot.services import health
from bot.store.database import Database
from bot.workers.worker import RECHECK_SECONDS, Loop
from handlers.sockets import SlackSocket

_SILENT_SECONDS: Final = 4 * RECHECK_SECONDS
_TOTALS_SECONDS: Final = 60.0

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Kept:
    """What the last count of everything found, and when."""

    totals_at: float = -_TOTALS_SECONDS
    finished: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ops:
    """`/healthz`, `/readyz` and `/metrics`."""

    store: Database
    clock: Clock
    metrics: Metrics
    loops: Sequence[Loop]
    socket: SlackSocket | None = None
    kept: Kept = field(default_factory=Kept)

    async def healthz(self, _request: Request) -> Response:
        """Answer as long as the event loop turns."""
        return PlainTextResponse("ok")

    async def readyz(self, _request: Request) -> Response:
        """Answer 200 when the store answers and every worker came round lately, else 503 with the reason."""
        try:
            backlog = await self.store.transaction(health.backlog)
        except StoreError as error:
            return JSONResponse({"ready": False, "reason": str(error)}, status_code=503)
        silent = [loop.name for loop in self.loops if self.clock.now() - loop.beat_at > _SILENT_SECONDS]
        if silent:
            reason = f"these workers have stopped: {', '.join(sorted(set(silent)))}"
            return JSONResponse({"ready": False, "reason": reason}, status_code=503)
        if self.socket is not None and (reason := await self.socket.problem()):
            return JSONResponse({"ready": False, "reason": reason}, status_code=503)
        return JSONResponse(
            {
                "ready": True,
                "jobs": backlog.unfinished,
                "inbox": backlog.inbox_new,
                "effects": backlog.effects_open,
                "given_up": backlog.effects_dead,
            }
        )

    async def scrape(self, _request: Request) -> Response:
        """Return every metric in Prometheus' text form; what was done in all is at most a minute old."""
        await self._count()
        if self.socket is not None:
            health = await self.socket.health()
            self.metrics.socket_up.set(health.connected)
            self.metrics.socket_quiet_seconds.set(health.quiet_seconds)
        return Response(self.metrics.page(), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def _count(self) -> None:
        metrics, now = self.metrics, self.clock.monotonic()
        with_totals = now - self.kept.totals_at >= _TOTALS_SECONDS
        try:
            backlog, totals = await self.store.transaction(health.counted, with_totals=with_totals)
        except StoreError:
            log.exception("ops.not_counted")
            metrics.store_up.set(0)
            return
        metrics.store_up.set(1)
        metrics.effects.labels("open").set(backlog.effects_open)
        metrics.effects.labels("given_up").set(backlog.effects_dead)
        metrics.late_seconds.set(backlog.late_seconds)
        metrics.inbox.set(backlog.inbox_new)
        if totals is not None:
            self.kept.totals_at = now
            self.kept.finished = {name: n for name, n in totals.jobs.items() if is_finished(State(name))}
            metrics.units.set(totals.units_consumed)
            metrics.shares.set(totals.shares)
        for state in State:
            metrics.jobs.labels(state.value).set(
                backlog.unfinished.get(state.value, 0) + self.kept.finished.get(state.value, 0)
            )
