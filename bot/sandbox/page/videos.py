"""What the page has to know of a video at Mux; the Mux stand-in provides it."""

from __future__ import annotations

from dataclasses import dataclass

_MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """A line of the list; `state` is Mux's word for it, `note` what the video is good for in a trial."""

    asset_id: str
    title: str
    duration_seconds: float
    state: str
    note: str = ""

    @property
    def length(self) -> str:
        """Return the duration as `m:ss`."""
        minutes, seconds = divmod(round(self.duration_seconds), _MINUTE)
        return f"{minutes}:{seconds:02d}"
