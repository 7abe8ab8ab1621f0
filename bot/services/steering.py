"""What people do to jobs that are there: stop them, try them again. One function, one transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from bot.rules import mending, policy
from bot.rules.jobs import Job, is_finished
from bot.rules.policy import Act, Answer, Asker
from bot.rules.request import CaptionRequest
from bot.rules.steering import Outcome, Steered
from bot.services import captions, progress
from bot.services.captions import Ask
from bot.store import effects, jobs, lanes, records
from bot.store.jobs import StoredJob
from bot.store.tx import Tx

_REFUSALS: Final = {Answer.UNKNOWN: Outcome.UNKNOWN, Answer.NO: Outcome.DENIED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One act of a person on a job.

    `name` is our id of the job or Mux's. `key` names the act, so that its repetition makes nothing new;
    all presses of one button of a job are one act. `on_a_button` says that the act was offered beside the
    job, which may have moved on since. `poll_in_seconds` is when Mux is first asked about a new job.
    """

    asker: Asker
    name: str
    key: str
    mux_account: str
    on_a_button: bool = False
    poll_in_seconds: float = 30.0


def cancel(tx: Tx, wish: Wish) -> Steered:
    """Stop a job: at once when nothing of it was sent, else as soon as Mux can be asked to.

    A second wish changes nothing. Nothing is sent to anybody here.
    """
    stored, refused = _find(tx, wish, Act.CANCEL)
    if stored is None:
        return refused
    job = stored.job
    if is_finished(job.state):
        return _stale(tx, wish, stored, Outcome.FINISHED)
    if job.stopped_by is not None:
        return _stale(tx, wish, stored, Outcome.REPEATED)
    jobs.note(tx, stored.row_id, stopped_by=wish.asker.user_id)
    _audit(tx, wish, "job.cancelled", stored)
    outcome = _stop(tx, stored)
    progress.show(tx, stored)
    return Steered(outcome=outcome, name=wish.name, job=jobs.get(tx, stored.row_id).job)


def retry(tx: Tx, wish: Wish, act: Act = Act.RETRY) -> Steered:
    """Make a new job of the same request, or of the one that `act` changes it to, linked with the old one.

    The same act twice gets the same job; identical work that is under way is joined.
    """
    stored, refused = _find(tx, wish, act)
    if stored is None:
        return refused
    job = stored.job
    if not is_finished(job.state):
        return _stale(tx, wish, stored, Outcome.UNFINISHED)
    if not mending.is_worth_asking(job) or not mending.is_offered(act, job):
        return _stale(tx, wish, stored, Outcome.FINISHED)
    following = jobs.by_public_id(tx, job.next_job) if wish.on_a_button and job.next_job else None
    if following is not None:
        return replace(_stale(tx, wish, stored, Outcome.REPEATED), other=following.job)
    asked = captions.request(tx, _ask(wish, stored, act))
    jobs.note(tx, stored.row_id, next_job=asked.job.id, next_by=wish.asker.user_id)
    _audit(tx, wish, f"job.{act.value}", stored, next=asked.job.id)
    progress.show(tx, stored)
    return Steered(
        outcome=Outcome.JOINED if asked.joined else Outcome.STARTED,
        name=wish.name,
        job=job,
        other=asked.job,
        unlikely=act is Act.RETRY and not mending.can_help(job),
    )


def find(tx: Tx, *, account: str, name: str) -> StoredJob | None:
    """Return the job of that id, ours or Mux's; whether the person may see it is for the caller to ask."""
    stored = jobs.by_public_id(tx, name.casefold())
    if stored is not None:
        return stored
    row_id = jobs.find(tx, account=account, mux_id=name, passthrough="")
    return None if row_id is None else jobs.get(tx, row_id)


def _find(tx: Tx, wish: Wish, act: Act) -> tuple[StoredJob | None, Steered]:
    """Return the job, locked, if the person may do `act` with it; else what they are told."""
    found = find(tx, account=wish.mux_account, name=wish.name)
    stored = None if found is None else jobs.lock(tx, found.row_id)
    answer = policy.decide(act, None if stored is None else stored.job, wish.asker)
    if answer is Answer.YES:
        return stored, Steered(outcome=Outcome.UNKNOWN)
    known = stored.job if stored is not None and answer is Answer.NO else None
    return None, Steered(outcome=_REFUSALS[answer], name=wish.name, job=known)


def _stop(tx: Tx, stored: StoredJob) -> Outcome:
    if stored.job.mux_id is not None:
        progress.stop(tx, stored)
        return Outcome.ASKED
    ours = [effect for effect in effects.of_job(tx, stored.row_id) if effect.kind.vendor != "slack"]
    lanes.lock(tx, {effect.lane for effect in ours})
    create = effects.by_key(tx, progress.key(stored, "create"))
    # The intent is committed before a create is sent, so without one nothing is on its way.
    if create is not None and create.maybe_sent_at is not None:
        progress.stop(tx, stored, waits=True)
        return Outcome.WAITING
    for effect in ours:
        effects.settle(tx, effect.id, error="stopped before it was sent")
    progress.stopped(tx, stored.row_id)
    return Outcome.STOPPED


def _ask(wish: Wish, stored: StoredJob, act: Act) -> Ask:
    job = stored.job
    asker = wish.asker
    return Ask(
        request=_request(job, act),
        request_key=f"{act.value}:{job.id}:{wish.key}",
        team_id=asker.team_id,
        # A press may come from a direct message; what belongs to a channel is said in that channel.
        channel_id=job.channel_id if wish.on_a_button or job.edit is not None else asker.channel_id,
        user_id=asker.user_id,
        mux_account=stored.mux_account,
        warnings=job.warnings,
        poll_in_seconds=wish.poll_in_seconds,
        pointer=job.pointer,
        # A fix belongs to the captions that it fixes, and those to their thread.
        thread_ts=job.thread_ts if wish.on_a_button or job.edit is not None else None,
        retry_of=job.id,
        edit=job.edit,
        edit_of=job.edit_of,
        unsaved_by=asker.user_id if act is Act.UNSAVED else None,
        title=job.title if job.edit is not None else "",
    )


def _request(job: Job, act: Act) -> CaptionRequest:
    match act:
        case Act.REPLACE:
            return mending.replacing(job.request)
        case Act.FILES_ONLY:
            return mending.files_only(job.request)
        case _:
            return job.request


def _stale(tx: Tx, wish: Wish, stored: StoredJob, outcome: Outcome) -> Steered:
    """Say that the job has moved on; a button that offered the act is out of date, so it is taken away."""
    if wish.on_a_button:
        progress.show(tx, stored)
    return Steered(outcome=outcome, name=wish.name, job=stored.job)


def _audit(tx: Tx, wish: Wish, action: str, stored: StoredJob, **detail: str) -> None:
    records.audited(
        tx,
        team_id=wish.asker.team_id,
        user_id=wish.asker.user_id,
        action=action,
        job_id=stored.row_id,
        channel=wish.asker.channel_id,
        state=stored.job.state.value,
        **detail,
    )
