"""Signed links that die after seven days, like those of the object store behind Mux."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from bot.sandbox.clock import SandboxClock

LINK_LIFE_SECONDS: Final = 7 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """The bytes behind a link."""

    content: bytes
    media_type: str


class Storage:
    """Files in memory under `{public_url}/storage/`, readable by whoever has the link."""

    def __init__(self, public_url: str, clock: SandboxClock) -> None:
        self._public_url = public_url
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._files: dict[str, StoredFile] = {}

    def put(self, path: str, content: bytes, media_type: str, at: float) -> str:
        """Keep a file and return its link, good for seven days from `at` (seconds since the epoch)."""
        self._files[path] = StoredFile(content=content, media_type=media_type)
        expires = int(at) + LINK_LIFE_SECONDS
        signature = self._signature(path, str(expires))
        return f"{self._public_url}/storage/{path}?expires={expires}&signature={signature}"

    def holds(self, path: str) -> bool:
        """Say whether there is a file at this path."""
        return path in self._files

    async def serve(self, request: Request) -> Response:
        """Answer a link: the bytes, or 403 in the object store's XML for a forged or an old one."""
        path, expires = request.path_params["path"], request.query_params.get("expires", "")
        signature = request.query_params.get("signature", "")
        if not hmac.compare_digest(self._signature(path, expires), signature):
            return _denied("SignatureDoesNotMatch", "Access denied.")
        if self._clock.now() >= int(expires):
            return _denied("ExpiredToken", f"The provided token has expired. Expires: {expires}")
        file = self._files[path]
        return Response(file.content, media_type=file.media_type)

    def _signature(self, path: str, expires: str) -> str:
        return hmac.new(self._key, f"{path}\n{expires}".encode(), hashlib.sha256).hexdigest()


def _denied(code: str, message: str) -> Response:
    error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    body = f"<?xml version='1.0' encoding='UTF-8'?>{error}"
    return Response(body, 403, media_type="application/xml")
