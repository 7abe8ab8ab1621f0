"""Reads the bytes of files that people have in Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from bot.errors import SlackRefused
from bot.slack.errors import from_answer, from_connection_error
from bot.slack.proxies import proxy_for

PIECE_BYTES: Final = 64 * 1024
NOT_SLACKS: Final = "not_slacks"
"""The code for an address that is not Slack's own, or leads away from there."""

_METHOD: Final = "download"
_OK: Final = 200
_REDIRECTS: Final = range(300, 400)
# The whole takes as long as it takes; a connection on which nothing moves is given up.
_TIMEOUT: Final = aiohttp.ClientTimeout(total=None, sock_connect=5.0, sock_read=15.0)


async def download(
    session: aiohttp.ClientSession, token: str, url: str, *, api_url: str
) -> AsyncIterator[bytes]:
    """Yield a file's bytes in pieces of at most 64 KiB.

    The token goes to Slack's own hosts only and follows no redirect: both are refused as `not_slacks`. A
    token without `files:read` gets Slack's page for signing in, with 200, and comes out as
    `missing_scope`. Otherwise it raises what the client's methods raise.
    """
    if not is_slacks(url, api_url):
        raise SlackRefused(NOT_SLACKS, method=_METHOD)
    headers = {"Authorization": f"Bearer {token}"}
    try:
        async with session.get(
            url, headers=headers, timeout=_TIMEOUT, allow_redirects=False, proxy=proxy_for(url)
        ) as response:
            _check(response)
            async for piece in response.content.iter_chunked(PIECE_BYTES):
                yield piece
    except (aiohttp.ClientError, OSError) as error:
        # Without its cause, because some of aiohttp's errors quote the URL.
        raise from_connection_error(error, _METHOD) from None


def is_slacks(url: str, api_url: str) -> bool:
    """Say whether a file's address lies where Slack keeps files: beside the API, or at its `files.` host."""
    try:
        wanted, api = urlsplit(url), urlsplit(api_url)
        same = (wanted.scheme, wanted.hostname, wanted.port) == (api.scheme, api.hostname, api.port)
        files = f"files.{(api.hostname or '').removeprefix('www.')}"
        beside = wanted.scheme == "https" and wanted.hostname == files and wanted.port in (None, 443)
    except ValueError:
        return False
    return same or beside


def _check(response: aiohttp.ClientResponse) -> None:
    if response.status in _REDIRECTS:
        raise SlackRefused(NOT_SLACKS, method=_METHOD)
    if response.status != _OK:
        raise from_answer(response.status, "", response.headers, method=_METHOD)
    # https://docs.slack.dev/reference/objects/file-object: what a token may not read answers as a web page.
    if response.content_type == "text/html":
        raise SlackRefused("missing_scope", method=_METHOD, needed="files:read")
