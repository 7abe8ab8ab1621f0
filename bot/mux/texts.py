"""Reads the text of tracks where Mux serves it to players."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Protocol

from bot.errors import FileRefused
from bot.mux.fetching import Fetched
from bot.rules.hosts import Hosts
from bot.rules.video import Video

_TOKEN_SECONDS: Final = 300.0
_SIGNED: Final = "signed"


class Fetching(Protocol):
    """What of `Files` is needed here."""

    async def fetch(self, url: str, *, cap_bytes: int) -> Fetched:
        """Return the file behind `url`."""


class Signing(Protocol):
    """What signs; `bot.mux.tokens` has it, and is not needed where nothing is signed."""

    def sign(self, playback_id: str, *, expires_at: float) -> str:
        """Return a token for one playback id until then."""


class TrackTexts:
    """The texts of one Mux environment; without a `signer` those behind signed playback ids stay closed."""

    def __init__(
        self, files: Fetching, hosts: Hosts, signer: Signing | None, *, now: Callable[[], float] = time.time
    ) -> None:
        self._files = files
        self._hosts = hosts
        self._signer = signer
        self._now = now

    @property
    def can_sign(self) -> bool:
        """Whether text behind signed playback ids can be read."""
        return self._signer is not None

    async def read(self, video: Video, track_id: str, *, cap_bytes: int) -> bytes:
        """Return a ready track's text as WebVTT, byte for byte as it is served.

        Raises:
            FileRefused: It cannot be had, among others because nobody may read it.
            NotDone: Asking again later may help; `OutcomeUnknown` likewise.
        """
        if video.playback_id is None:
            raise FileRefused("forbidden", host="")
        token = ""
        if video.policy == _SIGNED and self._signer is not None:
            token = self._signer.sign(video.playback_id, expires_at=self._now() + _TOKEN_SECONDS)
        url = self._hosts.text(video.playback_id, track_id, token=token)
        return (await self._files.fetch(url, cap_bytes=cap_bytes)).content
