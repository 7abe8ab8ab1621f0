"""How a call to the local Mux is taken in: read, made to meet its fault, journaled, dressed."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import Response

from bot.sandbox.faulty import Hangup
from bot.sandbox.mux.answers import Refused, require
from bot.sandbox.mux.standin import Mux

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]
Handle: TypeAlias = Callable[[Request, bytes], Awaitable[Response]]


def guarded(mux: Mux, name: str, handle: Handle, *, scope: str, listed: bool) -> Endpoint:
    """Return the endpoint of one call of the API.

    `name` is what faults and the journal know it by (`mux:create`). `listed` chooses the shape of 401 and
    403: Robots shows one message, the other APIs a list.
    """

    async def endpoint(request: Request) -> Response:
        body = await request.body()

        async def effect() -> Response:
            mux.agenda.run_due()
            try:
                request.state.token = require(mux.config, request.headers, scope, listed=listed)
                return await handle(request, body)
            except Refused as no:
                return no.response()

        response = await mux.thrower.answer(name, effect)
        _journal(mux, name, request, body, response)
        return mux.meter.stamp(response)

    return endpoint


def open_to_all(mux: Mux, name: str, serve: Endpoint) -> Endpoint:
    """Return the endpoint of something that needs no credentials: links, streams, images."""

    async def endpoint(request: Request) -> Response:
        async def effect() -> Response:
            mux.agenda.run_due()
            try:
                return await serve(request)
            except Refused as no:
                return no.response()

        response = mux.hostile.spoil(request.url.path, await mux.thrower.answer(name, effect))
        _journal(mux, name, request, b"", response)
        return response

    return endpoint


def read_json(body: bytes) -> Any:
    """Return the JSON value of a request.

    Raises:
        Refused: 400, when it is none.
    """
    try:
        return json.loads(body)
    except ValueError as error:
        raise Refused("invalid_parameters", "The request body is not valid JSON") from error


def whole_number(request: Request, name: str, *, default: int, most: int | None = None) -> int:
    """Return a number of the query that is at least 1.

    Raises:
        Refused: 400, when it is no such number.
    """
    given = request.query_params.get(name, str(default))
    number = int(given) if given.isascii() and given.isdigit() else 0
    if number < 1 or (most is not None and number > most):
        wanted = f"between 1 and {most}" if most else "at least 1"
        raise Refused("invalid_parameters", f"{name} must be a number {wanted}")
    return number


def _journal(mux: Mux, name: str, request: Request, body: bytes, response: Response) -> None:
    query = {key: value for key, value in request.query_params.items() if key != "signature"}
    about: dict[str, Any] = {"method": request.method, "path": request.url.path, "query": query}
    sent = _sent(body)
    if sent is not None:
        about["body"] = sent
    # A connection that closes without an answer has no status.
    status = None if isinstance(response, Hangup) else response.status_code
    mux.journal.add("mux.call", name, status=status, **about)


def _sent(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body.decode(errors="replace")[:1000]
