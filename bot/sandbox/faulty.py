"""Faults turned into what a client sees: refusals, 5xx, late answers, and connections that just close.

A stand-in wraps the effect of a call and lets a `Thrower` decide whether, when and with which answer it
happens::

    thrower = Thrower(faults=faults, journal=journal, clock=clock, refusal=refusal)


    async def post_message(request: Request) -> Response:
        arguments = await read(request)
        return await thrower.answer("slack:chat.postMessage", lambda: effect(arguments))

`effect` does the thing and returns the honest answer. `refusal(fault)` is the vendor's way to say 429
(with Retry-After), 5xx and a definite no; it is asked for `RATE_LIMITED`, `ERROR_BEFORE`, `ERROR_AFTER` and
`REFUSE`. A connection can only be closed without an answer when uvicorn runs with
`Config(app, http=HangupProtocol)`; over any other server the client's call fails with an exception instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias, cast

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.sandbox.clock import SandboxClock
from bot.sandbox.faults import Fault, FaultKind, Faults
from bot.sandbox.journal import Journal

Effect: TypeAlias = Callable[[], Awaitable[Response]]
Refusal: TypeAlias = Callable[[Fault], Response]

HANGUP_EXTENSION = "sandbox.hangup"


class HangupProtocol(HttpToolsProtocol):
    """Uvicorn's HTTP protocol, which also lends the application the means to close its connection."""

    def on_message_begin(self) -> None:
        """Begin a request; its scope carries `close`, a function without arguments."""
        super().on_message_begin()
        self.scope["extensions"] = {HANGUP_EXTENSION: {"close": self.transport.close}}


class Hangup(Response):
    """Not an answer: the connection stays silent for `hold_seconds`, then closes with no status line.

    `afterwards` runs once the connection is closed, in the request's own task, so the server waits for it
    at shutdown. A client that leaves during the silence ends it.
    """

    def __init__(
        self,
        clock: SandboxClock,
        *,
        hold_seconds: float = 0.0,
        afterwards: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        super().__init__()
        self._clock = clock
        self._hold_seconds = hold_seconds
        self._afterwards = afterwards

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold, close, and see to what comes afterwards.

        Raises:
            ConnectionAbortedError: where the server lends no `close`; in-process clients see it.
        """
        del send
        leave = scope.get("extensions", {}).get(HANGUP_EXTENSION)
        if leave is None:
            await self._clock.sleep(self._hold_seconds)
            await self._see_to_the_rest()
            raise ConnectionAbortedError("the stand-in closed the connection without an answer")
        await self._hold(receive)
        cast("Callable[[], None]", leave["close"])()
        await _until_disconnected(receive)
        await self._see_to_the_rest()

    async def _hold(self, receive: Receive) -> None:
        if not self._hold_seconds:
            return
        waits = {
            asyncio.ensure_future(self._clock.sleep(self._hold_seconds)),
            asyncio.ensure_future(_until_disconnected(receive)),
        }
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _see_to_the_rest(self) -> None:
        if self._afterwards is not None:
            await self._afterwards()


async def _until_disconnected(receive: Receive) -> None:
    message: Message = {"type": ""}
    while message["type"] != "http.disconnect":
        message = await receive()


@dataclass(frozen=True, slots=True, kw_only=True)
class Thrower:
    """Draws a fault for each call, journals it, and lets the call meet it."""

    faults: Faults
    journal: Journal
    clock: SandboxClock
    refusal: Refusal

    async def answer(self, name: str, effect: Effect) -> Response:
        """Return the answer to the call `name`; `effect` runs before, after, later or not at all."""
        fault = self.faults.draw(name)
        if fault is None:
            return await effect()
        self.journal.add("fault", name, fault=fault.kind.value, seconds=fault.seconds, code=fault.code)
        return await throw(fault, effect, refusal=self.refusal, clock=self.clock)


async def throw(fault: Fault, effect: Effect, *, refusal: Refusal, clock: SandboxClock) -> Response:
    """Return what the client gets under `fault`, running `effect` as its kind says.

    Kinds that only concern webhooks (`LOSE`, `DUPLICATE`) leave a call alone.
    """
    kind, seconds = fault.kind, fault.seconds
    if kind in {FaultKind.RATE_LIMITED, FaultKind.ERROR_BEFORE, FaultKind.REFUSE}:
        return refusal(fault)
    if kind is FaultKind.DROP_BEFORE:
        return Hangup(clock)
    if kind is FaultKind.TIMEOUT_BEFORE:
        return Hangup(clock, hold_seconds=seconds)
    if kind is FaultKind.LATE:
        return Hangup(clock, afterwards=lambda: _later(clock, seconds, effect))
    answer = await effect()
    return await _after(fault, answer, refusal=refusal, clock=clock)


async def _after(fault: Fault, answer: Response, *, refusal: Refusal, clock: SandboxClock) -> Response:
    match fault.kind:
        case FaultKind.ERROR_AFTER:
            return refusal(fault)
        case FaultKind.DROP_AFTER:
            return Hangup(clock)
        case FaultKind.TIMEOUT_AFTER:
            return Hangup(clock, hold_seconds=fault.seconds)
        case FaultKind.DELAY:
            await clock.sleep(fault.seconds)
            return answer
        case _:
            return answer


async def _later(clock: SandboxClock, seconds: float, effect: Effect) -> None:
    await clock.sleep(seconds)
    await effect()
