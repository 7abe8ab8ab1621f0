"""Reads the text of tracks before a job can make Mux delete them."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from typing import Final, Protocol

import structlog

from bot.errors import FileRefused, NotDone, OutcomeUnknown
from bot.rules import mending, saving
from bot.rules.decoding import MAX_BYTES
from bot.rules.jobs import Job
from bot.rules.saving import SavedTrack
from bot.rules.video import Video
from bot.services.preparing import Rescued, obstacle, waits
from bot.store.files import Packed, pack

TOTAL_SECONDS: Final = 20.0
"""How long reading all of them may take; less than a claim holds its lane."""

_SIGNATURE: Final = b"WEBVTT"
_BOM: Final = b"\xef\xbb\xbf"
_MEDIA_TYPE: Final = "text/vtt; charset=utf-8"
_UNFIT: Final = re.compile(r"[^\w().-]+")
_LONGEST_NAME: Final = 80

log = structlog.get_logger(__name__)


class Texts(Protocol):
    """Where the text of a track is read; `bot.mux.texts` has the real one."""

    @property
    def can_sign(self) -> bool:
        """Whether text behind signed playback ids can be read."""

    async def read(self, video: Video, track_id: str, *, cap_bytes: int) -> bytes:
        """Return a track's text as Mux serves it, byte for byte; raises what `Files.fetch` does."""


class Unread:
    """Reads nothing, so that a job which would delete a track asks a person first."""

    can_sign = False

    async def read(self, video: Video, track_id: str, *, cap_bytes: int) -> bytes:
        """Refuse."""
        del video, track_id, cap_bytes
        raise FileRefused("not_there", host="")


@dataclass(frozen=True, slots=True)
class _Read:
    track: SavedTrack
    file: Packed | None = None
    error: str = ""


class Saving:
    """The part of `Prepare` that keeps what a job may delete."""

    def __init__(self, texts: Texts, *, total_seconds: float = TOTAL_SECONDS) -> None:
        self._texts = texts
        self._total_seconds = total_seconds

    async def take(self, job: Job, video: Video) -> Rescued:
        """Return the tracks at stake with their texts, and what could not be read although it might be.

        Nothing is read for a job that is not sent now anyway.
        """
        can_sign = self._texts.can_sign
        if waits(job, video):
            return Rescued()
        if obstacle(job, video) is not None:
            # What replacing would mean is shown beside the button that offers it.
            wanted = mending.replacing(job.request) if job.edit is None else job.request
            return Rescued(tracks=saving.assessed(video, wanted, job.edit, can_sign=can_sign))
        stakes = saving.assessed(video, job.request, job.edit, can_sign=can_sign)
        found = await self._found(video, stakes)
        error = next((each.error for each in found if each.error), "")
        if error:
            log.warning("mux.track_not_saved", job=job.id, error=error)
        if error and job.unsaved_by is None:
            return Rescued(tracks=stakes, error=error)
        return Rescued(
            tracks=tuple(each.track for each in found),
            files=tuple(each.file for each in found if each.file is not None),
        )

    async def _found(self, video: Video, stakes: tuple[SavedTrack, ...]) -> list[_Read]:
        try:
            async with asyncio.timeout(self._total_seconds):
                return await asyncio.gather(*(self._read(video, track) for track in stakes))
        except TimeoutError:
            late = f"it took longer than {self._total_seconds:g} s"
            return [
                _Read(track) if track.problem else _Read(replace(track, problem=saving.UNREAD), error=late)
                for track in stakes
            ]

    async def _read(self, video: Video, track: SavedTrack) -> _Read:
        if track.problem:
            return _Read(track)
        try:
            content = await self._texts.read(video, track.id, cap_bytes=MAX_BYTES)
        except (NotDone, OutcomeUnknown, FileRefused) as error:
            return _Read(replace(track, problem=saving.UNREAD), error=str(error))
        if not content.removeprefix(_BOM).startswith(_SIGNATURE):
            return _Read(replace(track, problem=saving.UNREAD), error="what Mux sent is no WebVTT")
        stem = _UNFIT.sub("-", track.name).strip("-. ")[:_LONGEST_NAME] or track.id
        name = f"before.{stem}.vtt"
        return _Read(track, pack(kind=track.kind, name=name, media_type=_MEDIA_TYPE, content=content))
