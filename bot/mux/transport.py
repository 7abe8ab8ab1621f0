"""httpx's requests over aiohttp's connections.

httpx's own transport takes 0.7 ms of CPU for a request, and more the more wait for it; aiohttp takes 0.15.
What httpx raises stays the same, and so does what it means: only what is a `ConnectError`, a
`ConnectTimeout`, a `ProxyError` or an `UnsupportedProtocol` here was certainly not sent.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import httpx
from yarl import URL

_PIECE_BYTES: Final = 64 * 1024
_PLAIN: Final = frozenset({"GET", "POST"})

# In this order: the first that fits. aiohttp's names for "nothing was sent" are the more special ones, and
# the same time-out class stands for both ends of a request.
_MEANING: Final[tuple[tuple[type[BaseException], type[httpx.TransportError]], ...]] = (
    (aiohttp.ClientProxyConnectionError, httpx.ProxyError),
    (aiohttp.ClientConnectorError, httpx.ConnectError),
    (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
    (aiohttp.InvalidURL, httpx.UnsupportedProtocol),
    (aiohttp.NonHttpUrlClientError, httpx.UnsupportedProtocol),
    (TimeoutError, httpx.ReadTimeout),
    (aiohttp.ClientError, httpx.ReadError),
    (OSError, httpx.ReadError),
)


def choose(
    base_url: str,
    limits: httpx.Limits,
    *,
    proxies: Callable[[], Mapping[str, str]] = getproxies,
    bypassed: Callable[[str], object] = proxy_bypass,
) -> httpx.AsyncBaseTransport | None:
    """Return the transport for a client of `base_url`, None for httpx's own, which knows proxies.

    `proxies` gives the environment's by scheme; `bypassed` says whether they are not for a host.
    """
    parts = urlsplit(base_url)
    known = proxies()
    led = known.get(parts.scheme) or known.get("all")
    return None if led and not bypassed(parts.hostname or "") else Quick(limits)


class Quick(httpx.AsyncBaseTransport):
    """Plain requests over aiohttp; anything else, such as a file's bytes, over httpx's own transport.

    aiohttp repeats what it holds for repeatable, a PUT for one, when a connection that was kept open turns
    out to be dead. So only GET, which may be repeated, and POST, which it never repeats, go there.
    """

    def __init__(self, limits: httpx.Limits) -> None:
        self._limits = limits
        self._session: aiohttp.ClientSession | None = None
        self._own = Later(lambda: httpx.AsyncHTTPTransport(limits=limits))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; the answer's body is read as it is asked for."""
        if request.method not in _PLAIN or not _is_whole(request):
            return await self._own.handle_async_request(request)
        with _as_httpx():
            response = await self._open().request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=[(name.decode("ascii"), value.decode()) for name, value in request.headers.raw],
                data=request.content or None,
                allow_redirects=False,
                timeout=_timeout(request.extensions.get("timeout", {})),
            )
        return httpx.Response(
            response.status, headers=response.raw_headers, stream=_Body(response), request=request
        )

    async def aclose(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
        await self._own.aclose()

    def _open(self) -> aiohttp.ClientSession:
        # Here and not at construction, because aiohttp wants a running event loop.
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=self._limits.max_connections or 0,
                keepalive_timeout=self._limits.keepalive_expiry or 0,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            )
        return self._session


class Later(httpx.AsyncBaseTransport):
    """A transport that is made at its first request: httpx's own takes 3 MB with what it needs."""

    def __init__(self, make: Callable[[], httpx.AsyncBaseTransport]) -> None:
        self._make = make
        self._made: httpx.AsyncBaseTransport | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request over what is made."""
        if self._made is None:
            self._made = self._make()
        return await self._made.handle_async_request(request)

    async def aclose(self) -> None:
        """Close what was made."""
        if self._made is not None:
            await self._made.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx():
            async for piece in self._response.content.iter_chunked(_PIECE_BYTES):
                yield piece

    async def aclose(self) -> None:
        # A connection whose answer was read to its end is kept; any other one is closed.
        if self._response.content.is_eof():
            self._response.release()
        else:
            self._response.close()


def _is_whole(request: httpx.Request) -> bool:
    """Say whether the body is in memory, and not still to come."""
    return isinstance(request.stream, httpx.ByteStream)


def _timeout(spans: dict[str, float | None]) -> aiohttp.ClientTimeout:
    connect, pool = spans.get("connect"), spans.get("pool")
    return aiohttp.ClientTimeout(
        total=None,
        connect=None if connect is None or pool is None else connect + pool,
        sock_connect=connect,
        sock_read=spans.get("read"),
    )


@contextmanager
def _as_httpx() -> Iterator[None]:
    try:
        yield
    except (aiohttp.ClientError, OSError) as error:
        meant = next(theirs for ours, theirs in _MEANING if isinstance(error, ours))
        raise meant(str(error) or type(error).__name__) from error
