"""The door for files: a signed link in, the bytes or a plain sentence out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.errors import StoreError
from bot.services import downloads
from bot.store.database import Database

# Captions may hold anything, so no browser is to run, frame, guess or keep what it gets here.
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
_SENTENCES: Final = {
    404: "There is no such file. Copy the whole link, or ask for the files again in the job's thread.\n",
    410: "This link has ended. Press Files in the job's thread in Slack to get the files again.\n",
    503: "The file could not be read just now. Try again in a moment.\n",
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloads:
    """`GET /files/{token}/{name}`, without a login: the link itself is the right to read the file."""

    store: Database

    async def send(self, request: Request) -> Response:
        """Answer with the file as a download; 404 for any other token, 410 for one that has ended."""
        try:
            wanted = await self.store.transaction(downloads.opened, request.path_params["token"])
        except StoreError:
            log.exception("download.not_read")
            return _sentence(503)
        if wanted is None or (not wanted.expired and wanted.file is None):
            return _sentence(404)
        if wanted.file is None or wanted.content is None:
            return _sentence(410)
        log.info("download.sent", file=wanted.file.id, bytes=wanted.file.size)
        named = f"attachment; filename*=UTF-8''{quote(wanted.file.name, safe='')}"
        headers = {**_HEADERS, "Content-Disposition": named}
        return Response(wanted.content, media_type=wanted.file.media_type, headers=headers)


def _sentence(status: int) -> Response:
    return PlainTextResponse(_SENTENCES[status], status_code=status, headers=_HEADERS)
