"""What was learnt about a video before its job is sent. One function, one transaction.

A job that can be sent lets its create go; one that cannot ends here, and nothing was billed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.rules import fixing, preflight, saving
from bot.rules.jobs import Failure, Job, is_finished
from bot.rules.links import PointerKind
from bot.rules.request import CaptionRequest
from bot.rules.saving import SavedTrack
from bot.rules.video import Video
from bot.services import outbox, progress
from bot.services.captions import work_key
from bot.services.claiming import Claim
from bot.store import effects, files, jobs, lanes
from bot.store.files import Packed
from bot.store.jobs import StoredJob
from bot.store.tx import Tx

WAITING: Final = "Mux is preparing the video"
SAVING: Final = "the text of the old captions could not be read"
"""What the effect's error says meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescued:
    """The tracks that a job may make Mux delete, and their texts.

    `error` says why a text could not be read although there is no reason why it should not; the job is not
    sent then.
    """

    tracks: tuple[SavedTrack, ...] = ()
    files: tuple[Packed, ...] = ()
    error: str = ""


_NOTHING: Final = Rescued()


def obstacle(job: Job, video: Video) -> Failure | None:
    """Return why Mux would not do the job, None when nothing is known to be in the way."""
    if job.edit is not None:
        return fixing.obstacle(video, job.edit)
    return preflight.obstacle(video, job.request.changed(asset_id=video.asset_id))


def waits(job: Job, video: Video) -> bool:
    """Say whether Mux is still preparing what the job is about."""
    return preflight.has_to_wait(video) or (job.edit is not None and fixing.has_to_wait(video, job.edit))


def seen(tx: Tx, taken: Claim, video: Video, rescued: Rescued = _NOTHING, *, jitter: float) -> bool:
    """Write down what the video is, and let the job be sent, wait for the video, or end.

    What the job may delete is kept in the same transaction that lets it be sent. A job whose asset was not
    known until now, and on which the same work is under way, joins that.
    """
    leader = _same_work(tx, taken, video.asset_id)
    if not _hold(tx, taken):
        return False
    row_id = taken.effect.job_id
    title = video.title or taken.stored.job.title
    jobs.note(tx, row_id, video=video, title=title, duration_seconds=video.duration_seconds)
    if leader is not None:
        return _join(tx, taken, leader)
    _learn(tx, taken, video.asset_id)
    if rescued.tracks:
        jobs.note(tx, row_id, saved=rescued.tracks)
    failure = obstacle(taken.stored.job, video)
    if failure is not None:
        return refused(tx, taken, failure)
    if waits(taken.stored.job, video):
        return _wait(tx, taken, jitter=jitter)
    return _not_saved(tx, taken, rescued, jitter=jitter) if rescued.error else _send(tx, taken, rescued)


def unseen(tx: Tx, taken: Claim, asset_id: str, *, error: str, exists: bool = False) -> bool:
    """Send the job although Mux did not show the asset: its answer to the job itself decides.

    When the asset may exist all the same, a job that deletes tracks is not sent unless somebody has said so.
    """
    leader = _same_work(tx, taken, asset_id)
    if not _hold(tx, taken):
        return False
    if leader is not None:
        return _join(tx, taken, leader)
    _learn(tx, taken, asset_id)
    if exists and _needs_saving(taken.stored.job):
        return refused(tx, taken, _unsaved(error))
    return _send(tx, taken, error=error)


def unanswered(tx: Tx, taken: Claim, *, error: str, retry_in: float | None, jitter: float) -> bool:
    """Ask again later, as long as that is worth it; then send the job as it is, or give it up.

    A job that is known to wait for its video, or cannot be sent before Mux has said which one it is, asks
    for a day. Any other asks a few times.
    """
    job = taken.stored.job
    waiting = job.pointer is not None or (job.video is not None and preflight.has_to_wait(job.video))
    if not waiting and taken.effect.attempts + 1 >= preflight.TRIES:
        needed = _needs_saving(job)
        return refused(tx, taken, _unsaved(error)) if needed else _send(tx, taken, error=error)
    if tx.now - job.created_at < preflight.LONGEST_WAIT_SECONDS:
        return outbox.not_done(tx, taken, error=error, retry_in=retry_in, jitter=jitter)
    played = job.pointer is not None and job.pointer.kind is PointerKind.PLAYBACK
    code = preflight.UNANSWERED if played else preflight.NOT_READY
    return refused(tx, taken, Failure(code=code, message=error, retryable=True))


