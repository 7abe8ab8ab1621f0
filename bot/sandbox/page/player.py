"""Where films of the local Mux are watched, with their captions on them: what Mux's own player link leads to.

https://www.mux.com/docs/guides/player-mux-com-reference
"""

from __future__ import annotations

import math
import re
from types import MappingProxyType
from typing import Final
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.sandbox.mux.answers import Refused
from bot.sandbox.mux.doors import open_to_all
from bot.sandbox.mux.keys import VIDEO
from bot.sandbox.mux.model import Asset, PlaybackId, Track
from bot.sandbox.mux.standin import Mux
from bot.sandbox.page.html import Html, join, tag

SECURITY: Final = MappingProxyType(
    {
        "Content-Security-Policy": (
            "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'self'; script-src 'self'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
)
# Mux's player says `start-time`, and people write `time` and `t`.
_STARTS: Final = ("start-time", "time", "t")
_SECONDS: Final = re.compile(r"\d{1,6}(?:\.\d{1,6})?")


def routes(mux: Mux) -> list[Route]:
    """Return the player's only route, `/player/{playback_id}`."""

    async def watch(request: Request) -> Response:
        playback_id, query = request.path_params["playback_id"], request.query_params
        try:
            asset, playback = mux.library.playing(playback_id)
        except Refused:
            return _page("No such video", _sentence("There is no video at this address."), status=404)
        if asset.clip is None:
            return _page(asset.title, _sentence("This video has nothing to play yet."), status=404)
        token = query.get("playback-token") or query.get("token", "")
        try:
            mux.keys.require(playback, token, VIDEO, mux.clock.now())
        except Refused as refused:
            return _page(asset.title, _sentence(f"This video cannot be played: {refused}."), status=403)
        start_seconds = next((_seconds(query[name]) for name in _STARTS if name in query), 0.0)
        return _page(asset.title, _film(asset, playback, start_seconds=start_seconds, token=token))

    return [Route("/player/{playback_id}", open_to_all(mux, "mux:player", watch), methods=["GET"])]


def _seconds(given: str) -> float:
    """Return the moment that a link names; one that makes no sense is the beginning."""
    return float(given) if _SECONDS.fullmatch(given) else 0.0


def _film(asset: Asset, playback: PlaybackId, *, start_seconds: float, token: str) -> Html:
    query = f"?{urlencode({'token': token})}" if token else ""
    base = f"/stream/{quote(playback.id, safe='')}"
    still = f"/image/{quote(playback.id, safe='')}/thumbnail.jpg"
    texts = [track for track in asset.tracks if track.type == "text"]
    ready = [track for track in texts if track.status == "ready"]
    tracks = [
        _track(track, f"{base}/text/{quote(track.id, safe='')}.vtt{query}", first=index == 0)
        for index, track in enumerate(ready)
    ]
    moment = f"#t={start_seconds:g}" if start_seconds > 0 and math.isfinite(start_seconds) else ""
    video = tag(
        "video",
        *tracks,
        src=f"{base}/video.webm{query}{moment}",
        poster=None if token else still,
        controls=True,
        preload="metadata",
        playsinline=True,
        data_start=f"{start_seconds:g}",
        aria_label=asset.title,
    )
    heard = tag("ol", id="cues", aria_label="Captions")
    return join([video, _list_of(texts), heard])


def _track(track: Track, source: str, *, first: bool) -> Html:
    return tag(
        "track", kind="subtitles", src=source, srclang=track.language_code, label=track.name, default=first
    )


def _list_of(texts: list[Track]) -> Html:
    if not texts:
        return _sentence("This video has no captions.")
    states = {"ready": "on the video", "preparing": "still being prepared"}
    lines = [
        tag(
            "li",
            tag("strong", track.name),
            f" ({track.language_code}) · {states.get(track.status, 'failed')}",
        )
        for track in texts
    ]
    return tag("ul", *lines, class_="tracks", aria_label="Text tracks")


def _sentence(text: str) -> Html:
    return tag("p", text, class_="note")


def _page(title: str, content: Html, *, status: int = 200) -> Response:
    head = tag(
        "head",
        Html('<meta charset="utf-8">'),
        Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Html('<meta name="color-scheme" content="light dark">'),
        tag("title", title),
        Html('<link rel="icon" href="/_page/static/favicon.svg" type="image/svg+xml">'),
        Html('<link rel="stylesheet" href="/_page/static/player.css">'),
        Html('<script type="module" src="/_page/static/player.js"></script>'),
    )
    body = tag("body", tag("main", tag("h1", title), content))
    document = join([Html("<!doctype html>"), tag("html", head, body, lang="en")])
    return HTMLResponse(document, status, headers=dict(SECURITY))
