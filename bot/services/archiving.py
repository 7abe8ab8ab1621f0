"""What a finished job leaves behind is kept and made known. One function, one transaction.

Whatever goes wrong here never changes how the job itself ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.rules import archive as rules
from bot.rules.archive import FilesState, TrackState
from bot.rules.differing import Difference
from bot.rules.effects import NEVER, Kind, archive_lane, share_lane
from bot.rules.jobs import State
from bot.rules.quality import Report
from bot.rules.video import ERRORED, READY, TextTrack, TrackNews
from bot.services import channel_settings, fixing, outbox, progress
from bot.services.claiming import Claim
from bot.store import archive, effects, files, jobs, lanes
from bot.store.files import Packed
from bot.store.jobs import StoredJob
from bot.store.tx import Tx

FETCHING: Final = "fetching the files"
PREPARING: Final = "Mux is preparing the track"
"""What the effects' errors say while all is well."""

GIVE_UP_AFTER: Final = 40
"""How often the store behind Mux's links may fail to answer; with the growing waits, about two hours."""

_LONGEST_SECONDS: Final = 86_400.0
_LOOKS_FOR_A_MISSING_TRACK: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Files ready to be stored, and what was measured of them."""

    files: tuple[Packed, ...]
    report: Report
    difference: Difference | None = None


def begin(tx: Tx, taken: Claim) -> str | None:
    """Write down that the files are being fetched, and let the track be waited for.

    Returns the name of the channel's quality profile; None when the claim is not ours, or pointless.
    """
    fixed = fixing.lock_parent(tx, taken.stored)
    if not _is_ours(tx, taken):
        return None
    stored = jobs.get(tx, taken.effect.job_id)
    if stored.job.state is not State.COMPLETED:
        effects.settle(tx, taken.effect.id, error="")
        outbox.rest(tx, taken)
        return None
    fixing.finished(tx, stored, fixed)
    outcome = stored.job.outcome
    track_id = None if outcome is None else outcome.track_id
    if archive.begin(tx, stored.row_id, mux_account=stored.mux_account, track_id=track_id) and track_id:
        effects.add(
            tx,
            key=progress.key(stored, "track"),
            kind=Kind.TRACK,
            lane=archive_lane(stored.mux_account, stored.row_id),
            job_id=stored.row_id,
        )
    job = stored.job
    saved = channel_settings.read(tx, team_id=job.team_id, channel_id=job.channel_id)
    return saved.options.quality_profile


def kept(tx: Tx, taken: Claim, made: Kept) -> bool:
    """Keep the files, let them be shared, and say so in the result."""
    fixed = fixing.lock_parent(tx, taken.stored)
    if not _is_ours(tx, taken):
        return False
    stored = taken.stored
    for each in made.files:
        files.put(tx, stored.row_id, each)
    fixing.keep(tx, fixed, made.files)
    if made.difference is not None:
        jobs.note(tx, stored.row_id, changes=made.difference)
    archive.note_files(tx, stored.row_id, FilesState.KEPT)
    archive.note_report(tx, stored.row_id, made.report)
    _share(tx, stored)
    progress.show(tx, stored)
    effects.settle(tx, taken.effect.id, error="")
    outbox.rest(tx, taken)
    return True


def failed(tx: Tx, taken: Claim, *, reason: str, said: str = "") -> bool:
    """Write down, and say, that the files cannot be had, or are no captions."""
    if not _is_ours(tx, taken):
        return False
    archive.note_files(tx, taken.effect.job_id, FilesState.FAILED, reason=reason, said=said)
    progress.show(tx, taken.stored)
    effects.settle(tx, taken.effect.id, error=reason)
    outbox.rest(tx, taken)
    return True


def unanswered(tx: Tx, taken: Claim, *, error: str, retry_in: float | None, jitter: float) -> bool:
    """Fetch later what could not be fetched now; after many times say that it cannot be had."""
    if taken.effect.attempts + 1 >= GIVE_UP_AFTER:
        return failed(tx, taken, reason=rules.UNREACHED)
    return outbox.not_done(tx, taken, error=error, retry_in=retry_in, jitter=jitter)


def told(tx: Tx, taken: Claim, track: TextTrack | None, *, jitter: float) -> bool:
    """Write down what Mux says of a job's track, None for nothing; look again while it is being prepared."""
    if track is not None and track.status == READY:
        return _end_track(tx, taken, TrackState.READY)
    if track is not None and track.status == ERRORED:
        return _end_track(tx, taken, TrackState.ERRORED, said=track.said)
    looks = taken.effect.attempts + 1
    if track is None and looks > _LOOKS_FOR_A_MISSING_TRACK:
        return _end_track(tx, taken, TrackState.GONE)
    finished_at = taken.stored.job.finished_at
    if tx.now - (taken.at if finished_at is None else finished_at) > _LONGEST_SECONDS:
        return _end_track(tx, taken, TrackState.UNKNOWN)
    return outbox.blocked(tx, taken, error=PREPARING, looks=looks, jitter=jitter)


def awaited(tx: Tx, taken: Claim) -> str | None:
    """Return the id of the track that the claim is about, None when there is nothing to wait for."""
    return archive.track_of(tx, taken.effect.job_id)


def heard(tx: Tx, *, account: str, news: TrackNews) -> int:
    """Let a track be looked at now, because Mux tells of it; return how many jobs that concerns.

    Mux is asked again rather than believed, since events come late and in any order.
    """
    found = archive.awaiting(tx, account=account, track_id=news.track.id)
    for row_id in found:
        stored = jobs.lock(tx, row_id)
        effects.hurry(tx, progress.key(stored, "track"))
    return len(found)


def again(tx: Tx, stored: StoredJob) -> bool:
    """Fetch the files of a job again, because somebody wishes it; say whether that makes sense."""
    known = archive.get(tx, stored.row_id)
    if known is None or known.files is not FilesState.FAILED:
        return False
    archive.note_files(tx, stored.row_id, FilesState.WAITING)
    effects.want_more(tx, progress.key(stored, "fetch"))
    progress.show(tx, stored)
    return True


def _share(tx: Tx, stored: StoredJob) -> None:
    result = effects.by_key(tx, progress.key(stored, "result"))
    is_out = result is not None and (result.ext_id is not None or result.buried)
    effects.add(
        tx,
        key=progress.key(stored, "files"),
        kind=Kind.SHARE,
        lane=share_lane(stored.job.team_id, stored.row_id),
        job_id=stored.row_id,
        due_at=tx.now if is_out else NEVER,
    )


def _end_track(tx: Tx, taken: Claim, state: TrackState, *, said: str = "") -> bool:
    fixed = fixing.lock_parent(tx, taken.stored)
    if not _is_ours(tx, taken):
        return False
    fixing.track_is(tx, fixed, archive.track_of(tx, taken.effect.job_id), state, said)
    archive.note_track(tx, taken.effect.job_id, state, said=said)
    progress.show(tx, taken.stored)
    effects.settle(tx, taken.effect.id, error="")
    outbox.rest(tx, taken)
    return True


def _is_ours(tx: Tx, taken: Claim) -> bool:
    jobs.hold(tx, taken.effect.job_id)
    return lanes.holds(tx, taken.effect.lane, taken.owner)
