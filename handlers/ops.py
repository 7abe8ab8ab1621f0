"""Doors for operators: is it alive, is it ready, what has it done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.clock import Clock
from bot.errors import StoreError
from bot.metrics import Metrics
from bot.services import health
from bot.store.database import Database
from bot.workers.worker import RECHECK_SECONDS, Loop
from handlers.sockets import SlackSocket

_SILENT_SECONDS: Final = 4 * RECHECK_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Ops:
    """`/healthz`, `/readyz` and `/metrics`."""

    store: Database
    clock: Clock
    metrics: Metrics
    loops: Sequence[Loop]
    socket: SlackSocket | None = None

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
        """Return every metric in Prometheus' text form."""
        if self.socket is not None:
            health = await self.socket.health()
            self.metrics.socket_up.set(health.connected)
            self.metrics.socket_quiet_seconds.set(health.quiet_seconds)
        return Response(self.metrics.page(), media_type="text/plain; version=0.0.4; charset=utf-8")
