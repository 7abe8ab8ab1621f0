"""Where Mux shows what it keeps: streams, images, the player, and the stores behind its links. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

STREAM: Final = "https://stream.mux.com"
IMAGE: Final = "https://image.mux.com"
PLAYER: Final = "https://player.mux.com"

FILE_HOSTS: Final = (
    "mux.com",
    ".mux.com",
    "storage.googleapis.com",
    ".storage.googleapis.com",
    ".amazonaws.com",
    ".r2.cloudflarestorage.com",
)
"""From where a link of Mux may be fetched; a name that begins with a dot stands for all below it.

Mux documents no host for its temporary links. Its guide shows Google's store; the others are the large
stores that pre-signed links of this kind lead to.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """The bases of Mux's public addresses, without a slash at the end; a local Mux has its own."""

    stream: str = STREAM
    image: str = IMAGE
    player: str = PLAYER

    # https://www.mux.com/docs/guides/add-subtitles-to-your-videos
    def text(self, playback_id: str, track_id: str, *, token: str = "") -> str:
        """Return where a ready text track is as WebVTT; a signed playback id needs a token for `video`."""
        return _with(
            f"{self.stream}/{quote(playback_id, safe='')}/text/{quote(track_id, safe='')}.vtt", token=token
        )

    # https://www.mux.com/docs/guides/get-images-from-a-video
    def thumbnail(self, playback_id: str, *, width: int | None = None, token: str = "") -> str:
        """Return where the asset's still is, `width` pixels wide.

        A signed playback id needs a token for `thumbnail`, which carries the width itself.
        """
        wanted = {} if width is None or token else {"width": str(width)}
        return _with(f"{self.image}/{quote(playback_id, safe='')}/thumbnail.png", **wanted, token=token)

    # https://www.mux.com/docs/guides/player-mux-com-reference
    def watch(self, playback_id: str, *, at_seconds: float | None = None) -> str:
        """Return where people watch it, from `at_seconds` on."""
        wanted = (
            {}
            if at_seconds is None
            else {"start-time": f"{max(at_seconds, 0.0):.3f}".rstrip("0").rstrip(".")}
        )
        return _with(f"{self.player}/{quote(playback_id, safe='')}", **wanted)


def _with(url: str, **query: str) -> str:
    kept = {name: value for name, value in query.items() if value}
    return f"{url}?{urlencode(kept)}" if kept else url


def is_listed(host: str, listed: frozenset[str]) -> bool:
    """Say whether `host` is one of `listed`, or lies below one that begins with a dot."""
    name = host.casefold().rstrip(".")
    return name in listed or any(entry.startswith(".") and name.endswith(entry) for entry in listed)
