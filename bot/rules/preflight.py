"""What is known to fail before a job is sent, so that it is said at once and costs nothing. No I/O.

Only what Mux has positively said counts. Where it said nothing, the job is sent, and Mux decides.
"""

from __future__ import annotations

from typing import Final

from bot.rules.jobs import Failure
from bot.rules.request import CaptionRequest, Replace
from bot.rules.video import ERRORED, PLAYABLE, PREPARING, READY, TextTrack, Video, conflict

LIVE: Final = "preflight_live"
"""The asset is being streamed at this moment."""
FAILED: Final = "preflight_errored"
"""Mux could not process the asset."""
NO_AUDIO: Final = "preflight_no_audio"
NO_PLAYBACK: Final = "preflight_no_playback"
"""The asset has no public or signed playback id."""
CONFLICT: Final = "preflight_conflict"
"""A text track of that language or name is there and is to stay."""
LIVE_STREAM: Final = "preflight_live_stream"
"""The playback id is a live stream's, not an asset's."""
ELSEWHERE: Final = "preflight_other_environment"
"""The playback id is not known in this Mux environment."""
NOT_READY: Final = "preflight_not_ready"
"""The asset was not ready after `LONGEST_WAIT_SECONDS`."""
UNANSWERED: Final = "preflight_unanswered"
"""Mux would not say which asset a playback id belongs to."""
JOINED: Final = "preflight_joined"
"""The playback id belongs to an asset on which the same work is under way."""
FILES_SCOPE: Final = "preflight_files_scope"
"""The app was not given the scope with which it may read files in Slack."""
FILE_GONE: Final = "preflight_file_gone"
"""The file was deleted, or Slack keeps it where only people can open it."""
FILE_KIND: Final = "preflight_file_kind"
"""The file is neither a video nor a sound."""
FILE_SIZE: Final = "preflight_file_size"
FILE_UNREAD: Final = "preflight_file_unread"
"""Slack would not hand out the file, or Mux would not take it in, for a day."""
UPLOAD_FAILED: Final = "preflight_upload_failed"
"""Mux took the file's bytes and made no asset of them."""
UPLOAD_REFUSED: Final = "preflight_upload_refused"
"""Mux did not allow a new video."""

UNSAVED: Final = "preflight_unsaved"
"""The text of the tracks that would be deleted could not be read, and nobody said that they may go."""

TRACK_GONE: Final = "preflight_track_gone"
"""The track in which words were to be fixed is not on the asset any more."""
TRACK_ERRORED: Final = "preflight_track_errored"
"""Mux could not process the track in which words were to be fixed."""

GUEST: Final = "preflight_guest"
"""Whoever asked is a guest, and guests may not."""
EXTERNAL: Final = "preflight_external"
"""Whoever asked belongs to another organization, and such people may not."""

PREFIX: Final = "preflight_"

LONGEST_WAIT_SECONDS: Final = 24 * 3600.0
"""How long a job waits for its asset to become ready."""

TRIES: Final = 3
"""How often an asset is asked for before the job is sent without knowing it."""

_FIRST_LOOK_SECONDS: Final = 5.0
_LONGEST_LOOK_SECONDS: Final = 60.0


def obstacle(video: Video, request: CaptionRequest) -> Failure | None:
    """Return why Mux would make no captions of this video, None when nothing is known to be in the way."""
    if video.is_live:
        return Failure(code=LIVE, message="", retryable=True)
    if video.status == ERRORED:
        return Failure(code=FAILED, message="")
    if video.policy not in PLAYABLE:
        return Failure(code=NO_PLAYBACK, message="", retryable=True)
    if video.status == READY and not video.has_audio:
        return Failure(code=NO_AUDIO, message="")
    track = _in_the_way(video, request)
    return None if track is None else Failure(code=CONFLICT, message=_named(track))


def has_to_wait(video: Video) -> bool:
    """Say whether Mux is still preparing the video."""
    return video.status == PREPARING


def next_look(looks: int, jitter: float) -> float:
    """Return the seconds until an asset that is being prepared is looked at again: 5, growing to 60."""
    return min(_FIRST_LOOK_SECONDS * 1.5 ** min(looks, 30), _LONGEST_LOOK_SECONDS) * (0.8 + 0.4 * jitter)


def _in_the_way(video: Video, request: CaptionRequest) -> TextTrack | None:
    return conflict(video, request) if request.upload_to_mux and request.replace is Replace.FAIL else None


def _named(track: TextTrack) -> str:
    tag = f" ({track.language_code})" if track.language_code else ""
    return f"{track.name or track.id}{tag}"
