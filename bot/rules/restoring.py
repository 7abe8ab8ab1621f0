"""Putting back the text tracks that a job replaced, one step at a time. Performs no I/O.

Mux has no idempotency key for tracks, so every step begins with a look at the asset, and the look decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, Final, Self

from bot.rules.jobs import Job, State
from bot.rules.saving import SavedTrack
from bot.rules.video import ERRORED, READY, TextTrack, Video, is_gone, same_name

LONGEST_WAIT_SECONDS: Final = 900.0
"""How long Mux may take to make a track of a saved file before the wish is given up."""

MOST_TRIES: Final = 3
"""How often one track is made when Mux cannot read its file."""


class Problem(StrEnum):
    """Why tracks were not put back."""

    NAME_TAKEN = "name_taken"
    """Another track has the name of one that is to come back."""
    UNREADABLE = "unreadable"
    """Mux could not read the file from our address."""
    REFUSED = "refused"
    """Mux said no."""
    TOO_LONG = "too_long"
    """Mux did not finish in `LONGEST_WAIT_SECONDS`."""
    NO_ADDRESS = "no_address"
    """There is no PUBLIC_URL from which Mux could fetch the files."""
    NO_ASSET = "no_asset"
    """Mux has no such asset any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore:
    """A wish to put the saved tracks back, and how far it is. Times are seconds since the epoch.

    `replacing` is the track that is on the asset in their place, by its id, and goes. `made` says which
    tracks were made for which saved ones, by their ids; `tries` counts how often each was made. `removed` is
    whether the track that replaced them was deleted. `problem` and `detail` say why the wish ended without
    success; a new wish begins anew.
    """

    by: str
    at: float
    number: int = 1
    replacing: str = ""
    made: Mapping[str, str] = field(default_factory=dict)
    tries: Mapping[str, int] = field(default_factory=dict)
    removed: bool = False
    done_at: float | None = None
    problem: str = ""
    detail: str = ""

    @property
    def is_over(self) -> bool:
        """Whether it has ended, well or not."""
        return self.done_at is not None

    @property
    def is_done(self) -> bool:
        """Whether the tracks are back."""
        return self.is_over and not self.problem

    def changed(self, **changes: Any) -> Self:
        """Return a copy with `changes` applied."""
        return replace(self, **changes)

    def to_json(self) -> dict[str, Any]:
        """Return the stored form: plain JSON values under the field names of this class."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote; unknown keys of a newer version are ignored."""
        return cls(**{name: stored[name] for name in cls.__slots__ if name in stored})


class Outcome(StrEnum):
    """What became of a wish to have replaced tracks back."""

    STARTED = "started"
    UNDER_WAY = "under_way"
    DONE = "done"
    """They are back already."""
    NOTHING = "nothing"
    """Nothing of the job's is kept that could be put back."""
    NO_ADDRESS = "no_address"
    """Mux could not fetch the files, because there is no PUBLIC_URL."""
    DENIED = "denied"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wished:
    """What became of a wish, and the job that it was about."""

    outcome: Outcome
    job: Job | None = None


class Do(StrEnum):
    """What comes next."""

    CREATE = "create"
    """Make `saved` again."""
    DELETE = "delete"
    """Delete `track`: the one that replaced the saved ones, or a try that Mux could not read."""
    WAIT = "wait"
    """Mux is still making a track."""
    COMPARE = "compare"
    """Look whether `track` holds the text of `saved`, since it is not known that it was made for it."""
    FINISH = "finish"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step; what it does not need is None. `removes` says that the replacing track is what goes."""

    do: Do
    saved: SavedTrack | None = None
    track: TextTrack | None = None
    removes: bool = False
    problem: Problem | None = None
    detail: str = ""


def kept(job: Job) -> tuple[SavedTrack, ...]:
    """Return the tracks that the finished job made Mux delete and whose text is kept."""
    return tuple(track for track in lost(job) if track.is_kept)


def lost(job: Job) -> tuple[SavedTrack, ...]:
    """Return the tracks that the finished job made Mux delete, kept or not, as far as they are known."""
    if job.state is not State.COMPLETED or job.outcome is None:
        return ()
    gone = {track.id for track in job.outcome.replaced}
    return tuple(track for track in job.saved if track.id in gone)


def can_restore(job: Job) -> bool:
    """Say whether somebody may be offered to put the replaced tracks back."""
    if not kept(job):
        return False
    return job.restore is None or (job.restore.is_over and not job.restore.is_done)


def plan(job: Job, restore: Restore, video: Video) -> Step:
    """Return the next step towards the tracks that were there before, from the asset as it is now.

    New tracks are made before the replacing one is deleted wherever their names allow that, so that viewers
    are without captions for as short as possible.
    """
    there = tuple(track for track in video.tracks if not is_gone(track))
    replacing = _find(there, restore.replacing)
    waits = None
    for saved in kept(job):
        step = _towards(saved, restore, there, replacing)
        if step is None:
            continue
        if step.do is not Do.WAIT:
            return step
        waits = step
    if waits is not None:
        return waits
    if replacing is not None:
        return Step(do=Do.DELETE, track=replacing, removes=True)
    return Step(do=Do.FINISH)


def _towards(
    saved: SavedTrack, restore: Restore, there: tuple[TextTrack, ...], replacing: TextTrack | None
) -> Step | None:
    """Return what one track still needs, None when it is back."""
    known = _find(there, restore.made.get(saved.id, ""))
    track = known or next(
        (each for each in there if each != replacing and same_name(each.name, saved.name)), None
    )
    if track is None:
        if replacing is not None and same_name(replacing.name, saved.name):
            return Step(do=Do.DELETE, track=replacing, removes=True)
        return Step(do=Do.CREATE, saved=saved)
    if known is None:
        return Step(do=Do.COMPARE, saved=saved, track=track)
    if known.status == ERRORED:
        return _again(saved, known, restore)
    return None if known.status in {READY, ""} else Step(do=Do.WAIT)


def _again(saved: SavedTrack, failed: TextTrack, restore: Restore) -> Step:
    if restore.tries.get(saved.id, 0) < MOST_TRIES:
        return Step(do=Do.DELETE, saved=saved, track=failed)
    return Step(do=Do.FAIL, problem=Problem.UNREADABLE, detail=failed.said)


def _find(there: tuple[TextTrack, ...], track_id: str) -> TextTrack | None:
    return next((track for track in there if track.id == track_id), None)
