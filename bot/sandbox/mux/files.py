"""What needs no credentials at the local Mux: signed links, films, their text and stills, and uploads.

Instead of Mux's hosts it has folders: `/stream` and `/image`. What is not public wants a token.
https://www.mux.com/docs/guides/play-your-videos
"""

from __future__ import annotations

from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from bot.sandbox.mux import intake
from bot.sandbox.mux.answers import Refused
from bot.sandbox.mux.doors import Endpoint, open_to_all
from bot.sandbox.mux.keys import THUMBNAIL, VIDEO
from bot.sandbox.mux.model import Asset, new_id
from bot.sandbox.mux.standin import Mux
from bot.sandbox.mux.stills import still


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
        self._mux = mux

    async def text(self, request: Request) -> Response:
        asset = self._admitted(request, VIDEO)
        track = asset.track(request.path_params["track_id"])
        if track is None or track.type != "text" or track.status != "ready":
            raise Refused("not_found", "The requested track does not exist", listed=True)
        return Response(track.vtt, media_type="text/vtt")

    async def video(self, request: Request) -> Response:
        clip = self._admitted(request, VIDEO).clip
        # The name is only checked for its stem: a player asks for video.webm or video.mp4 alike.
        if clip is None or not request.path_params["name"].startswith("video."):
            raise Refused("not_found", "There is no such file", listed=True)
        return FileResponse(clip.video, media_type=clip.media_type)

    async def still(self, request: Request) -> Response:
        clip = self._admitted(request, THUMBNAIL).clip
        known = request.path_params["name"].startswith("thumbnail.")
        # A recording of sound alone has no picture.
        if clip is None or not known or not clip.media_type.startswith("video/"):
            raise Refused("not_found", "There is no such image", listed=True)
        if clip.poster is None:
            return Response(still(), media_type="image/png")
        return FileResponse(clip.poster, media_type="image/jpeg")

    def _admitted(self, request: Request, audience: str) -> Asset:
        asset, playback = self._mux.library.playing(request.path_params["playback_id"])
        token = request.query_params.get("token", "")
        self._mux.keys.require(playback, token, audience, self._mux.clock.now())
        return asset
