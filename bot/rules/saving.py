"""Text tracks that a job makes Mux delete, and what is kept of them before it does. Performs no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from bot.rules import archive
from bot.rules.edits import CaptionEdit
from bot.rules.request import CaptionRequest, Replace
from bot.rules.video import ERRORED, TextTrack, Video, is_gone, matches

SIGNED: Final = "signed"
"""The asset plays with signed addresses only, and the bot has no signing key."""
NOT_PUBLIC: Final = "not_public"
"""The asset has no public or signed playback id, so nobody but Mux can read its text."""
NO_TEXT: Final = "no_text"
"""The track never became readable, so there is nothing to save."""
UNREAD: Final = "unread"
"""Mux did not hand the text out, and somebody said that the track may go all the same."""

TRIES: Final = 6
"""How often a text that Mux does not hand out is asked for before the person is asked what to do."""

_GENERATED: Final = "generated_"
_PUBLIC: Final = "public"
_SIGNED: Final = "signed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedTrack:
    """A text track as it was before a job could delete it.

    `problem` says why its text is not kept, empty when it is: one of this module's reasons.
    """

    id: str
    name: str = ""
    language_code: str = ""
    closed_captions: bool = False
    passthrough: str = ""
    source: str = ""
    problem: str = ""

    @property
    def kind(self) -> str:
        """The kind under which its text is in the archive."""
        return f"{archive.REPLACED}:{self.id}"

    @property
    def is_kept(self) -> bool:
        """Whether its text is in the archive, so that it can be put back."""
        return not self.problem

    def to_json(self) -> dict[str, Any]:
        """Return the stored form: plain JSON values under the field names of this class."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote; unknown keys of a newer version are ignored."""
        return cls(**{name: stored[name] for name in cls.__slots__ if name in stored})

    @classmethod
    def of(cls, track: TextTrack, problem: str = "") -> Self:
        """Return a track as it is now, with why its text cannot be kept."""
        return cls(
            id=track.id,
            name=track.name,
            language_code=track.language_code,
            closed_captions=track.closed_captions,
            passthrough=track.passthrough,
            source=track.source,
            problem=problem,
        )


def replaces(request: CaptionRequest, edit: CaptionEdit | None) -> bool:
    """Say whether such a job can make Mux delete a track at all."""
    if edit is not None:
        return not edit.keep_original
    return request.upload_to_mux and request.replace is not Replace.FAIL


def at_stake(video: Video, request: CaptionRequest, edit: CaptionEdit | None = None) -> tuple[TextTrack, ...]:
    """Return the tracks that Mux may delete for a job.

    Without a language Mux decides only after it has listened, so every track is at stake.
    """
    there = tuple(track for track in video.tracks if not is_gone(track))
    if not replaces(request, edit):
        return ()
    if edit is not None:
        return tuple(track for track in there if track.id == edit.track_id)
    only_generated = request.replace is Replace.GENERATED
    return tuple(
        track
        for track in there
        if (request.language_code is None or matches(track, request))
        and (not only_generated or track.source.startswith(_GENERATED))
    )


def problem(video: Video, track: TextTrack, *, can_sign: bool) -> str:
    """Return why a track's text cannot be read, empty when it can be tried."""
    if track.status == ERRORED:
        return NO_TEXT
    if video.policy == _PUBLIC:
        return ""
    if video.policy == _SIGNED:
        return "" if can_sign else SIGNED
    return NOT_PUBLIC


def assessed(
    video: Video, request: CaptionRequest, edit: CaptionEdit | None = None, *, can_sign: bool
) -> tuple[SavedTrack, ...]:
    """Return the tracks at stake with what is known to keep each from being saved; nothing is read."""
    return tuple(
        SavedTrack.of(track, problem(video, track, can_sign=can_sign))
        for track in at_stake(video, request, edit)
    )
