"""Takes requests for captions: one transaction makes the job and everything that will be wanted for it."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, replace
from typing import Final

from bot.rules import channel
from bot.rules.edits import CaptionEdit
from bot.rules.effects import NEVER, Kind, channel_lane, file_lane, mux_lane
from bot.rules.jobs import Job, is_finished
from bot.rules.links import Pointer, PointerKind
from bot.rules.request import CaptionRequest
from bot.services import channel_settings
from bot.store import acts, inbox, jobs, records, wanted
from bot.store.acts import Before
from bot.store.job_rows import NewJob
from bot.store.jobs import StoredJob
from bot.store.tx import Tx
from bot.store.wanted import NewEffect

_ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"
"""Letters and digits that cannot be mistaken for each other when read aloud."""

_LETTERS: Final = 10
"""How many of them an id has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One act of a person. `request_key` names that act, so that its repetition makes no second job.

    `poll_in_seconds` is when Mux is asked about the job for the first time, unless it reports before.
    `pointer` is how the video was named, `thread_ts` and `retry_of` are the job's. `with_channels_phrases` is
    for a person who has not seen the channel's phrases yet. `edit` and `edit_of` are those of a job that
    fixes words, `unsaved_by` is who said that tracks may be deleted without being saved. `title` is the
    video's, if it is known already. `step` is the run of a workflow step that waits for the job's end.
    """

    request: CaptionRequest
    request_key: str
    team_id: str
    channel_id: str
    user_id: str
    mux_account: str
    warnings: tuple[str, ...] = ()
    poll_in_seconds: float = 30.0
    pointer: Pointer | None = None
    thread_ts: str | None = None
    retry_of: str | None = None
    with_channels_phrases: bool = False
    edit: CaptionEdit | None = None
    edit_of: str | None = None
    unsaved_by: str | None = None
    title: str = ""
    step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What became of an act: the job that does the work, and whether it was running already.

    `added` are the phrases that the channel added; a repeated act is not told again.
    """

    job: Job
    joined: bool
    added: tuple[str, ...] = ()


def request(tx: Tx, ask: Ask) -> Asked:
    """Make the job, or join the one that already does the same work.

    The same act twice gets the answer of the first time. Nothing is sent to anybody here.
    """
    before = acts.before(tx, request_key=ask.request_key, team_id=ask.team_id, channel_id=ask.channel_id)
    if before.is_known and (earlier := known(tx, ask.request_key)) is not None:
        return earlier
    if before.options is None:
        records.know_channel(
            tx,
            team_id=ask.team_id,
            channel_id=ask.channel_id,
            user_id=ask.user_id,
            mux_account=ask.mux_account,
        )
    ask, added = _with_phrases(ask, before)
    work = (
        work_key(ask.team_id, ask.mux_account, ask.request)
        if ask.edit is None
        else edit_key(ask.team_id, ask.mux_account, ask.edit)
    )
    made = _make(tx, ask, work, before)
    if made is not None:
        return Asked(job=made, joined=False, added=added)
    running = _running(tx, work)
    # Without one, another transaction was at the same work or act meanwhile, and has ended by now.
    return request(tx, ask) if running is None else _join(tx, ask, running, added)


def _join(tx: Tx, ask: Ask, running: StoredJob, added: tuple[str, ...]) -> Asked:
    if ask.user_id != running.job.user_id:
        jobs.watch(tx, running.row_id, ask.user_id, ask.channel_id)
    if ask.step:
        jobs.note(tx, running.row_id, steps=(*running.job.steps, ask.step))
    # Were the act forgotten, its second delivery would start new work once the joined one is finished.
    inbox.remember(tx, source=acts.JOINED, event_id=ask.request_key, answer=running.job.id)
    _audit(tx, ask, "job.joined", running.row_id)
    return Asked(job=jobs.get(tx, running.row_id).job, joined=True, added=added)


def _with_phrases(ask: Ask, before: Before) -> tuple[Ask, tuple[str, ...]]:
    """Return what is asked for with the channel's phrases, and those that were added."""
    if not ask.with_channels_phrases or not before.options:
        return ask, ()
    found = channel.merged(ask.request, channel_settings.decoded(json.loads(before.options)).options)
    return replace(ask, request=found.request, warnings=(*ask.warnings, *found.warnings)), found.added


