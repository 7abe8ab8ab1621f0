"""A job's life as data: states, signals, and which signal moves which state where. Performs no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Self

from bot.rules.archive import Archive
from bot.rules.links import Pointer
from bot.rules.request import CaptionRequest
from bot.rules.video import Video

# What these are is written in terms of jobs.
if TYPE_CHECKING:
    from bot.rules.differing import Difference
    from bot.rules.edits import CaptionEdit
    from bot.rules.restoring import Restore
    from bot.rules.saving import SavedTrack


class State(StrEnum):
    """Where a job is. Each state has a rank; a job only ever moves to a higher one."""

    REQUESTED = "requested"
    """The row is committed; nothing was sent to Mux."""
    SUBMITTING = "submitting"
    """The intent to create is committed; the request may be on its way."""
    UNCONFIRMED = "unconfirmed"
    """A create whose outcome is unknown; Mux is asked before anything is sent again."""
    PENDING = "pending"
    """Mux accepted the job and has it queued."""
    PROCESSING = "processing"
    """Mux is working on it."""
    COMPLETED = "completed"
    """Mux finished; the outcome holds the track and the links."""
    ERRORED = "errored"
    """Mux gave up; the failure says why."""
    CANCELLED = "cancelled"
    """Stopped at someone's wish, at Mux or before it was sent."""
    REFUSED = "refused"
    """Mux said no to the create; nothing ran and nothing was charged."""
    ABANDONED = "abandoned"
    """Mux no longer knows the job, so its end will never be learnt."""


class Signal(StrEnum):
    """What can happen to a job."""

    SENT = "sent"
    """The intent to create was committed."""
    LOST = "lost"
    """A create ended without an answer that can be trusted."""
    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    ERRORED = "errored"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    """Mux answered a create with a definite no."""
    GONE = "gone"
    """Mux answers 404 for a job that it had accepted: its 30 days are over."""


RANK: Final[dict[State, int]] = {
    State.REQUESTED: 0,
    State.SUBMITTING: 10,
    State.UNCONFIRMED: 20,
    State.PENDING: 30,
    State.PROCESSING: 40,
    State.COMPLETED: 90,
    State.ERRORED: 90,
    State.CANCELLED: 90,
    State.REFUSED: 90,
    State.ABANDONED: 90,
}
TERMINAL_RANK: Final = 90

TARGET: Final[dict[Signal, State]] = {
    Signal.SENT: State.SUBMITTING,
    Signal.LOST: State.UNCONFIRMED,
    Signal.PENDING: State.PENDING,
    Signal.PROCESSING: State.PROCESSING,
    Signal.COMPLETED: State.COMPLETED,
    Signal.ERRORED: State.ERRORED,
    Signal.CANCELLED: State.CANCELLED,
    Signal.REFUSED: State.REFUSED,
    Signal.GONE: State.ABANDONED,
}

# A webhook may overtake the answer to the create, and events arrive in any order, so every signal from
# Mux is welcome in every unfinished state. Only these two arrows are closed although the rank would
# allow them, because they would mean that we forgot what Mux had already confirmed.
CLOSED: Final[frozenset[tuple[State, Signal]]] = frozenset(
    {
        (State.PENDING, Signal.REFUSED),
        (State.PROCESSING, Signal.REFUSED),
        (State.REQUESTED, Signal.GONE),
        (State.SUBMITTING, Signal.GONE),
        (State.UNCONFIRMED, Signal.GONE),
    }
)


def _table() -> dict[tuple[State, Signal], State]:
    return {
        (state, signal): target
        for state in State
        for signal, target in TARGET.items()
        if RANK[target] > RANK[state] and (state, signal) not in CLOSED
    }


TRANSITIONS: Final[dict[tuple[State, Signal], State]] = _table()


def advance(state: State, signal: Signal) -> State:
    """Return the state after `signal`; late, repeated and impossible signals change nothing."""
    return TRANSITIONS.get((state, signal), state)


def is_finished(state: State) -> bool:
    """Say whether no signal can move the job any more."""
    return RANK[state] >= TERMINAL_RANK


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacedTrack:
    """A text track that Mux deleted to make room; fields Mux left out are empty."""

    id: str
    name: str = ""
    language_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a completed job produced.

    `language_confidence` lies between 0 and 1 and means something only when the language was detected
    (Mux always says 1 for a language that was given). The URLs are bearer links that die 7 days after
    completion. `vtt_url` and `replacements`, the number of places that changed, are what a fix of words has.
    """

    language_code: str = ""
    track_id: str | None = None
    detected_language: str | None = None
    language_confidence: float | None = None
    srt_url: str | None = None
    words_url: str | None = None
    replaced: tuple[ReplacedTrack, ...] = ()
    vtt_url: str | None = None
    replacements: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a job ended without captions.

    `code` is Mux's category (`processing_error`, `invalid_parameters` ...) and an open set; `message`
    holds Mux's own words. `retryable` says whether the same request can succeed later. `status` is the
    HTTP status of a refused create, None when the job itself failed.
    """

    code: str
    message: str
    retryable: bool = False
    status: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What Mux says about one of its jobs, by webhook or by answer.

    `changed_at` is Mux's time of the last change in seconds since the epoch, when it gave one.
    """

    signal: Signal
    mux_id: str
    asset_id: str = ""
    passthrough: str = ""
    title: str = ""
    units_consumed: int = 0
    changed_at: float | None = None
    outcome: Outcome | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as the store holds it at one moment.

    `id` is ours (it names the job in messages and metadata), `mux_id` Mux's. All `_at` are seconds since
    the epoch. `watchers` are the people besides the requester who asked for the same work.

    `video` is what Mux said about the asset before the job was sent. While `pointer` is set, the asset is
    not known yet, and the request names the pointer's id in its place. `thread_ts` is the message that the
    job reports under, `retry_of` our id of the job that this one repeats, `stopped_by` who cancelled it.
    `next_job` is our id of the job that tries this one again, `next_by` who wanted that; of a job that has
    captions it is the newest one that fixed words in them.

    A job with an `edit` fixes words in the captions of the job `edit_of`, by our id. `saved` are the tracks
    that Mux may have deleted for this job, `unsaved_by` who said that they may go without being saved, and
    `restore` is the wish to have them back. `changes` is how the captions differ from those before.
    `steps` are the runs of workflow steps that wait for it. `archive` is what a completed job has left
    behind, None where nobody has looked it up, or nothing was begun.
    """

    id: str
    state: State
    request: CaptionRequest
    team_id: str
    channel_id: str
    user_id: str
    created_at: float
    updated_at: float
    finished_at: float | None = None
    mux_id: str | None = None
    title: str = ""
    units_consumed: int = 0
    outcome: Outcome | None = None
    failure: Failure | None = None
    watchers: tuple[str, ...] = field(default=())
    warnings: tuple[str, ...] = field(default=())
    duration_seconds: float | None = None
    video: Video | None = None
    pointer: Pointer | None = None
    thread_ts: str | None = None
    retry_of: str | None = None
    stopped_by: str | None = None
    next_job: str | None = None
    next_by: str | None = None
    edit: CaptionEdit | None = None
    edit_of: str | None = None
    saved: tuple[SavedTrack, ...] = ()
    unsaved_by: str | None = None
    restore: Restore | None = None
    changes: Difference | None = None
    steps: tuple[str, ...] = ()
    archive: Archive | None = None

    def changed(self, **changes: Any) -> Self:
        """Return a copy with `changes` applied."""
        return replace(self, **changes)
