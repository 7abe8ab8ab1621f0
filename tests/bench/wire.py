"""A small HTTP/1.1 client and server on asyncio, so that the generator costs as little as it can."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import httptools

from tests.bench.traffic import HOST

TIMEOUT_SECONDS: Final = 20.0
FAILED: Final = -1
"""The status of a request whose connection broke."""
SILENT: Final = -2
"""The status of a request that was not answered in time."""


class _Connection(asyncio.Protocol):
    """One connection to a server, one request at a time."""

    def __init__(self) -> None:
        # uvloop's transports are no asyncio.Transport.
        self.transport: Any = None
        self._parser = httptools.HttpResponseParser(self)
        self._answer: asyncio.Future[int] | None = None
        self._body = b""
        self.body = b""
        self.broken = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def connection_lost(self, _error: Exception | None) -> None:
        self.broken = True
        self._settle(FAILED)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._body = b""

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        self.broken = not self._parser.should_keep_alive()
        self.body = self._body
        self._settle(self._parser.get_status_code())

    def send(self, request: bytes) -> asyncio.Future[int]:
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self._answer

    def _settle(self, status: int) -> None:
        waiting, self._answer = self._answer, None
        if waiting is not None and not waiting.done():
            waiting.set_result(status)


class Client:
    """Keeps up to `connections` open to one server; a request without a free one waits for it."""

    def __init__(self, port: int, connections: int) -> None:
        self.port = port
        self._free: deque[_Connection] = deque()
        self._slots = asyncio.Semaphore(connections)
        self._open: set[_Connection] = set()
        self.body = b""
        """What the last request was answered."""

    async def request(self, request: bytes) -> int:
        """Send `request` and return the answer's status, FAILED or SILENT when there is none."""
        async with self._slots:
            was_idle = bool(self._free)
            status = await self._send(request)
            # The server may have closed a connection that was idle at the very moment it was used again.
            return await self._send(request, anew=True) if was_idle and status == FAILED else status

    def close(self) -> None:
        """Close every connection."""
        for connection in list(self._open):
            self._drop(connection)

    async def _send(self, request: bytes, *, anew: bool = False) -> int:
        connection = None
        try:
            connection = await self._connection(anew=anew)
            async with asyncio.timeout(TIMEOUT_SECONDS):
                status = await connection.send(request)
        except OSError as error:
            self._drop(connection)
            return SILENT if isinstance(error, TimeoutError) else FAILED
        self.body = connection.body
        if connection.broken:
            self._drop(connection)
        else:
            self._free.append(connection)
        return status

    async def _connection(self, *, anew: bool) -> _Connection:
        while self._free and not anew:
            connection = self._free.pop()
            if not connection.broken:
                return connection
            self._open.discard(connection)
        _, connection = await asyncio.get_running_loop().create_connection(_Connection, HOST, self.port)
        self._open.add(connection)
        return connection

    def _drop(self, connection: _Connection | None) -> None:
        if connection is not None:
            self._open.discard(connection)
            if connection.transport is not None:
                connection.transport.close()


Answer = Callable[[str, str, bytes, bytes], tuple[int, bytes, str]]
"""(method, path with query, content type, body) -> (status, body, further header lines)."""


class ServerProtocol(asyncio.Protocol):
    """One connection from the app under test; `answer` gives JSON."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._parser = httptools.HttpRequestParser(self)
        self._transport: Any = None
        self._path = self._body = self._type = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._path = self._body = self._type = b""

    def on_url(self, url: bytes) -> None:
        self._path += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"content-type":
            self._type = value

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        method = self._parser.get_method().decode()
        status, body, more = self._answer(method, self._path.decode(), self._type, self._body)
        head = (
            f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n{more}\r\n"
        )
        if self._transport is not None:
            self._transport.write(head.encode() + body)
