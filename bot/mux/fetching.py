"""Fetches files from behind the links that Mux gives, and from nowhere else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from urllib.request import getproxies

import httpx

from bot import __version__
from bot.errors import FileRefused, OutcomeUnknown, Throttled
from bot.mux.answers import read_error
from bot.mux.exchange import answered
from bot.mux.inflating import ACCEPTED, Decoder, TooLarge
from bot.mux.network import Checked, proxy_for
from bot.mux.reading import Malformed
from bot.mux.transport import Later
from bot.rules.hosts import FILE_HOSTS, is_listed

TOTAL_SECONDS: Final = 60.0
_REDIRECTS: Final = 3
_LED_ON: Final = frozenset({301, 302, 303, 307, 308})
_OK: Final = 200
_EXCUSE_BYTES: Final = 4_096
_CODES: Final = {401: "forbidden", 403: "forbidden", 404: "not_there", 410: "expired"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A file: its bytes as they are after undoing compression, and what the server says that they are."""

    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """From where files are fetched.

    `own` are hosts with their ports as in the settings, which may be without TLS and inside the operator's
    network; `listed` are names, or
    with a dot in front all names below one, over TLS only. `private` also allows addresses that are not
    public, which a local Mux has.
    """

    own: frozenset[tuple[str, str, int | None]]
    listed: frozenset[str]
    private: bool = False


def reach(own: Iterable[str], *, listed: Iterable[str] = (), private: bool = False) -> Reach:
    """Return the reach of a bot whose settings name the bases `own`, further hosts, and whether private."""
    places = frozenset(_place(httpx.URL(base)) for base in own if base)
    names = frozenset(name.casefold() for name in (*FILE_HOSTS, *listed) if name)
    return Reach(own=places, listed=names, private=private)


class Files:
    """Fetches files; it sends no credentials, so a link must be its own permission."""

    def __init__(
        self,
        direct: httpx.AsyncClient,
        proxied: httpx.AsyncClient,
        allowed: Reach,
        *,
        total_seconds: float = TOTAL_SECONDS,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._direct = direct
        self._proxied = proxied
        self._allowed = allowed
        self._total_seconds = total_seconds
        self._now = now

    async def fetch(self, url: str, *, cap_bytes: int) -> Fetched:
        """Return the file behind `url`, at most `cap_bytes` long after undoing its compression.

        Every hop of a redirect has to lead to an allowed host, and unless that is allowed, to a public
        address. The content is not parsed, but a web page in the file's place is noticed.

        Raises:
            FileRefused: The file cannot be had; see its codes.
            NotReached: No connection came about.
            Throttled: The store asks to be asked later.
            OutcomeUnknown: It broke off, took too long, or the server failed. Asking again is safe.
        """
        try:
            async with asyncio.timeout(self._total_seconds):
                return await self._followed(url, cap_bytes)
        except TimeoutError as error:
            raise OutcomeUnknown(f"a file took longer than {self._total_seconds:g} s") from error

    async def _followed(self, link: str, cap_bytes: int) -> Fetched:
        url, host = self._checked(link)
        for _ in range(_REDIRECTS + 1):
            http = self._proxied if proxy_for(str(url)) else self._direct
            response, content = await answered(self._exchange(http, url, host, cap_bytes))
            if response.status_code not in _LED_ON:
                return self._judged(response, content, host)
            url, host = self._checked(url.join(response.headers.get("location", "")))
        raise FileRefused("foreign_host", host=host)

    def _checked(self, link: str | httpx.URL) -> tuple[httpx.URL, str]:
        """Return where `link` leads, as httpx will read it, and its host, if files may be fetched there."""
        try:
            url = httpx.URL(link)
        except httpx.InvalidURL:
            raise FileRefused("foreign_host", host="") from None
        scheme, host, port = place = _place(url)
        listed = scheme == "https" and port is None and is_listed(host, self._allowed.listed)
        if url.userinfo or not (host and (place in self._allowed.own or listed)):
            raise FileRefused("foreign_host", host=host)
        return url, host

    async def _exchange(
        self, http: httpx.AsyncClient, url: httpx.URL, host: str, cap_bytes: int
    ) -> tuple[httpx.Response, bytes]:
        async with http.stream("GET", url) as response:
            if response.status_code in _LED_ON:
                return response, b""
            good = response.status_code == _OK
            try:
                encoding = response.headers.get("content-encoding", "")
                decoder = Decoder(encoding, cap_bytes=cap_bytes if good else _EXCUSE_BYTES)
                async for piece in response.aiter_raw():
                    decoder.feed(piece)
                return response, decoder.end()
            except TooLarge:
                if good:
                    raise FileRefused("too_large", host=host) from None
            except Malformed as error:
                if good:
                    raise OutcomeUnknown(f"a file came broken: {error.reason}") from error
            return response, b""

    def _judged(self, response: httpx.Response, content: bytes, host: str) -> Fetched:
        status = response.status_code
        if status == _OK:
            content_type = response.headers.get("content-type", "")
            if _is_page(content_type, content):
                raise FileRefused("web_page", host=host)
            return Fetched(content=content, content_type=content_type)
        if response.is_success:
            raise OutcomeUnknown(f"the store answered {status} without the whole file")
        error = read_error(status, b"", response.headers, now=self._now())
        if isinstance(error, Throttled | OutcomeUnknown):
            raise error
        raise FileRefused(_code(status, content), host=host)


# The stores say so in XML: Google's `ExpiredToken`, Amazon's `Request has expired`.
def _code(status: int, excuse: bytes) -> str:
    if status in {400, 401, 403} and b"expired" in excuse.lower():
        return "expired"
    return _CODES.get(status, f"http_{status}")


def _is_page(content_type: str, content: bytes) -> bool:
    start = content[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    said = content_type.partition(";")[0].strip().casefold()
    return said in {"text/html", "application/xhtml+xml"} or start.startswith((b"<!doctype html", b"<html"))


def _place(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.raw_host.decode("ascii"), url.port


@asynccontextmanager
async def open_files(
    allowed: Reach, *, total_seconds: float = TOTAL_SECONDS, now: Callable[[], float] = time.time
) -> AsyncIterator[Files]:
    """Give what fetches files, and close its connections afterwards.

    Where the environment names a proxy for a host, the proxy looks the name up and is trusted to know what
    is private; otherwise the addresses are checked here, and no other ones are connected to.
    """
    headers = {"User-Agent": f"caption-bot/{__version__}", "Accept": "*/*", "Accept-Encoding": ACCEPTED}
    timeout = httpx.Timeout(total_seconds, connect=5.0, pool=total_seconds)
    # A connection is used once, so that none is shared between two names at one address.
    limits = httpx.Limits(max_connections=8, max_keepalive_connections=0)
    inner = Later(lambda: httpx.AsyncHTTPTransport(limits=limits, trust_env=False))
    own = frozenset((host, port) for _, host, port in allowed.own)
    checked = Checked(inner, private=allowed.private, own=own)
    # Without a transport httpx reads the environment's proxies, and makes its own transports at once.
    unused = None if getproxies() else inner
    async with (
        httpx.AsyncClient(transport=checked, headers=headers, timeout=timeout) as direct,
        httpx.AsyncClient(transport=unused, limits=limits, headers=headers, timeout=timeout) as proxied,
    ):
        yield Files(direct, proxied, allowed, total_seconds=total_seconds, now=now)
