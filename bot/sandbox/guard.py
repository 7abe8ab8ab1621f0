"""Keeps other sites' pages away from the control interfaces and from the page.

Whoever runs the sandbox also visits web sites, and their scripts may send requests to 127.0.0.1. A foreign
Origin gives them away; a form needs no Origin check to be refused, because its content type is one of the
three that need no leave; and a name of their own that suddenly points to 127.0.0.1 shows in the Host header.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_GUARDED = ("/_sandbox/", "/_page/")
# https://fetch.spec.whatwg.org/#cors-safelisted-request-header
_SIMPLE = frozenset({"", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain"})
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Guard:
    """ASGI middleware that lets only this machine's own pages and plain clients through.

    `public_url` names a further host under which the sandbox may be reached.
    """

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self._app = app
        self._hosts = _LOOPBACK | {urlsplit(public_url).hostname or ""}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it with 403 or 415."""
        if scope["type"] == "http" and (scope["path"] == "/" or scope["path"].startswith(_GUARDED)):
            refusal = self._refusal(scope)
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if urlsplit(f"//{host}").hostname not in self._hosts:
            return JSONResponse({"error": "foreign_host"}, 403)
        if origin is not None and urlsplit(origin).netloc != host:
            return JSONResponse({"error": "foreign_origin"}, 403)
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if scope["method"] == "POST" and kind in _SIMPLE:
            return JSONResponse({"error": "json_only"}, 415)
        return None
