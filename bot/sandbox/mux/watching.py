"""The local player: one video with its captions, for whoever follows a link to a moment in it."""

from __future__ import annotations

from html import escape
from typing import Final
from urllib.parse import quote

from starlette.responses import HTMLResponse, Response

from bot.sandbox.mux.model import Asset

_POLICY: Final = "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'unsafe-inline'"
_STYLE: Final = (
    ":root{color-scheme:dark}html,body{margin:0;height:100%;background:#111;color:#eee}"
    "body{font:16px/1.4 sans-serif}"
    "body{display:flex;flex-direction:column}h1{font-size:1rem;margin:.75rem 1rem}"
    "video{flex:1;min-height:0;width:100%}"
)


def page(asset: Asset, playback_id: str, *, start_time: str, token: str) -> Response:
    """Return the player's page; the first of the ready captions is on."""
    ending = f"?token={quote(token)}" if token else ""
    base = f"/stream/{quote(playback_id, safe='')}"
    ready = [track for track in asset.tracks if track.type == "text" and track.status == "ready"]
    tracks = "".join(
        f'<track kind="captions" src="{base}/text/{quote(track.id, safe="")}.vtt{ending}" '
        f'srclang="{escape(track.language_code)}" label="{escape(track.name)}"{"" if at else " default"}>'
        for at, track in enumerate(ready)
    )
    video = f"{base}/video.webm{ending}{_moment(start_time)}"
    return HTMLResponse(
        f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>{escape(asset.title)}</title>'
        f"<style>{_STYLE}</style><h1>{escape(asset.title)}</h1>"
        f'<video controls preload="metadata" src="{video}">{tracks}</video></html>',
        headers={"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff"},
    )


def _moment(start_time: str) -> str:
    try:
        seconds = float(start_time or "0")
    except ValueError:
        return ""
    return f"#t={seconds:g}" if 0 < seconds < float("inf") else ""
