"""Puts back the tracks that a job replaced. One function, one transaction."""

from __future__ import annotations

from typing import Final

from bot.rules import policy, restoring
from bot.rules.archive import TrackState
from bot.rules.effects import Kind, channel_lane, mux_lane
from bot.rules.jobs import Job
from bot.rules.pacing import backoff
from bot.rules.policy import Act, Answer, Asker
from bot.rules.restoring import Outcome, Problem, Restore, Wished
from bot.rules.saving import SavedTrack
from bot.rules.video import TextTrack
from bot.services import downloads, fixing, outbox, progress, sharing
from bot.services.claiming import Claim
from bot.store import archive, catalogue, effects, files, jobs, lanes, records
from bot.store.jobs import StoredJob
from bot.store.tx import Tx

LINK_SECONDS: Final = 3_600.0
"""How long the address is good from which Mux fetches a saved track."""

WAITING: Final = "Mux is preparing the track"
"""What the effect's error says while all is well."""

_UPLOADED: Final = "uploaded"


def wish(tx: Tx, job_id: str, asker: Asker, *, public_url: str) -> Wished:
    """Begin to put the replaced tracks back; a second wish while that goes on changes nothing."""
    found = jobs.by_public_id(tx, job_id)
    answer = policy.decide(Act.RESTORE, None if found is None else found.job, asker)
    if found is None or answer is Answer.UNKNOWN:
        return Wished(outcome=Outcome.UNKNOWN)
    stored = jobs.lock(tx, found.row_id)
    job = stored.job
    if answer is not Answer.YES:
        return Wished(outcome=Outcome.DENIED, job=job)
    if not restoring.kept(job) or _is_overtaken(tx, job):
        return Wished(outcome=Outcome.NOTHING, job=job)
    if job.restore is not None and not restoring.can_restore(job):
        return Wished(outcome=Outcome.DONE if job.restore.is_done else Outcome.UNDER_WAY, job=job)
    if not public_url:
        sharing.share_replaced(tx, stored)
        return Wished(outcome=Outcome.NO_ADDRESS, job=job)
    number = 1 if job.restore is None else job.restore.number + 1
    restore = Restore(by=asker.user_id, at=tx.now, number=number, replacing=_replacing(tx, job))
    jobs.note(tx, stored.row_id, restore=restore)
    name = progress.key(stored, "restore")
    lane = mux_lane(stored.mux_account, stored.row_id)
    if not effects.add(tx, key=name, kind=Kind.RESTORE, lane=lane, job_id=stored.row_id):
        effects.want_more(tx, name)
    records.audited(
        tx,
        team_id=asker.team_id,
        user_id=asker.user_id,
        action="job.restore",
        job_id=stored.row_id,
        channel=asker.channel_id,
        asset=job.request.asset_id,
    )
    progress.show(tx, stored)
    return Wished(outcome=Outcome.STARTED, job=jobs.get(tx, stored.row_id).job)


def address(tx: Tx, taken: Claim, saved: SavedTrack, *, public_url: str) -> str | None:
    """Return where Mux can fetch a saved track for the next hour, None when its text is not there."""
    file = files.newest(tx, taken.effect.job_id, saved.kind)
    if file is None or not public_url:
        return None
    return downloads.link(downloads.key(tx), public_url, file, expires_at=tx.now + LINK_SECONDS)


def text(tx: Tx, taken: Claim, saved: SavedTrack) -> bytes:
    """Return a saved track's text, byte for byte as Mux served it."""
    file = files.newest(tx, taken.effect.job_id, saved.kind)
    return b"" if file is None else files.content(tx, file.id) or b""


def made(tx: Tx, taken: Claim, saved: SavedTrack, track: TextTrack, *, tried: bool) -> bool:
    """Write down which track stands for a saved one, `tried` when it was made just now, and go on."""
    restore = _open(tx, taken)
    if restore is None:
        return False
    tries = dict(restore.tries)
    if tried:
        tries[saved.id] = tries.get(saved.id, 0) + 1
    _note(tx, taken, restore.changed(made={**restore.made, saved.id: track.id}, tries=tries))
    return _go_on(tx, taken)


def removed(tx: Tx, taken: Claim, *, replacing: bool) -> bool:
    """Write down that a track was deleted; `replacing` when it was the one in place of the old ones."""
    restore = _open(tx, taken)
    if restore is None:
        return False
    _note(tx, taken, restore.changed(removed=restore.removed or replacing))
    return _go_on(tx, taken)


