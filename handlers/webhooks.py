"""The door for Mux's webhooks: verified on the raw bytes, filed, then answered. Nothing is applied here."""

from __future__ import annotations

import time
from collections.abc import Sequence

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.clock import Clock
from bot.errors import StoreError
from bot.metrics import Metrics
from bot.mux import wire
from bot.services import inbox
from bot.store.database import Database
from handlers import bodies

log = structlog.get_logger(__name__)


class MuxWebhooks:
    """`POST /mux/webhooks` for one Mux account, with every signing secret that is valid at the moment."""

    def __init__(
        self, store: Database, clock: Clock, metrics: Metrics, *, secrets: Sequence[str], mux_account: str
    ) -> None:
        self._store = store
        self._clock = clock
        self._metrics = metrics
        self._secrets = secrets
        self._mux_account = mux_account

    async def receive(self, request: Request) -> Response:
        """Answer 200 once the event is durable, or at once when it is none of ours; 4xx stores nothing."""
        started = time.perf_counter()
        try:
            raw = await bodies.read(request)
            outcome = await self._file(self._open(request, raw), raw)
        except bodies.TooLarge:
            return self._refuse(413, f"the body is longer than {bodies.MAX_BYTES} bytes")
        except wire.BadSignature as error:
            return self._refuse(401, f"the mux-signature header is not valid: {error.reason}")
        except wire.Malformed as error:
            return self._refuse(400, f"the event is malformed: {error.reason}")
        except StoreError:
            log.exception("mux.webhook_not_filed")
            return self._refuse(503, "the event could not be stored; send it again")
        self._metrics.webhooks.labels(outcome).inc()
        self._metrics.ack_seconds.labels("mux").observe(time.perf_counter() - started)
        return JSONResponse({"status": outcome})

    def _open(self, request: Request, raw: bytes) -> wire.Event:
        header = request.headers.get("mux-signature", "")
        wire.verify(raw, header, self._secrets, now=self._clock.now())
        return wire.read_event(raw)

    async def _file(self, event: wire.Event, raw: bytes) -> str:
        if event.report is None:
            return "ignored"
        first = await self._store.transaction(inbox.file, account=self._mux_account, event=event, raw=raw)
        return "filed" if first else "repeated"

    def _refuse(self, status: int, reason: str) -> Response:
        log.warning("mux.webhook_refused", status=status, reason=reason)
        self._metrics.webhooks.labels("refused").inc()
        return JSONResponse({"error": reason}, status_code=status)
