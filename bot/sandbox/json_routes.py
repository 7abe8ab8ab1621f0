"""JSON over HTTP for the control interfaces."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

Handler: TypeAlias = Callable[[Request, dict[str, Any]], Awaitable[Any]]


class BadControl(ValueError):
    """A control request that makes no sense; the sentence is its answer."""


def json_endpoint(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Turn a function of a request and its JSON body into an endpoint; what it returns is the answer.

    A POST has to say that its body is JSON.
    """

    async def endpoint(request: Request) -> Response:
        body: Any = {}
        if request.method == "POST":
            kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind != "application/json":
                return JSONResponse({"error": "json_only"}, 415)
            try:
                body = json.loads(await request.body() or b"{}")
            except ValueError:
                return JSONResponse({"error": "invalid_json"}, 400)
            if not isinstance(body, dict):
                return JSONResponse({"error": "json_not_object"}, 400)
        try:
            return JSONResponse(await handler(request, body))
        except BadControl as bad:
            return JSONResponse({"error": str(bad)}, 400)

    return endpoint
