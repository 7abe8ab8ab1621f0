"""Fixes words in captions that are there: one transaction makes the job that does it, and what follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.errors import NotCaptions
from bot.rules import archive as kinds
from bot.rules import fixing, limits, policy, saving, srt, vtt
from bot.rules.archive import TrackState
from bot.rules.cues import Captions
from bot.rules.edits import CaptionEdit
from bot.rules.fixing import Fixed, FixForm, Outcome
from bot.rules.jobs import Job
from bot.rules.policy import Act, Answer, Asker
from bot.rules.request import CaptionRequest
from bot.rules.saving import SavedTrack
from bot.rules.video import TextTrack
from bot.services import captions, channel_settings, progress
from bot.services.captions import Ask
from bot.store import archive, effects, files, jobs
from bot.store.files import Packed
from bot.store.jobs import StoredJob
from bot.store.tx import Tx

_READERS: Final = {kinds.VTT: vtt.read_vtt, kinds.SRT: srt.read}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One act of a person: `edit` on the captions of the job `job_id`; `key` names the act."""

    asker: Asker
    job_id: str
    edit: CaptionEdit
    key: str
    poll_in_seconds: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What the form shows: the job, and the form as it begins; `problem` is why the track cannot be saved.

    `unread` says that the captions are not here, or not yet, so that nobody knows who speaks in them.
    """

    job: Job
    form: FixForm
    problem: str = ""
    unread: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What became of the words that were offered to a channel's phrases; `left_out` did not fit."""

    added: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def opened(tx: Tx, job_id: str, asker: Asker, *, can_sign: bool) -> Opened | Fixed:
    """Return the form for a job's captions as they are now, or why there is none."""
    stored, refused = _find(tx, job_id, asker)
    if stored is None:
        return refused
    track_id = _track(stored.job)
    if track_id is None:
        return Fixed(outcome=Outcome.NO_TRACK, job=stored.job)
    found = kept_captions(tx, stored.row_id)
    speakers = () if found is None else fixing.speakers(found)
    form = FixForm(job_id=stored.job.id, track_id=track_id, speakers=speakers)
    video = stored.job.video
    problem = "" if video is None else saving.problem(video, TextTrack(id=track_id), can_sign=can_sign)
    return Opened(job=stored.job, form=form, problem=problem, unread=found is None)


def known(tx: Tx, job_id: str, asker: Asker) -> tuple[Job, Captions | None] | Fixed:
    """Return a job and its captions for a form that was sent, or why this person may not."""
    stored, refused = _find(tx, job_id, asker)
    return refused if stored is None else (stored.job, kept_captions(tx, stored.row_id))


def fix(tx: Tx, wish: Wish) -> Fixed:
    """Make the job that fixes words, or join the one that does the same; the same act twice is one job."""
    stored, refused = _find(tx, wish.job_id, wish.asker)
    if stored is None:
        return refused
    before = captions.known(tx, wish.key)
    if before is not None:
        return Fixed(outcome=Outcome.STARTED, job=stored.job, other=before.job)
    stored = jobs.lock(tx, stored.row_id)
    track_id = _track(stored.job)
    if track_id is None:
        return Fixed(outcome=Outcome.NO_TRACK, job=stored.job)
    if track_id != wish.edit.track_id:
        return Fixed(outcome=Outcome.MOVED, job=stored.job)
    running = jobs.running(tx, captions.edit_key(stored.job.team_id, stored.mux_account, wish.edit))
    if running is not None and running.job.edit != wish.edit:
        return Fixed(outcome=Outcome.BUSY, job=stored.job, other=running.job)
    asked = captions.request(tx, _ask(tx, stored, wish))
    outcome = Outcome.JOINED if asked.joined else Outcome.STARTED
    return Fixed(outcome=outcome, job=stored.job, other=asked.job)


def lock_parent(tx: Tx, stored: StoredJob) -> StoredJob | None:
    """Return the job in whose captions `stored` fixes words, locked; call it before locking that one."""
    found = None if stored.job.edit_of is None else jobs.by_public_id(tx, stored.job.edit_of)
    return None if found is None else jobs.lock(tx, found.row_id)


def finished(tx: Tx, stored: StoredJob, parent: StoredJob | None) -> None:
    """Let the job whose captions were fixed show the new track; `parent` is what `lock_parent` gave."""
    job = stored.job
    if parent is None or job.edit is None or job.outcome is None or job.outcome.track_id is None:
        return
    follow_track(tx, parent, old=job.edit.track_id, new=job.outcome.track_id, by=job)


def track_is(tx: Tx, parent: StoredJob | None, track_id: str | None, state: TrackState, said: str) -> None:
    """Let the job whose captions were fixed show how its new track is, unless that has changed again."""
    if parent is None or parent.job.outcome is None or parent.job.outcome.track_id != track_id:
        return
    archive.note_track(tx, parent.row_id, state, said=said)
    progress.show(tx, parent)


