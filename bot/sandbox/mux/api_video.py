"""`/video/v1`: assets, uploads and playback ids.

https://www.mux.com/docs/api-reference#video
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.mux.answers import Refused
from bot.sandbox.mux.doors import guarded, read_json, whole_number
from bot.sandbox.mux.standin import Mux

MOST_PER_PAGE: Final = 100


def routes(mux: Mux) -> list[Route]:
    """Return the routes of the Video API that a captions bot needs, but for tracks."""
    api = _VideoApi(mux)
    table = (
        ("GET", "/video/v1/assets", "mux:assets", "video:read", api.assets),
        ("GET", "/video/v1/assets/{asset_id}", "mux:asset", "video:read", api.asset),
        ("POST", "/video/v1/uploads", "mux:upload", "video:write", api.create_upload),
        ("GET", "/video/v1/uploads/{upload_id}", "mux:upload-status", "video:read", api.upload),
        ("GET", "/video/v1/playback-ids/{playback_id}", "mux:playback-id", "video:read", api.playback_id),
    )
    return [
        Route(path, guarded(mux, name, handle, scope=scope, listed=True), methods=[method])
        for method, path, name, scope, handle in table
    ]


class _VideoApi:
    def __init__(self, mux: Mux) -> None:
        self._mux = mux
        self._library = mux.library

    async def assets(self, request: Request, body: bytes) -> Response:
        del body
        limit = whole_number(request, "limit", default=25, most=MOST_PER_PAGE)
        newest_first = sorted(self._library.assets.values(), key=lambda asset: -asset.created_at)
        if "cursor" in request.query_params:
            first = _position(request.query_params["cursor"])
        else:
            first = (whole_number(request, "page", default=1) - 1) * limit
        page = newest_first[first : first + limit]
        more = first + limit < len(newest_first)
        cursor = base64.urlsafe_b64encode(str(first + limit).encode()).decode() if more else None
        return JSONResponse({"data": [asset.to_json() for asset in page], "next_cursor": cursor})

    async def asset(self, request: Request, body: bytes) -> Response:
        del body
        return JSONResponse({"data": self._library.get(request.path_params["asset_id"]).to_json()})

    async def create_upload(self, request: Request, body: bytes) -> Response:
        del request
        upload = self._mux.uploads.open(read_json(body), self._mux.clock.now())
        return JSONResponse({"data": self._mux.uploads.to_json(upload, with_url=True)}, 201)

    async def upload(self, request: Request, body: bytes) -> Response:
        del body
        upload = self._mux.uploads.get(request.path_params["upload_id"], self._mux.clock.now())
        return JSONResponse({"data": self._mux.uploads.to_json(upload, with_url=False)})

    async def playback_id(self, request: Request, body: bytes) -> Response:
        del body
        playback_id = request.path_params["playback_id"]
        if playback_id in self._library.live_streams:
            object_ = {"type": "live_stream", "id": self._library.live_streams[playback_id]}
            return JSONResponse({"data": {"id": playback_id, "policy": "public", "object": object_}})
        asset, playback = self._library.playing(playback_id)
        shown = {"id": playback.id, "policy": playback.policy, "object": {"type": "asset", "id": asset.id}}
        return JSONResponse({"data": shown})


def _position(cursor: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor))
    except (binascii.Error, ValueError) as error:
        raise Refused("invalid_parameters", "cursor is not one that this list has given") from error
