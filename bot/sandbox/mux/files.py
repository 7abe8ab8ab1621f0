"""What needs no credentials at the local Mux: signed links, films, their text and stills, and uploads.

https://www.mux.com/docs/guides/play-your-videos
"""

from __future__ import annotations

from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from bot.sandbox.mux import intake
from bot.sandbox.mux.answers import Refused
from bot.sandbox.mux.doors import Endpoint, open_to_all
from bot.sandbox.mux.model import Asset, new_id
from bot.sandbox.mux.standin import Mux


def routes(mux: Mux) -> list[Route]:
    """Return the routes that need no credentials."""
    files = _Files(mux)
    table = (
        ("/storage/{path:path}", "mux:file", mux.storage.serve),
        ("/stream/{playback_id}/text/{track_id}.vtt", "mux:text", files.text),
        ("/stream/{playback_id}/{name}", "mux:stream", files.video),
        ("/image/{playback_id}/{name}", "mux:image", files.still),
    )
    fetched = [Route(path, open_to_all(mux, name, serve), methods=["GET"]) for path, name, serve in table]
    place = "/uploads/{upload_id}/{key}"
    return [Route(place, open_to_all(mux, "mux:upload-put", _put(mux)), methods=["PUT"]), *fetched]


def _put(mux: Mux) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        names = request.path_params
        upload = mux.uploads.admitted(names["upload_id"], names["key"], mux.clock.now())
        kind = intake.media_type(request)
        path = mux.upload_folder() / f"{new_id(length=16)}{intake.SUFFIXES.get(kind, '')}"
        try:
            await intake.save(request, path)
        except ClientDisconnect:
            # Nobody is there to be answered; what came is no whole file.
            return Response(status_code=400)
        mux.uploads.take(upload, path, kind or "application/octet-stream", mux.clock.now())
        return Response(status_code=200)

    return endpoint


class _Files:
    def __init__(self, mux: Mux) -> None:
        self._library = mux.library

    async def text(self, request: Request) -> Response:
        asset = self._public(request)
        track = asset.track(request.path_params["track_id"])
        if track is None or track.type != "text" or track.status != "ready":
            raise Refused("not_found", "The requested track does not exist", listed=True)
        return Response(track.vtt, media_type="text/vtt")

    async def video(self, request: Request) -> Response:
        clip = self._public(request).clip
        # The name is only checked for its stem: a player asks for video.webm or video.mp4 alike.
        if clip is None or not request.path_params["name"].startswith("video."):
            raise Refused("not_found", "There is no such file", listed=True)
        return FileResponse(clip.video, media_type=clip.media_type)

    async def still(self, request: Request) -> Response:
        clip = self._public(request).clip
        known = request.path_params["name"].startswith("thumbnail.")
        if clip is None or clip.poster is None or not known:
            raise Refused("not_found", "There is no such image", listed=True)
        return FileResponse(clip.poster, media_type="image/jpeg")

    def _public(self, request: Request) -> Asset:
        asset, playback = self._library.playing(request.path_params["playback_id"])
        if playback.policy != "public":
            raise Refused("forbidden", "This playback ID needs a signed token", listed=True)
        return asset