def keep(tx: Tx, parent: StoredJob | None, made: Sequence[Packed]) -> None:
    """Keep the files of a fix as the newest version of those of the job that it fixed."""
    if parent is not None:
        for each in made:
            files.put(tx, parent.row_id, each)


def follow_track(tx: Tx, stored: StoredJob, *, old: str, new: str, by: Job | None = None) -> None:
    """Let a job show another track in place of its own, unless it has another one already."""
    outcome = stored.job.outcome
    if outcome is None or outcome.track_id != old:
        return
    details = {} if by is None else {"next_job": by.id, "next_by": by.user_id}
    jobs.note(tx, stored.row_id, outcome=replace(outcome, track_id=new), **details)
    archive.note_track(tx, stored.row_id, TrackState.PREPARING if by else TrackState.READY, track_id=new)
    progress.show(tx, stored)


def add_phrases(tx: Tx, job_id: str, asker: Asker) -> Added | None:
    """Add the words that a fix put in to its channel's phrases, as many as fit; a second time adds none.

    None when this person may not, or the job is no fix.
    """
    stored, _ = _find(tx, job_id, asker)
    if stored is None or stored.job.edit is None:
        return None
    job = stored.job
    here = replace(asker, channel_id=job.channel_id)
    options = channel_settings.read(tx, team_id=job.team_id, channel_id=job.channel_id).options
    offered = fixing.phrases(stored.job.edit)
    there = {phrase.casefold() for phrase in options.phrases}
    new = tuple(phrase for phrase in offered if phrase.casefold() not in there)
    room = limits.MAX_PHRASES - len(options.phrases)
    added = new[: max(room, 0)]
    if added:
        changed = replace(options, phrases=(*options.phrases, *added))
        channel_settings.save(tx, changed, here, mux_account=stored.mux_account)
    return Added(
        added=added,
        known=tuple(phrase for phrase in offered if phrase.casefold() in there),
        left_out=new[len(added) :],
    )


def kept_captions(tx: Tx, row_id: int) -> Captions | None:
    """Return a job's captions as they are in the archive, None when they are not there or not readable."""
    for kind, read in _READERS.items():
        file = files.newest(tx, row_id, kind)
        content = None if file is None else files.content(tx, file.id)
        found = None if content is None else _read(read, content)
        if found is not None:
            return found
    return None


def saved_captions(tx: Tx, row_id: int, track: SavedTrack) -> Captions | None:
    """Return the captions of a track as they were saved before a job deleted it."""
    file = files.newest(tx, row_id, track.kind)
    content = None if file is None else files.content(tx, file.id)
    return None if content is None else _read(vtt.read_vtt, content)


def _read(reader: Callable[[bytes], Captions], content: bytes) -> Captions | None:
    try:
        return reader(content)
    except NotCaptions:
        return None


def _find(tx: Tx, job_id: str, asker: Asker) -> tuple[StoredJob | None, Fixed]:
    """Return the job if the person may fix its captions; else what they are told."""
    found = jobs.by_public_id(tx, job_id)
    answer = policy.decide(Act.FIX, None if found is None else found.job, asker)
    if answer is Answer.YES:
        return found, Fixed(outcome=Outcome.UNKNOWN)
    if found is None or answer is Answer.UNKNOWN:
        return None, Fixed(outcome=Outcome.UNKNOWN)
    return None, Fixed(outcome=Outcome.DENIED, job=found.job)


def _track(job: Job) -> str | None:
    return job.outcome.track_id if fixing.can_fix(job) and job.outcome is not None else None


def _ask(tx: Tx, stored: StoredJob, wish: Wish) -> Ask:
    job = stored.job
    return Ask(
        request=CaptionRequest(
            asset_id=job.request.asset_id,
            language_code=fixing.language_of(job) or None,
            include_speakers=job.request.include_speakers,
        ),
        request_key=wish.key,
        team_id=job.team_id,
        channel_id=job.channel_id,
        user_id=wish.asker.user_id,
        mux_account=stored.mux_account,
        poll_in_seconds=wish.poll_in_seconds,
        thread_ts=_thread(tx, stored),
        edit=wish.edit,
        edit_of=job.id,
        title=job.title,
    )


def _thread(tx: Tx, stored: StoredJob) -> str | None:
    """Return the thread that the job's captions are in, None when that is not in its channel."""
    if stored.job.thread_ts is not None:
        return stored.job.thread_ts
    card = effects.by_key(tx, progress.key(stored, "card"))
    return None if card is None or card.target != stored.job.channel_id else card.ext_id