def refused(tx: Tx, taken: Claim, failure: Failure) -> bool:
    """End the job before anything was sent; it is said in the thread why."""
    if not outbox.settled(tx, taken, error=failure.code):
        return False
    create = effects.by_key(tx, progress.key(taken.stored, "create"))
    if create is not None:
        effects.settle(tx, create.id, error=failure.code)
    progress.refused(tx, taken.effect.job_id, failure)
    return True


def _send(tx: Tx, taken: Claim, rescued: Rescued | None = None, *, error: str = "") -> bool:
    if not outbox.settled(tx, taken, error=error):
        return False
    stored = jobs.lock(tx, taken.effect.job_id)
    for file in () if rescued is None else rescued.files:
        files.put(tx, stored.row_id, file)
    # A job that was stopped meanwhile has its create closed, and stays so.
    effects.release(tx, [progress.key(stored, "create")])
    progress.show(tx, stored)
    return True


def _not_saved(tx: Tx, taken: Claim, rescued: Rescued, *, jitter: float) -> bool:
    """Try again a few times to read what would be deleted, then ask the person what is to be done."""
    looks = 1 + (taken.effect.attempts if taken.effect.error == SAVING else 0)
    if looks >= saving.TRIES:
        return refused(tx, taken, _unsaved(rescued.error))
    return outbox.blocked(tx, taken, error=SAVING, looks=looks, jitter=jitter)


def _needs_saving(job: Job) -> bool:
    return job.unsaved_by is None and saving.replaces(job.request, job.edit)


def _unsaved(error: str) -> Failure:
    return Failure(code=preflight.UNSAVED, message=error, retryable=True)


def _wait(tx: Tx, taken: Claim, *, jitter: float) -> bool:
    if tx.now - taken.stored.job.created_at >= preflight.LONGEST_WAIT_SECONDS:
        return refused(tx, taken, Failure(code=preflight.NOT_READY, message="", retryable=True))
    looks = taken.effect.attempts
    due_at = tx.now + preflight.next_look(looks, jitter)
    effects.postpone(tx, taken.effect.id, due_at=due_at, error=WAITING, attempts=looks + 1)
    outbox.rest(tx, taken)
    if taken.stored.job.video is None:
        progress.show(tx, taken.stored)
    return True


def _same_work(tx: Tx, taken: Claim, asset_id: str) -> StoredJob | None:
    """Return another unfinished job that does what this one turns out to want, both locked."""
    if taken.stored.job.request.asset_id == asset_id:
        return None
    found = jobs.running(tx, _work_key(taken.stored, asset_id))
    if found is None or found.row_id == taken.effect.job_id:
        return None
    locked = {row_id: jobs.lock(tx, row_id) for row_id in sorted((found.row_id, taken.effect.job_id))}
    # Whoever stopped their job while its video was looked at does not wait for another one.
    over = any(is_finished(stored.job.state) for stored in locked.values())
    return None if over else locked[found.row_id]


def _join(tx: Tx, taken: Claim, leader: StoredJob) -> bool:
    job = taken.stored.job
    if not refused(tx, taken, Failure(code=preflight.JOINED, message=leader.job.id)):
        return False
    if job.user_id != leader.job.user_id:
        jobs.watch(tx, leader.row_id, job.user_id, job.channel_id)
    return True


def _learn(tx: Tx, taken: Claim, asset_id: str) -> CaptionRequest:
    """Give the job the asset that its pointer leads to, and return what it asks for then."""
    job = taken.stored.job
    request = job.request.changed(asset_id=asset_id)
    if job.pointer is not None or request != job.request:
        key = _work_key(taken.stored, asset_id)
        jobs.note(tx, taken.effect.job_id, request=request, work_key=key, pointer=None)
    return request


def _work_key(stored: StoredJob, asset_id: str) -> str:
    return work_key(stored.job.team_id, stored.mux_account, stored.job.request.changed(asset_id=asset_id))


def _hold(tx: Tx, taken: Claim) -> bool:
    jobs.hold(tx, taken.effect.job_id)
    return lanes.holds(tx, taken.effect.lane, taken.owner)
