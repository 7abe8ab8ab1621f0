"""`/system/v1`: who is asking, signing keys, and where events are sent.

https://www.mux.com/docs/api-reference/system
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.environments import MuxToken
from bot.sandbox.mux.answers import Refused
from bot.sandbox.mux.doors import guarded, read_json, whole_number
from bot.sandbox.mux.standin import Mux

MOST_PER_PAGE: Final = 100


def routes(mux: Mux) -> list[Route]:
    """Return the routes of the System API."""
    api = _SystemApi(mux)
    keys, hooks = "/system/v1/signing-keys", "/system/v1/webhooks"
    table = (
        ("GET", "/system/v1/whoami", "mux:whoami", "", api.whoami),
        ("GET", keys, "mux:keys", "system:read", api.keys),
        ("POST", keys, "mux:key-create", "system:write", api.create_key),
        ("GET", f"{keys}/{{key_id}}", "mux:key", "system:read", api.key),
        ("DELETE", f"{keys}/{{key_id}}", "mux:key-delete", "system:write", api.delete_key),
        ("GET", hooks, "mux:webhooks", "system:read", api.hooks),
        ("POST", hooks, "mux:webhook-create", "system:write", api.create_hook),
        ("GET", f"{hooks}/{{hook_id}}", "mux:webhook", "system:read", api.hook),
        ("PATCH", f"{hooks}/{{hook_id}}", "mux:webhook-change", "system:write", api.change_hook),
        ("DELETE", f"{hooks}/{{hook_id}}", "mux:webhook-delete", "system:write", api.delete_hook),
    )
    return [
        Route(path, guarded(mux, name, handle, scope=scope, listed=True), methods=[method])
        for method, path, name, scope, handle in table
    ]


class _SystemApi:
    def __init__(self, mux: Mux) -> None:
        self._mux = mux
        self._keys = mux.keys
        self._endpoints = mux.webhooks.endpoints

    async def whoami(self, request: Request, body: bytes) -> Response:
        del body
        token: MuxToken = request.state.token
        shown = {
            "permissions": list(token.permissions),
            "organization_name": "Sandbox",
            "organization_id": "sandbox",
            "environment_type": "development",
            "environment_name": self._mux.config.mux_environment_name,
            "environment_id": self._mux.config.mux_environment_id,
            "access_token_name": token.name,
        }
        return JSONResponse({"data": shown})

    async def keys(self, request: Request, body: bytes) -> Response:
        del body
        rows = [key.to_json() for key in reversed(self._keys.by_id.values())]
        return _page(request, rows)

    async def create_key(self, request: Request, body: bytes) -> Response:
        del request, body
        key, private = await asyncio.to_thread(self._keys.make, self._mux.clock.now())
        return JSONResponse({"data": key.to_json() | {"private_key": private}}, 201)

    async def key(self, request: Request, body: bytes) -> Response:
        del body
        return JSONResponse({"data": self._keys.get(request.path_params["key_id"]).to_json()})

    async def delete_key(self, request: Request, body: bytes) -> Response:
        del body
        del self._keys.by_id[self._keys.get(request.path_params["key_id"]).id]
        return Response(status_code=204)

    async def hooks(self, request: Request, body: bytes) -> Response:
        del body
        return _page(request, [one.to_json() for one in reversed(self._endpoints.by_id.values())])

    async def create_hook(self, request: Request, body: bytes) -> Response:
        del request
        wanted = _fields(body, {"address"})
        made = self._endpoints.add(wanted.get("address"), self._mux.clock.now())
        return JSONResponse({"data": made.to_json() | {"signing_secret": made.secret}}, 201)

    async def hook(self, request: Request, body: bytes) -> Response:
        del body
        return JSONResponse({"data": self._endpoints.get(request.path_params["hook_id"]).to_json()})

    async def change_hook(self, request: Request, body: bytes) -> Response:
        endpoint = self._endpoints.get(request.path_params["hook_id"])
        self._endpoints.change(endpoint, _fields(body, {"address", "enabled"}))
        return JSONResponse({"data": endpoint.to_json()})

    async def delete_hook(self, request: Request, body: bytes) -> Response:
        del body
        del self._endpoints.by_id[self._endpoints.get(request.path_params["hook_id"]).id]
        return Response(status_code=204)


def _page(request: Request, rows: list[dict[str, Any]]) -> Response:
    limit = whole_number(request, "limit", default=25, most=MOST_PER_PAGE)
    page = whole_number(request, "page", default=1)
    first = (page - 1) * limit
    shown = {"data": rows[first : first + limit], "total_row_count": len(rows), "page": page, "limit": limit}
    return JSONResponse(shown)


def _fields(body: bytes, known: set[str]) -> dict[str, Any]:
    """Return the object in a body; raise `Refused` (400) when it is none, is empty, or has other fields."""
    wanted = read_json(body)
    if not isinstance(wanted, dict) or not wanted or wanted.keys() - known:
        raise Refused("invalid_parameters", f"The body must hold {' or '.join(sorted(known))}")
    return wanted
