"""One request over httpx and its answer, for the client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from typing import Final

import httpx

from bot.errors import NotReached, OutcomeUnknown
from bot.mux.reading import MAX_BYTES

_SILENCE_SECONDS: Final = 15.0
_NOTHING_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


async def answered(exchange: Awaitable[tuple[httpx.Response, bytes]]) -> tuple[httpx.Response, bytes]:
    """Return what an exchange brings; raise `NotReached` or `OutcomeUnknown` for what httpx raises."""
    try:
        return await exchange
    except _NOTHING_SENT as error:
        raise NotReached(f"Mux was not reached ({type(error).__name__})") from error
    except httpx.RequestError as error:
        raise OutcomeUnknown(f"the connection to Mux broke ({type(error).__name__})") from error


async def send(
    http: httpx.AsyncClient, url: str, pieces: AsyncIterator[bytes], *, length: int, media_type: str
) -> tuple[httpx.Response, bytes]:
    """Send a file's bytes as they come, without the account's credentials, and return what was answered.

    A connection on which nothing moves for 15 seconds is given up. Raises what httpx and `pieces` raise.
    """
    content = bytearray()
    async with http.stream(
        "PUT",
        url,
        content=pieces,
        headers={"Content-Length": str(length), "Content-Type": media_type},
        # The address itself is the permission; the storage behind it is not to see the token.
        auth=None,
        timeout=httpx.Timeout(_SILENCE_SECONDS),
    ) as response:
        async for chunk in response.aiter_bytes():
            content += chunk
            if len(content) > MAX_BYTES:
                break
    return response, bytes(content)
