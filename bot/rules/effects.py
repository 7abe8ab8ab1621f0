"""What an effect is: one thing wanted at Slack or Mux, and what to do about it next. Performs no I/O."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

NEVER: Final = 1e15
"""A due time, in seconds since the epoch, that never comes: the effect waits for another one."""


class Kind(StrEnum):
    """What is wanted. The value is stored."""

    UPLOAD = "file.upload"
    """A file in Slack is an asset at Mux."""
    PREPARE = "mux.prepare"
    """What is to be captioned was looked at, and found to be fit or not."""
    CREATE = "mux.create"
    """The job exists at Mux."""
    CANCEL = "mux.cancel"
    """Mux was asked to stop the job, and then how it ended."""
    CHECK = "mux.check"
    """Mux was asked once more how the job ended, because it said two different things."""
    RESTORE = "mux.restore"
    """The tracks that the job replaced are back on the asset."""
    CARD = "slack.card"
    """One message shows where the job stands; edited in place."""
    RESULT = "slack.result"
    """The end of the job is said in the card's thread."""
    NOTICE = "slack.notice"
    """Somebody who joined from another channel is told the end directly."""
    RESTORED = "slack.restored"
    """What became of the wish to have replaced tracks back is said in the card's thread."""
    STEP = "slack.step"
    """A workflow that waits for the job is told its end."""
    UNDO = "slack.undo"
    """A reply that landed outside its thread is gone."""
    FETCH = "archive.fetch"
    """A finished job's files are kept, converted and measured."""
    TRACK = "archive.track"
    """It is known what became of the track that the job attached."""
    SHARE = "archive.share"
    """The files are in the job's thread, in one message."""

    @property
    def vendor(self) -> str:
        """`archive`, `file`, `mux` or `slack`: what it belongs to."""
        return self.value.partition(".")[0]

    @property
    def name_in_metadata(self) -> str:
        """The `kind` of the message's metadata: `card`, `result`, `notice`."""
        return self.value.partition(".")[2]


class Action(StrEnum):
    """What to do about an effect that is not done."""

    SEND = "send"
    VERIFY = "verify"
    """Look whether it happened, because a send ended without a trustworthy answer."""
    UPDATE = "update"
    AUDIT = "audit"
    """Look once more, long after, for copies and stale text."""


IDEMPOTENT: Final = frozenset(
    {
        Kind.UNDO,
        Kind.STEP,
        Kind.CHECK,
        Kind.CANCEL,
        Kind.PREPARE,
        Kind.UPLOAD,
        Kind.RESTORE,
        Kind.FETCH,
        Kind.TRACK,
    }
)
"""Kinds whose request may be repeated freely, so that nothing has to be looked up first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One row of the outbox.

    `want` is the version asked for and `have` the version that is out there; ten quick changes raise
    `want` ten times and cost one update. `ext_id` is the vendor's name for what exists (a Slack `ts`, a
    Mux job id), `ext_channel` the channel it is in. `maybe_sent_at` is set, and committed, before a
    request that cannot be repeated. `suspect` marks an effect that was ever ambiguous. `target` is the
    Slack channel or person; `detour` says why it is not the job's own channel. A `buried` effect was given
    up and is only a record.
    """

    id: int
    key: str
    kind: Kind
    lane: str
    job_id: int
    target: str
    want: int
    have: int
    attempts: int
    due_at: float
    suspect: bool = False
    buried: bool = False
    detour: str | None = None
    ext_id: str | None = None
    ext_channel: str | None = None
    maybe_sent_at: float | None = None
    first_sent_at: float | None = None
    error: str | None = None

    @property
    def action(self) -> Action:
        """What to do next, by what is known."""
        if self.ext_id is None:
            unsure = self.maybe_sent_at is not None and self.kind not in IDEMPOTENT
            return Action.VERIFY if unsure else Action.SEND
        return Action.UPDATE if self.have < self.want else Action.AUDIT


def channel_lane(team_id: str, target: str) -> str:
    """Return the lane of new messages in one channel (or to one person): one in flight, in order."""
    return f"slack:{team_id}:{target}"


def edit_lane(team_id: str) -> str:
    """Return the lane of a workspace's updates, which Slack counts together (`chat.update`, tier 3)."""
    return f"edit:{team_id}"


EDITS: Final = "edit"
"""The queue of messages that are out already. Nobody waits for them as for new ones, so they come second."""

_QUEUES: Final = {"share": "archive", "step": "slack"}


def queue_of(lane: str) -> str:
    """Return the queue that a lane is in, by its name: which worker takes it, and the bell that rings."""
    first = lane.partition(":")[0]
    return _QUEUES.get(first, first)


FILE_LANES: Final = 2
"""How many files may be on their way at once; each takes the bandwidth that there is."""


def file_lane(account: str, file_id: str) -> str:
    """Return the lane that a file goes through; two jobs about one file share it, so it is sent once."""
    return f"file:{account}:{zlib.crc32(file_id.encode()) % FILE_LANES}"


MUX_LANES: Final = 8
"""How many creates may be in flight at one Mux account."""


def mux_lane(account: str, job_id: int) -> str:
    """Return the lane that a job's requests to Mux go through."""
    return f"mux:{account}:{job_id % MUX_LANES}"


ARCHIVE_LANES: Final = 4
"""How many jobs of a Mux account are fetched or asked about at once."""

SHARE_LANES: Final = 4
"""How many shares of files may be under way at once in a workspace; each sends several files."""


def archive_lane(account: str, job_id: int) -> str:
    """Return the lane that what a finished job left at Mux goes through."""
    return f"archive:{account}:{job_id % ARCHIVE_LANES}"


def share_lane(team_id: str, job_id: int) -> str:
    """Return the lane that a job's files go to Slack through; never that of its messages, to hold none up."""
    return f"share:{team_id}:{job_id % SHARE_LANES}"


STEP_LANES: Final = 4
"""How many workflows of a workspace are told at once."""


def step_lane(team_id: str, job_id: int) -> str:
    """Return the lane that the end of a workflow step goes through; it never waits for a message."""
    return f"step:{team_id}:{job_id % STEP_LANES}"