def waiting(tx: Tx, taken: Claim, *, jitter: float) -> bool:
    """Look again later, because Mux is still making a track; after a long time give the wish up."""
    restore = _open(tx, taken)
    if restore is None:
        return False
    if _lasts_too_long(tx, restore):
        return _end(tx, taken, restore.changed(problem=Problem.TOO_LONG))
    looks = taken.effect.attempts + 1
    due_at = tx.now + backoff(min(looks, 4), jitter)
    effects.postpone(tx, taken.effect.id, due_at=due_at, error=WAITING, attempts=looks)
    outbox.rest(tx, taken)
    return True


def unanswered(tx: Tx, taken: Claim, *, error: str, retry_in: float | None, jitter: float) -> bool:
    """Look again later, because nobody knows how the asset stands; after a long time give the wish up."""
    restore = taken.stored.job.restore
    if restore is not None and _lasts_too_long(tx, restore):
        return failed(tx, taken, Problem.TOO_LONG, detail=error)
    return outbox.not_done(tx, taken, error=error, retry_in=retry_in, jitter=jitter)


def failed(tx: Tx, taken: Claim, problem: Problem, *, detail: str = "") -> bool:
    """End the wish without success; it is said in the thread why, and somebody may wish again."""
    restore = _open(tx, taken)
    return restore is not None and _end(tx, taken, restore.changed(problem=problem, detail=detail))


def finished(tx: Tx, taken: Claim) -> bool:
    """End the wish: the tracks are back."""
    parent = fixing.lock_parent(tx, taken.stored)
    restore = _open(tx, taken)
    if restore is None:
        return False
    job = taken.stored.job
    for saved in restoring.kept(job):
        back = _as_track(saved, restore.made.get(saved.id, saved.id))
        gone = {saved.id, restore.replacing}
        catalogue.change_tracks(tx, taken.stored.mux_account, job.request.asset_id, added=back, gone=gone)
        if parent is not None:
            fixing.follow_track(tx, parent, old=restore.replacing, new=back.id)
    archive.note_track(tx, taken.effect.job_id, TrackState.GONE)
    return _end(tx, taken, restore.changed(problem="", detail=""))


def _replacing(tx: Tx, job: Job) -> str:
    """Return the track that is there in place of the saved ones: the newest, where words were fixed since."""
    root = None if job.edit_of is None else jobs.by_public_id(tx, job.edit_of)
    newest = job if root is None else root.job
    return "" if newest.outcome is None else newest.outcome.track_id or ""


def _is_overtaken(tx: Tx, job: Job) -> bool:
    """Say whether the job whose words were fixed has given way to the captions before it."""
    root = None if job.edit_of is None else jobs.by_public_id(tx, job.edit_of)
    return root is not None and root.job.restore is not None and root.job.restore.is_done


def _as_track(saved: SavedTrack, track_id: str) -> TextTrack:
    return TextTrack(
        id=track_id,
        name=saved.name,
        language_code=saved.language_code,
        source=_UPLOADED,
        closed_captions=saved.closed_captions,
        passthrough=saved.passthrough,
    )


def _open(tx: Tx, taken: Claim) -> Restore | None:
    """Return the wish as it stands, None when the claim is not ours any more."""
    stored = jobs.lock(tx, taken.effect.job_id)
    if not lanes.holds(tx, taken.effect.lane, taken.owner):
        return None
    return stored.job.restore


def _note(tx: Tx, taken: Claim, restore: Restore) -> None:
    jobs.note(tx, taken.effect.job_id, restore=restore)


def _go_on(tx: Tx, taken: Claim) -> bool:
    effects.postpone(tx, taken.effect.id, due_at=tx.now, error=WAITING, attempts=0)
    outbox.rest(tx, taken)
    return True


def _end(tx: Tx, taken: Claim, restore: Restore) -> bool:
    _note(tx, taken, restore.changed(done_at=tx.now))
    effects.settle(tx, taken.effect.id, error=restore.problem)
    _tell(tx, taken.stored, restore)
    progress.show(tx, taken.stored)
    outbox.rest(tx, taken)
    return True


def _tell(tx: Tx, stored: StoredJob, restore: Restore) -> None:
    card = effects.by_key(tx, progress.key(stored, "card"))
    target = stored.job.channel_id if card is None else card.target
    effects.add(
        tx,
        key=progress.key(stored, f"restored:{restore.number}"),
        kind=Kind.RESTORED,
        lane=channel_lane(stored.job.team_id, target),
        job_id=stored.row_id,
        target=target,
        detour=None if card is None else card.detour,
    )


def _lasts_too_long(tx: Tx, restore: Restore) -> bool:
    return tx.now - restore.at > restoring.LONGEST_WAIT_SECONDS
