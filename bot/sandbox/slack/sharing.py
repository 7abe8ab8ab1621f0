"""Files as they come from a browser or a test: a request whose body is the file itself."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

from bot.sandbox.slack.model import Refusal

MOST_FILE_BYTES: Final = 200 * 1024 * 1024
"""The workspace lives in memory, and so do its files."""


async def whole_file(request: Request) -> bytes:
    """Return the body of a request.

    Raises:
        Refusal: `file_too_large`.
    """
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MOST_FILE_BYTES:
            raise Refusal("file_too_large")
    return bytes(content)
