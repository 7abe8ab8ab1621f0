"""What may lie behind a link instead of the file: spoilt, endless, somewhere else, or not the file at all."""

from __future__ import annotations

import asyncio
import base64
import binascii
import gzip
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.sandbox.clock import SandboxClock
from bot.sandbox.faulty import HANGUP_EXTENSION
from bot.sandbox.journal import Journal
from bot.sandbox.json_routes import BadControl, json_endpoint

BOMB_BYTES: Final = 64 * 1024 * 1024
HUGE_BYTES: Final = 50 * 1024 * 1024
DRIP_SECONDS: Final = 0.5
_CUE: Final = b"1\n00:00:01,000 --> 00:00:02,000\nAgain and again.\n\n"
_OK: Final = 200


class Kind(StrEnum):
    """What is sent in the place of a file."""

    HTML = "html"
    """A web page, with 200."""
    TRUNCATED = "truncated"
    """The first half, and then the connection closes."""
    GZIP_BOMB = "gzip_bomb"
    """64 MiB of nothing, compressed to a thousandth."""
    HUGE = "huge"
    """50 MiB of captions."""
    ENCODING = "encoding"
    """The file in UTF-16 with nothing to say so."""
    REDIRECT = "redirect"
    """302 to the address `to`."""
    DRIP = "drip"
    """A byte every half a second, without end."""
    BYTES = "bytes"
    """Whatever `body_base64` holds, as `content_type` and `content_encoding`."""


@dataclass(slots=True, kw_only=True)
class Spoiling:
    """A standing order for files whose path matches the glob `target`; `times` of None is without end.

    Paths are those of the stand-in: `/storage/*captions.srt`, `/storage/*words.json`, `/stream/*/text/*`.
    """

    kind: Kind
    target: str
    times: int | None = 1
    to: str = ""
    body_base64: str = ""
    content_type: str = "text/plain"
    content_encoding: str = ""


class Hostile:
    """The standing orders, asked once for each file that is served."""

    def __init__(self, clock: SandboxClock, journal: Journal) -> None:
        self._clock = clock
        self._journal = journal
        self.orders: list[Spoiling] = []

    def spoil(self, path: str, honest: Response) -> Response:
        """Return what is sent instead of `honest`; refusals are left alone."""
        order = next((o for o in self.orders if o.times != 0 and fnmatchcase(path, o.target)), None)
        if order is None or honest.status_code != _OK:
            return honest
        if order.times is not None:
            order.times -= 1
        self._journal.add("fault", "mux:file", fault=order.kind.value, path=path)
        return self._spoilt(order, honest)

    def _spoilt(self, order: Spoiling, honest: Response) -> Response:
        whole, media_type = bytes(honest.body), honest.headers.get("content-type", "text/plain")
        makers: dict[Kind, Callable[[], Response]] = {
            Kind.HTML: lambda: HTMLResponse("<!DOCTYPE html><title>Sign in</title><h1>Sign in</h1>"),
            Kind.TRUNCATED: lambda: _CutOff(whole, media_type=media_type),
            Kind.GZIP_BOMB: lambda: _encoded(gzip.compress(bytes(BOMB_BYTES)), media_type, "gzip"),
            Kind.HUGE: lambda: StreamingResponse(_much(), media_type=media_type),
            Kind.ENCODING: lambda: Response(whole.decode().encode("utf-16"), media_type=media_type),
            Kind.REDIRECT: lambda: RedirectResponse(order.to, 302),
            Kind.DRIP: lambda: StreamingResponse(self._drip(), media_type=media_type),
            Kind.BYTES: lambda: _encoded(
                base64.b64decode(order.body_base64), order.content_type, order.content_encoding
            ),
        }
        return makers[order.kind]()

    async def _drip(self) -> AsyncIterator[bytes]:
        while True:
            yield b"1"
            await self._clock.sleep(DRIP_SECONDS)

    def routes(self) -> list[Route]:
        """Return `/_sandbox/mux/hostile`, where orders are given and withdrawn."""
        path = "/_sandbox/mux/hostile"
        return [
            Route(path, json_endpoint(self._list), methods=["GET"]),
            Route(path, json_endpoint(self._add), methods=["POST"]),
            Route(path, json_endpoint(self._clear), methods=["DELETE"]),
        ]

    async def _list(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        del request, body
        return {"orders": [asdict(order) for order in self.orders]}

    async def _add(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        self.orders.append(_read(body))
        return await self._list(request, {})

    async def _clear(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        self.orders.clear()
        return await self._list(request, body)


class _CutOff(Response):
    """Announces a whole file, sends half of it, and closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the half."""
        del receive
        leave = scope.get("extensions", {}).get(HANGUP_EXTENSION)
        if leave is None:
            raise ConnectionAbortedError("the stand-in closed the connection within its answer")
        await send({"type": "http.response.start", "status": _OK, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        # What was written has to leave before the connection goes.
        await asyncio.sleep(0)
        leave["close"]()


def _encoded(content: bytes, media_type: str, encoding: str) -> Response:
    headers = {"content-encoding": encoding} if encoding else {}
    return Response(content, headers=headers | {"content-type": media_type})


async def _much() -> AsyncIterator[bytes]:
    piece = _CUE * (64 * 1024 // len(_CUE))
    for _ in range(HUGE_BYTES // len(piece) + 1):
        yield piece


def _read(body: dict[str, Any]) -> Spoiling:
    unknown = sorted(set(body) - {field.name for field in fields(Spoiling)})
    if unknown:
        raise BadControl(f"unknown arguments {unknown}")
    if body.get("kind") not in set(Kind):
        raise BadControl(f"kind must be one of {', '.join(Kind)}")
    texts = ("target", "to", "body_base64", "content_type", "content_encoding")
    if not isinstance(body.get("target"), str) or any(not isinstance(body.get(n, ""), str) for n in texts):
        raise BadControl("target must be a glob over paths such as /storage/*captions.srt")
    times = body.get("times", 1)
    if isinstance(times, bool) or not (times is None or isinstance(times, int)):
        raise BadControl("times must be a whole number or null")
    if body["kind"] == Kind.REDIRECT and not body.get("to"):
        raise BadControl("a redirect needs an address to lead to")
    try:
        base64.b64decode(body.get("body_base64", ""), validate=True)
    except binascii.Error as error:
        raise BadControl("body_base64 must be base64") from error
    return Spoiling(**{**body, "kind": Kind(body["kind"])})
