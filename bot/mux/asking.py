"""One request to Mux's API and its answer as JSON. Every failure comes out as one of `bot.errors`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import httpx

from bot import __version__
from bot.errors import OutcomeUnknown
from bot.metrics import Heard
from bot.mux.answers import read_error
from bot.mux.exchange import answered
from bot.mux.reading import MAX_BYTES, Malformed, parse
from bot.mux.transport import choose

T = TypeVar("T")


def connect(
    base_url: str,
    token_id: str,
    token_secret: str,
    *,
    timeout_seconds: float = 10.0,
    transport: httpx.AsyncBaseTransport | None = None,
) -> httpx.AsyncClient:
    """Return a pool of connections to Mux that repeats nothing and follows nothing by itself.

    Whoever calls it closes it. A proxy in the environment is respected unless `transport` is given.
    """
    limits = httpx.Limits(max_connections=16, max_keepalive_connections=8, keepalive_expiry=30.0)
    return httpx.AsyncClient(
        base_url=base_url,
        auth=httpx.BasicAuth(token_id, token_secret),
        timeout=httpx.Timeout(timeout_seconds, connect=timeout_seconds / 2, pool=timeout_seconds / 2),
        limits=limits,
        headers={"User-Agent": f"caption-bot/{__version__}", "Accept": "application/json"},
        follow_redirects=False,
        transport=transport or choose(base_url, limits),
    )


class Asker:
    """Sends one request at a time over `http`, each within `total_seconds`, reading the answer included.

    `heard` is told how each went. Raises `NotReached` or `Throttled` (certainly not done),
    `OutcomeUnknown`, and `MuxRefused`.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        total_seconds: float,
        now: Callable[[], float] = time.time,
        heard: Heard = lambda _status, _seconds: None,
    ) -> None:
        self.http = http
        self.now = now
        self._total_seconds = total_seconds
        self._heard = heard

    async def ask(
        self, method: str, path: str, *, body: Any = None, query: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        """Return the JSON object that Mux answers with."""
        response, content = await self._answer(method, path, body=body, query=query)
        try:
            return parse(content)
        except Malformed as error:
            raise OutcomeUnknown(f"Mux answered {response.status_code} with {error.reason}") from error

    async def data(self, method: str, path: str, *, body: Any = None) -> Mapping[str, Any]:
        """Return the object under `data` in the answer."""
        return inner(await self.ask(method, path, body=body))

    async def tell(self, method: str, path: str) -> None:
        """Send what is answered without a word."""
        await self._answer(method, path)

    async def _answer(
        self, method: str, path: str, *, body: Any = None, query: Mapping[str, str] | None = None
    ) -> tuple[httpx.Response, bytes]:
        started, status = time.perf_counter(), 0
        try:
            async with asyncio.timeout(self._total_seconds):
                response, content = await answered(self._exchange(method, path, body, query))
            status = response.status_code
        except TimeoutError as error:
            raise OutcomeUnknown(f"Mux took longer than {self._total_seconds:g} s") from error
        finally:
            self._heard(status, time.perf_counter() - started)
        if not response.is_success:
            raise read_error(response.status_code, content, response.headers, now=self.now())
        return response, content

    async def _exchange(
        self, method: str, path: str, body: Any, query: Mapping[str, str] | None
    ) -> tuple[httpx.Response, bytes]:
        content = bytearray()
        async with self.http.stream(method, path, json=body, params=query) as response:
            async for chunk in response.aiter_bytes():
                content += chunk
                # One byte too many is kept, so that the reader refuses the answer for its size.
                if len(content) > MAX_BYTES:
                    break
        return response, bytes(content)


def inner(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the object under `data`, or raise `OutcomeUnknown`."""
    data = answer.get("data")
    if not isinstance(data, dict):
        raise OutcomeUnknown("Mux answered without data")
    return data


def read_as(reader: Callable[[Mapping[str, Any]], T], data: Mapping[str, Any]) -> T:
    """Return what `reader` makes of `data`; what it cannot read is an `OutcomeUnknown`."""
    try:
        return reader(data)
    except Malformed as error:
        raise OutcomeUnknown(f"Mux's answer cannot be read: {error.reason}") from error
