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
from bot.services import archiving, inbox
from bot.store.database import Database
from bot.workers.arrivals import Arrivals
from handlers import bodies
from handlers.tenancy import SecretsOf

log = structlog.get_logger(__name__)


class MuxWebhooks:
    """`POST /mux/webhooks`, or `/mux/webhooks/{hook}` for each of several Mux environments.

    An event is only ever applied to the environment whose secret it is signed with.
    """

    def __init__(
        self, store: Database, clock: Clock, metrics: Metrics, arrivals: Arrivals, *, secrets_of: SecretsOf
    ) -> None:
        self._store = store
        self._clock = clock
        self._metrics = metrics
        self._arrivals = arrivals
        self._secrets_of = secrets_of

    async def receive(self, request: Request) -> Response:
        """Answer 200 once the event is durable, or at once when it is none of ours; 4xx stores nothing."""
        with self._arrivals.arriving():
            return await self._receive(request)

    async def _receive(self, request: Request) -> Response:
        started = time.perf_counter()
        raw = b""
        try:
            raw = await bodies.read(request)
            whose = await self._secrets_of(str(request.path_params.get("hook", "")))
            if whose is None:
                return self._refuse(404, "nothing is told at this address")
            account, secrets = whose
            outcome = await self._file(self._open(request, raw, secrets), raw, account)
        except bodies.TooLarge:
            return self._refuse(413, f"the body is longer than {bodies.MAX_BYTES} bytes")
        except wire.BadSignature as error:
            said = f"the mux-signature header is not valid: {error.reason}"
            return self._refuse(401, said, reason=error.reason, received=bodies.digest(raw))
        except wire.Malformed as error:
            return self._refuse(400, f"the event is malformed: {error.reason}")
        except StoreError:
            log.exception("mux.webhook_not_filed")
            return self._refuse(503, "the event could not be stored; send it again")
        self._metrics.webhooks.labels(outcome).inc()
        self._metrics.ack_seconds.labels("mux").observe(time.perf_counter() - started)
        return JSONResponse({"status": outcome})

    def _open(self, request: Request, raw: bytes, secrets: Sequence[str]) -> wire.Event:
        header = request.headers.get("mux-signature", "")
        wire.verify(raw, header, secrets, now=self._clock.now())
        return wire.read_event(raw)

    async def _file(self, event: wire.Event, raw: bytes, account: str) -> str:
        if event.track is not None:
            concerns = await self._store.transaction(archiving.heard, account=account, news=event.track)
            return "heard" if concerns else "ignored"
        if event.report is None and event.edit is None:
            return "ignored"
        filed = await self._store.transaction(inbox.file, account=account, event=event, raw=raw)
        if filed is None:
            return "repeated"
        self._arrivals.add(filed)
        return "filed"

    def _refuse(self, status: int, said: str, **more: str) -> Response:
        log.warning("mux.webhook_refused", status=status, reason=said)
        self._metrics.webhooks.labels("refused").inc()
        return JSONResponse({"error": said, **more}, status_code=status)
