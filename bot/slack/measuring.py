"""Measures requests to Slack where all of them pass: on the connections."""

from __future__ import annotations

import time
from typing import Any

from aiohttp import TraceConfig

from bot.metrics import Heard


def measuring(heard: Heard) -> TraceConfig:
    """Return what tells `heard` of each request on a session: its status, 0 for no answer, and its time."""
    trace: TraceConfig = TraceConfig()

    async def started(_session: Any, context: Any, _about: Any) -> None:
        context.started = time.perf_counter()

    async def answered(_session: Any, context: Any, about: Any) -> None:
        heard(about.response.status, time.perf_counter() - context.started)

    async def failed(_session: Any, context: Any, _about: Any) -> None:
        heard(0, time.perf_counter() - context.started)

    trace.on_request_start.append(started)
    trace.on_request_end.append(answered)
    trace.on_request_exception.append(failed)
    return trace
