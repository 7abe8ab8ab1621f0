"""Reads request bodies no further than they may go."""

from __future__ import annotations

import hashlib
from typing import Final

from starlette.requests import Request

MAX_BYTES: Final = 1_000_000
"""More than either vendor ever sends: a Slack view is at most 250 KB, a Mux job a few."""


class TooLarge(Exception):
    """The body is longer than `MAX_BYTES`; the rest of it was not read."""


async def read(request: Request) -> bytes:
    """Return the raw body.

    Raises:
        TooLarge: as soon as that is known, by its announced or its real length.
    """
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > MAX_BYTES:
        raise TooLarge
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise TooLarge
    return bytes(body)


def digest(raw: bytes) -> str:
    """Return what tells two bodies apart; whoever sent one may know by it whether it arrived as it was."""
    return hashlib.sha256(raw).hexdigest()
