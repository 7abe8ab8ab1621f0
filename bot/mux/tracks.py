"""Writes a text track the way Mux reads it. Performs no I/O."""

from __future__ import annotations

from typing import Any

from bot.mux.creating import checked_passthrough


# https://www.mux.com/docs/api-reference/video/assets/create-asset-track
def track_body(
    *, url: str, language_code: str, name: str, passthrough: str, closed_captions: bool
) -> dict[str, Any]:
    """Return the JSON body that adds captions from an SRT or WebVTT file that Mux can reach at `url`.

    An empty `passthrough` is left out.

    Raises:
        BotError: `passthrough` has more than 255 characters.
    """
    body: dict[str, Any] = {
        "type": "text",
        "text_type": "subtitles",
        "url": url,
        "language_code": language_code,
        "name": name,
        "closed_captions": closed_captions,
    }
    return {**body, "passthrough": checked_passthrough(passthrough)} if passthrough else body