def work_key(team_id: str, mux_account: str, request: CaptionRequest) -> str:
    """Return what identical work shares: workspace, Mux account, asset, language and settings."""
    content = json.dumps([team_id, mux_account, request.to_json()], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def edit_key(team_id: str, mux_account: str, edit: CaptionEdit) -> str:
    """Return what all fixes of one track share; one of them runs at a time, since each deletes the track."""
    content = json.dumps([team_id, mux_account, "edit", edit.asset_id, edit.track_id])
    return hashlib.sha256(content.encode()).hexdigest()


def known(tx: Tx, request_key: str) -> Asked | None:
    """Return what became of an act before, None when it is new."""
    made = jobs.by_request(tx, request_key)
    if made is not None:
        return Asked(job=made.job, joined=False)
    joined = inbox.remembered(tx, source=acts.JOINED, event_id=request_key)
    stored = None if joined is None else jobs.by_public_id(tx, joined)
    return None if stored is None else Asked(job=stored.job, joined=True)


def _running(tx: Tx, work_key: str) -> StoredJob | None:
    """Return the unfinished job of that work, locked, so that it cannot end before a watcher is noted."""
    found = jobs.running(tx, work_key)
    if found is None:
        return None
    locked = jobs.lock(tx, found.row_id)
    return None if is_finished(locked.job.state) else locked


def _make(tx: Tx, ask: Ask, work: str, before: Before) -> Job | None:
    """Make the job and ask for everything that is wanted for it; None when its work is under way."""
    pointer = None if ask.pointer is None or ask.pointer.kind is PointerKind.ASSET else ask.pointer
    file = pointer if pointer is not None and pointer.kind is PointerKind.FILE else None
    public_id = _new_id()
    deployment = before.deployment or records.remembered(tx, acts.DEPLOYMENT, secrets.token_hex(4))
    new = NewJob(
        public_id=public_id,
        passthrough=f"captionbot:{deployment}:{public_id}",
        request_key=ask.request_key,
        work_key=work,
        team_id=ask.team_id,
        channel_id=ask.channel_id,
        user_id=ask.user_id,
        mux_account=ask.mux_account,
        request=ask.request,
        warnings=ask.warnings,
        next_poll_at=tx.now + ask.poll_in_seconds,
        pointer=pointer,
        thread_ts=ask.thread_ts,
        retry_of=ask.retry_of,
        edit=ask.edit,
        edit_of=ask.edit_of,
        unsaved_by=ask.unsaved_by,
        steps=(ask.step,) if ask.step else (),
        # What is known of the video, until Mux has told its title.
        title=ask.title if file is None else file.written,
    )
    stored = jobs.add(tx, new)
    if stored is None:
        return None
    wanted.add(tx, stored.row_id, _first_effects(tx, ask, stored, file))
    _audit(tx, ask, "job.requested", stored.row_id)
    return stored.job


def _new_id() -> str:
    """Return an id of ours that nobody can guess; the system is asked for randomness once."""
    number = secrets.randbelow(len(_ALPHABET) ** _LETTERS)
    letters = []
    for _ in range(_LETTERS):
        number, place = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[place])
    return "".join(letters)


def _first_effects(tx: Tx, ask: Ask, stored: StoredJob, file: Pointer | None) -> list[NewEffect]:
    """Return everything that is wanted for a new job."""
    job, lane = stored.job.id, mux_lane(ask.mux_account, stored.row_id)
    place = channel_lane(ask.team_id, ask.channel_id)
    # There is nothing to look at before a file is at Mux.
    looked_at = tx.now if file is None else NEVER
    first = [
        NewEffect(key=f"{job}:prepare", kind=Kind.PREPARE, lane=lane, due_at=looked_at),
        # It waits until the preparation lets it go.
        NewEffect(key=f"{job}:create", kind=Kind.CREATE, lane=lane, due_at=NEVER),
        NewEffect(key=f"{job}:card", kind=Kind.CARD, lane=place, due_at=tx.now, target=ask.channel_id),
    ]
    if file is not None:
        lane = file_lane(ask.mux_account, file.id)
        first.append(NewEffect(key=f"{job}:upload", kind=Kind.UPLOAD, lane=lane, due_at=tx.now))
    return first


def _audit(tx: Tx, ask: Ask, action: str, row_id: int) -> None:
    records.audited(
        tx,
        team_id=ask.team_id,
        user_id=ask.user_id,
        action=action,
        job_id=row_id,
        channel=ask.channel_id,
        asset=ask.request.asset_id,
    )
