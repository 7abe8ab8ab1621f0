"""How Mux says no, who may ask, and how every answer is dressed."""

from __future__ import annotations

import base64
import binascii
import hmac
import math
from collections.abc import Sequence
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, Response

from bot.sandbox.config import SandboxConfig
from bot.sandbox.environments import MuxToken
from bot.sandbox.faults import Fault, FaultKind

# Names seen in real answers; an open set.
_STATUS_OF_TYPE: Final = {
    "invalid_parameters": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "insufficient_scope": 403,
    "robots_units_limit_exceeded": 403,
    "robots_workflow_not_available": 403,
    "not_found": 404,
    "conflict": 409,
    "unprocessable_entity": 422,
    "validation_error": 422,
}
_PROXY_STATUSES: Final = frozenset({502, 503, 504})


class Refused(Exception):
    """A definite no of Mux.

    Robots shows one `message`, except for `invalid_parameters`; the other APIs always show `messages`.
    """

    def __init__(self, type_: str, *messages: str, listed: bool = False, status: int | None = None) -> None:
        super().__init__("; ".join(messages))
        self.type = type_
        self.messages: Sequence[str] = messages
        self.status = status or _STATUS_OF_TYPE.get(type_, 400)
        self.listed = listed or type_ == "invalid_parameters"

    def response(self) -> Response:
        """Return the no in the shape that belongs to it."""
        error: dict[str, object] = {"type": self.type}
        if self.listed:
            error["messages"] = list(self.messages)
        else:
            error["message"] = " ".join(self.messages)
        return JSONResponse({"error": error}, self.status)


def refusal(fault: Fault) -> Response:
    """Return the answer of a fault that has one: 429, a definite no, or a 5xx.

    A 502 to 504 comes from whatever stands before the API, and is no JSON.
    """
    if fault.kind is FaultKind.RATE_LIMITED:
        # The body is a bare list: https://www.mux.com/docs/api-reference (RateLimitedResponse).
        wait = {"Retry-After": str(math.ceil(fault.seconds)), "X-RateLimit-Remaining": "0"}
        return JSONResponse({"errors": ["Too many requests"]}, 429, wait)
    if fault.kind is FaultKind.REFUSE:
        type_ = fault.code or "forbidden"
        status = _STATUS_OF_TYPE.get(type_, fault.status)
        return Refused(type_, f"The sandbox was told to refuse this call: {type_}.", status=status).response()
    if fault.status in _PROXY_STATUSES:
        return HTMLResponse(f"<html><body><h1>{fault.status}</h1></body></html>", fault.status)
    return Refused("internal_error", "An unexpected error occurred.", status=fault.status).response()


def require(config: SandboxConfig, headers: Headers, scope: str, *, listed: bool) -> MuxToken:
    """Return the token behind the Basic credentials, which holds `scope` (any does when that is empty).

    Raises:
        Refused: 401 for wrong credentials, 403 `insufficient_scope` for a token without the scope.
    """
    given = _credentials(headers.get("authorization", ""))
    matching = [
        token
        for token in config.mux_tokens
        if hmac.compare_digest(given, f"{token.id}:{token.secret}".encode())
    ]
    if not matching:
        raise Refused("unauthorized", "Unauthorized request", listed=listed)
    family = scope.partition(":")[0]
    if scope and not {scope, f"{family}:*"} & set(matching[0].permissions):
        raise Refused("insufficient_scope", f"The access token lacks the scope {scope}.", listed=listed)
    return matching[0]


def user_of(headers: Headers) -> str:
    """Return the id of the access token that a request names; empty when it names none."""
    return _credentials(headers.get("authorization", "")).decode(errors="replace").partition(":")[0]


def _credentials(authorization: str) -> bytes:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return b""
