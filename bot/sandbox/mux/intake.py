"""Takes in files: what kinds, how large, and straight to the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Final

from starlette.requests import Request

from bot.sandbox.mux.answers import Refused

MOST_FILE_BYTES: Final = 200 * 1024 * 1024
SUFFIXES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "video/mp4": ".mp4",
        "video/webm": ".webm",
        "video/quicktime": ".mov",
        "audio/mpeg": ".mp3",
        "audio/mp4": ".m4a",
        "audio/ogg": ".ogg",
        "audio/wav": ".wav",
        "audio/x-wav": ".wav",
        "audio/webm": ".webm",
        "audio/flac": ".flac",
    }
)


def media_type(request: Request) -> str:
    """Return what a request says that its body is, in small letters and without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def save(request: Request, path: Path) -> None:
    """Write a request's body to `path` as it comes; nothing is left of one that ends early.

    Raises:
        Refused: 413, when it is too large.
        ClientDisconnect: when the sender goes away.
    """
    too_big = Refused("invalid_parameters", f"The sandbox takes at most {MOST_FILE_BYTES} bytes", status=413)
    if int(request.headers.get("content-length", "0")) > MOST_FILE_BYTES:
        raise too_big
    taken, whole = 0, False
    file: BinaryIO = await asyncio.to_thread(path.open, "wb")
    try:
        async for chunk in request.stream():
            taken += len(chunk)
            if taken > MOST_FILE_BYTES:
                raise too_big
            await asyncio.to_thread(file.write, chunk)
        whole = True
    finally:
        await asyncio.to_thread(file.close)
        if not whole:
            await asyncio.to_thread(path.unlink)
