"""Connects to public addresses only, whatever a name says at that moment."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Final, TypeAlias
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from bot.errors import FileRefused

Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_PORTS: Final = {"http": 80, "https": 443}
# A gateway turns these into the IPv4 address in their last 32 bits. https://www.rfc-editor.org/rfc/rfc6052
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


def proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names for a URL, None for this machine and NO_PROXY's hosts."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in _LOOPBACK or proxy_bypass(host):
        return None
    return getproxies().get(parts.scheme)


def is_public(address: str) -> bool:
    """Say whether an IP address belongs to the public internet, also inside an IPv6 address."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


async def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a name, the preferred one first; raise `OSError` when there are none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Checked(httpx.AsyncBaseTransport):
    """Looks names up itself and connects to the very addresses that it has judged.

    So a name that points elsewhere between the look and the connection gains nothing. Certificates are
    still checked against the name.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        *,
        private: bool,
        own: Collection[tuple[str, int | None]] = (),
        look_up: Resolve = resolve,
    ) -> None:
        self._inner = inner
        self._private = private
        self._own = own
        self._look_up = look_up

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to the first address that takes a connection.

        Raises:
            FileRefused: `foreign_host`, when any of the addresses is not public.
            httpx.ConnectError: when the name leads nowhere.
        """
        host = request.url.host
        failure = httpx.ConnectError(f"{host} has no address")
        for address in await self._addresses(request):
            try:
                return await self._inner.handle_async_request(_pinned(request, address))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = httpx.ConnectError(f"{host} takes no connections ({type(error).__name__})")
        raise failure

    async def _addresses(self, request: httpx.Request) -> Sequence[str]:
        port = request.url.port or _PORTS.get(request.url.scheme, 0)
        try:
            addresses = await self._look_up(request.url.host, port)
        except OSError as error:
            raise httpx.ConnectError(f"{request.url.host} has no address") from error
        # Whoever named the very host and port in a setting has decided about its address too.
        named = (request.url.host, request.url.port) in self._own
        if not self._private and not named and not all(map(is_public, addresses)):
            raise FileRefused("foreign_host", host=request.url.host)
        return addresses

    async def aclose(self) -> None:
        """Close every connection."""
        await self._inner.aclose()


def _pinned(request: httpx.Request, address: str) -> httpx.Request:
    plain = address.partition("%")[0]
    host = f"[{plain}]" if ":" in plain else plain
    return httpx.Request(
        request.method,
        request.url.copy_with(host=host),
        # The Host header is in there already, with the name.
        headers=request.headers,
        extensions={**request.extensions, "sni_hostname": request.url.host},
    )
