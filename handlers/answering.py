"""Hands what Slack sent, however it came, to its listener, and counts what came of it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import structlog
from slack_bolt import BoltResponse
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.metrics import Metrics
from handlers import shapes
from handlers.gate import Gate
from handlers.replying import Answer, promised

_NOT_UNDERSTOOD: Final = {"error": "the body is not what Slack sends"}

log = structlog.get_logger(__name__)


class Answering:
    """The one way to the listeners, for signed requests and for envelopes from a socket.

    Whom the `gate` turns away no listener hears of.
    """

    def __init__(
        self,
        dispatch: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]],
        *,
        metrics: Metrics,
        gate: Gate | None = None,
    ) -> None:
        self._dispatch = dispatch
        self._gate = gate
        self._seconds = metrics.ack_seconds.labels("slack")
        self.metrics = metrics

    async def answer(self, body: dict[str, Any], headers: Mapping[str, str], *, started: float) -> Answer:
        """Return the answer to a parsed body; `started` is the `time.perf_counter` of its first byte."""
        if not shapes.is_slacks(body):
            log.warning("slack.request_not_understood", kind=_kind(body)[:40])
            self.metrics.acks.labels("refused", "400").inc()
            return Answer(response=BoltResponse(status=400, body=_NOT_UNDERSTOOD), afterwards=None)
        turned_away = None if self._gate is None else self._gate.turn_away(body)
        answer = await self._listened(body, headers) if turned_away is None else turned_away
        self.metrics.acks.labels(_kind(body), str(answer.response.status)).inc()
        self._seconds.observe(time.perf_counter() - started)
        return answer

    async def _listened(self, body: dict[str, Any], headers: Mapping[str, str]) -> Answer:
        # Over HTTP Bolt would parse the body itself, and drop every command that contains "payload".
        asked = AsyncBoltRequest(body=body, headers=dict(headers), mode="socket_mode")
        response = await self._dispatch(asked)
        return Answer(response=response, afterwards=promised(asked.context))


def _kind(body: Mapping[str, Any]) -> str:
    return "command" if "command" in body else str(body.get("type", "other"))
