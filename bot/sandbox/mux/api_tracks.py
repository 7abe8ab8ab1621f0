"""`/video/v1/assets/{id}/tracks`: captions that somebody brings along.

https://www.mux.com/docs/api-reference/video/assets/create-asset-track
"""

from __future__ import annotations

import json
from typing import Any, Final

import aiohttp
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.mux.answers import Refused
from bot.sandbox.mux.checks import PASSTHROUGH_CHARACTERS
from bot.sandbox.mux.doors import guarded, read_json
from bot.sandbox.mux.model import Asset, Track, new_id
from bot.sandbox.mux.standin import Mux
from bot.sandbox.mux.subtitles import ingested

FETCH_SECONDS: Final = 5.0
MOST_TRACK_BYTES: Final = 5_000_000
_REQUIRED: Final = ("url", "type", "language_code")
_CHANGEABLE: Final = {"name": str, "language_code": str, "passthrough": str, "closed_captions": bool}


def routes(mux: Mux) -> list[Route]:
    """Return the routes for the tracks of an asset."""
    api = _TracksApi(mux)
    tracks = "/video/v1/assets/{asset_id}/tracks"
    table = (
        ("POST", tracks, "mux:track", api.add),
        ("PATCH", f"{tracks}/{{track_id}}", "mux:track-change", api.change),
        ("DELETE", f"{tracks}/{{track_id}}", "mux:track-delete", api.delete),
    )
    return [
        Route(path, guarded(mux, name, handle, scope="video:write", listed=True), methods=[method])
        for method, path, name, handle in table
    ]


class _TracksApi:
    def __init__(self, mux: Mux) -> None:
        self._mux = mux
        self._library = mux.library

    async def add(self, request: Request, body: bytes) -> Response:
        asset = self._library.get(request.path_params["asset_id"])
        wanted = _checked_track(read_json(body))
        if asset.status != "ready":
            raise Refused("invalid_parameters", "The asset is not ready")
        track = Track(
            id=new_id("track_", length=12),
            type="text",
            name=wanted.get("name", ""),
            language_code=wanted["language_code"],
            passthrough=wanted.get("passthrough", ""),
            closed_captions=wanted.get("closed_captions", False),
        )
        self._library.add_text_track(asset, track, self._mux.clock.now())
        self._mux.spawn(self._fill(asset, track, wanted["url"]))
        return JSONResponse({"data": track.to_json()}, 201)

    async def _fill(self, asset: Asset, track: Track, url: str) -> None:
        try:
            track.vtt = ingested(await _fetched(url))
        except ValueError as error:
            track.problem = str(error)
        self._library.settle_later(asset, track, self._mux.clock.now())

    async def change(self, request: Request, body: bytes) -> Response:
        asset, track = self._found(request)
        changes = _checked_changes(read_json(body))
        if track.type != "text":
            raise Refused("invalid_parameters", "Only text tracks can be changed in this sandbox")
        self._library.change_track(asset, track, changes, self._mux.clock.now())
        return JSONResponse({"data": track.to_json()})

    async def delete(self, request: Request, body: bytes) -> Response:
        del body
        asset, track = self._found(request)
        if track.type != "text":
            raise Refused("invalid_parameters", "The primary audio track and video tracks cannot be deleted")
        self._library.delete_track(asset, track, self._mux.clock.now())
        return Response(status_code=204)

    def _found(self, request: Request) -> tuple[Asset, Track]:
        asset = self._library.get(request.path_params["asset_id"])
        track = asset.track(request.path_params["track_id"])
        if track is None:
            raise Refused("not_found", "The requested track does not exist", listed=True)
        return asset, track


def _checked_track(body: Any) -> dict[str, Any]:
    wanted = body if isinstance(body, dict) else {}
    messages = [
        f"{name} is required"
        for name in _REQUIRED
        if not (isinstance(wanted.get(name), str) and wanted[name])
    ]
    if not messages and wanted["type"] != "text":
        messages = ["type must be text; this sandbox takes no audio tracks"]
    # Mux takes public addresses only; on this machine the file lies on this machine too.
    if not messages and not wanted["url"].startswith(("http://", "https://")):
        messages = ["url must be a public address"]
    if wanted.get("text_type", "subtitles") != "subtitles":
        messages.append("text_type must be subtitles")
    messages += _odd(wanted)
    if messages:
        raise Refused("invalid_parameters", *messages)
    return wanted


def _checked_changes(body: Any) -> dict[str, Any]:
    changes = body if isinstance(body, dict) else {}
    messages = [f"{name} cannot be changed" for name in sorted(changes.keys() - _CHANGEABLE.keys())]
    messages += _odd(changes)
    messages += [f"{name} must not be empty" for name in ("name", "language_code") if changes.get(name) == ""]
    if not changes:
        messages = ["nothing to change"]
    if messages:
        raise Refused("invalid_parameters", *messages)
    return changes


def _odd(values: dict[str, Any]) -> list[str]:
    odd = [
        f"{name} must be {json.dumps(kind.__name__)}"
        for name, kind in _CHANGEABLE.items()
        if name in values and not isinstance(values[name], kind)
    ]
    passthrough = values.get("passthrough")
    if isinstance(passthrough, str) and len(passthrough) > PASSTHROUGH_CHARACTERS:
        odd.append(f"passthrough has at most {PASSTHROUGH_CHARACTERS} characters")
    return odd


async def _fetched(url: str) -> bytes:
    """Return the bytes behind `url`; raise ValueError with the reason when they cannot be had."""
    timeout = aiohttp.ClientTimeout(total=FETCH_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as answer:
            answer.raise_for_status()
            # One byte more than is taken, so that a longer file shows.
            content = bytearray()
            async for piece in answer.content.iter_any():
                content += piece
                if len(content) > MOST_TRACK_BYTES:
                    raise ValueError("The file is too large.")
            return bytes(content)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ValueError("The file could not be downloaded.") from error
