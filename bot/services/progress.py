"""Moves jobs. Webhook, poller, create and cancel all end here; no other module sets a job's state."""

from __future__ import annotations

from typing import Any

from bot.rules.effects import NEVER, Effect, Kind, archive_lane, channel_lane, mux_lane, step_lane
from bot.rules.jobs import TARGET, Failure, Outcome, Report, Signal, State, advance, is_finished
from bot.rules.video import TextTrack
from bot.store import catalogue, effects, jobs, wanted
from bot.store.jobs import StoredJob
from bot.store.tx import Tx
from bot.store.wanted import NewEffect

STEP = "step:"
"""What stands before a run's id in the key of the effect that ends it."""

_ATTACHED = "uploaded"
"""Mux attaches the captions of a job as a file, so it does not count them as generated."""


def apply(tx: Tx, row_id: int, report: Report) -> bool:
    """Apply what Mux says about a job; late, repeated and reordered reports change nothing.

    Returns whether the job moved. When it did, its card is out of date, and at the end its result is to
    be said, once.
    """
    return apply_to(tx, jobs.lock(tx, row_id), report)


def apply_to(tx: Tx, stored: StoredJob, report: Report) -> bool:
    """Do as `apply` with a job that is locked already, as it was read then."""
    if stored.job.mux_id not in (None, report.mux_id):
        # A copy of our create, which the audit stops; what becomes of it is not what becomes of the job.
        return False
    target = advance(stored.job.state, report.signal)
    if target == stored.job.state:
        _hear_late(tx, stored, report)
        return False
    if not jobs.advance(tx, stored.row_id, target, **_details(tx, stored, report, target)):
        return False
    if report.outcome is not None:
        _know_track(tx, stored, report.outcome)
    if is_finished(target):
        _end(tx, stored, *([_files(tx, stored)] if target is State.COMPLETED else []))
    else:
        _show(tx, stored)
        if stored.job.stopped_by is not None:
            effects.release(tx, [key(stored, "cancel")])
    return True


def sent(tx: Tx, row_id: int) -> None:
    """Say that a create is about to be sent; nothing that people see changes."""
    jobs.advance(tx, row_id, State.SUBMITTING)


def lost(tx: Tx, row_id: int) -> None:
    """Say that nobody knows whether the create was done."""
    stored = jobs.lock(tx, row_id)
    if jobs.advance(tx, row_id, advance(stored.job.state, Signal.LOST)):
        _show(tx, stored)


def refused(tx: Tx, row_id: int, failure: Failure) -> None:
    """Say that Mux answered the create with a definite no."""
    stored = jobs.lock(tx, row_id)
    target = advance(stored.job.state, Signal.REFUSED)
    if jobs.advance(tx, row_id, target, failure=failure, finished_at=tx.now, next_poll_at=None):
        _end(tx, stored)


def stopped(tx: Tx, row_id: int) -> None:
    """Say that a job was stopped before anything of it reached Mux."""
    stored = jobs.lock(tx, row_id)
    target = advance(stored.job.state, Signal.CANCELLED)
    if jobs.advance(tx, row_id, target, finished_at=tx.now, next_poll_at=None):
        _end(tx, stored)


def stop(tx: Tx, stored: StoredJob, *, waits: bool = False) -> None:
    """Ask Mux to stop the job; with `waits` not before it is known which job that is at Mux."""
    name = key(stored, "cancel")
    lane = mux_lane(stored.mux_account, stored.row_id)
    due_at = NEVER if waits else tx.now
    if not effects.add(tx, key=name, kind=Kind.CANCEL, lane=lane, job_id=stored.row_id, due_at=due_at):
        effects.want_more(tx, name)


def gone(tx: Tx, row_id: int) -> None:
    """Say that Mux no longer knows a job that it had accepted."""
    stored = jobs.lock(tx, row_id)
    target = advance(stored.job.state, Signal.GONE)
    if target != stored.job.state and jobs.advance(tx, row_id, target, finished_at=tx.now, next_poll_at=None):
        _end(tx, stored)


def settle(tx: Tx, row_id: int, report: Report) -> None:
    """Replace the end of a job by what Mux answers when asked which of two ends is true."""
    stored = jobs.lock(tx, row_id)
    target = advance(State.PROCESSING, report.signal)
    if not is_finished(target) or target == stored.job.state:
        return
    jobs.correct(tx, row_id, target, **_details(tx, stored, report, target))
    _show(tx, stored)
    effects.want_more(tx, key(stored, "result"))
    for user_id in sorted(jobs.watching_elsewhere(tx, stored)):
        effects.want_more(tx, key(stored, f"notice:{user_id}"))
    if target is State.COMPLETED:
        wanted.add(tx, stored.row_id, [_files(tx, stored)])


def tell(tx: Tx, stored: StoredJob, user_id: str) -> None:
    """Ask for the end of a job to be said directly to somebody, once."""
    wanted.add(tx, stored.row_id, [_notice(tx, stored, user_id)])


def key(stored: StoredJob, name: str) -> str:
    """Return the key of one of a job's effects: `<our id>:<name>`."""
    return f"{stored.job.id}:{name}"


def show(tx: Tx, stored: StoredJob) -> None:
    """Say that the card is out of date, and so is the result if there is one."""
    effects.want_more(tx, key(stored, "card"))
    effects.want_more(tx, key(stored, "result"))


def _end(tx: Tx, stored: StoredJob, *more: NewEffect) -> None:
    """Ask for the end to be said, and for `more`: in the card, in its thread, and to those elsewhere."""
    _forget_stopping(tx, stored)
    changed = effects.outdate(tx, key(stored, "card"))
    card = effects.by_key(tx, key(stored, "card")) if changed is None else changed
    wanted.add(
        tx,
        stored.row_id,
        [
            _result(tx, stored, card),
            *(_notice(tx, stored, user_id) for user_id in sorted(jobs.watching_elsewhere(tx, stored))),
            *(_step(tx, stored, execution_id) for execution_id in stored.job.steps),
            *more,
        ],
        also=[] if changed is None else [(changed.lane, changed.due_at)],
    )


def _result(tx: Tx, stored: StoredJob, card: Effect | None) -> NewEffect:
    target = stored.job.channel_id if card is None else card.target
    waits = card is not None and card.ext_id is None and not card.buried
    return NewEffect(
        key=key(stored, "result"),
        kind=Kind.RESULT,
        lane=channel_lane(stored.job.team_id, target),
        target=target,
        due_at=NEVER if waits else tx.now,
        detour=None if card is None else card.detour,
    )


def _notice(tx: Tx, stored: StoredJob, user_id: str) -> NewEffect:
    return NewEffect(
        key=key(stored, f"notice:{user_id}"),
        kind=Kind.NOTICE,
        lane=channel_lane(stored.job.team_id, user_id),
        target=user_id,
        due_at=tx.now,
    )


def _step(tx: Tx, stored: StoredJob, execution_id: str) -> NewEffect:
    """Return the wish to tell the end of a job to a workflow that waits for it."""
    return NewEffect(
        key=key(stored, f"{STEP}{execution_id}"),
        kind=Kind.STEP,
        lane=step_lane(stored.job.team_id, stored.row_id),
        target=stored.job.channel_id,
        due_at=tx.now,
    )


def _files(tx: Tx, stored: StoredJob) -> NewEffect:
    """Return the wish for the files of a completed job; what becomes of them never changes how it ended."""
    lane = archive_lane(stored.mux_account, stored.row_id)
    return NewEffect(key=key(stored, "fetch"), kind=Kind.FETCH, lane=lane, due_at=tx.now)


def _know_track(tx: Tx, stored: StoredJob, outcome: Outcome) -> None:
    """Let the list of videos show at once what the job did to its video's tracks."""
    if outcome.track_id is None:
        return
    made = TextTrack(
        id=outcome.track_id,
        name=stored.job.request.track_name or "",
        language_code=outcome.language_code,
        source=_ATTACHED,
    )
    catalogue.change_tracks(
        tx,
        stored.mux_account,
        stored.job.request.asset_id,
        added=made,
        gone={track.id for track in outcome.replaced},
    )


def _show(tx: Tx, stored: StoredJob) -> None:
    effects.want_more(tx, key(stored, "card"))


def _forget_stopping(tx: Tx, stored: StoredJob) -> None:
    """Close a wish to stop the job that was waiting for Mux's answer: there is nothing left to stop."""
    if stored.job.stopped_by is None:
        return
    waiting = effects.by_key(tx, key(stored, "cancel"))
    if waiting is not None and waiting.due_at >= NEVER:
        effects.settle(tx, waiting.id, error="")


def _details(tx: Tx, stored: StoredJob, report: Report, target: State) -> dict[str, Any]:
    details: dict[str, Any] = {"mux_id": report.mux_id}
    if report.title and not stored.job.title:
        details["title"] = report.title
    if is_finished(target):
        details |= {
            "outcome": report.outcome,
            "failure": report.failure,
            "units_consumed": report.units_consumed,
            "finished_at": report.changed_at or tx.now,
            "next_poll_at": None,
        }
    return details


def _hear_late(tx: Tx, stored: StoredJob, report: Report) -> None:
    if stored.job.mux_id is None:
        jobs.note(tx, stored.row_id, mux_id=report.mux_id)
        if stored.job.state is State.CANCELLED and not is_finished(TARGET[report.signal]):
            # There was reason to believe that Mux does not have it, and it does.
            stop(tx, stored)
    contradicts = advance(State.PROCESSING, report.signal)
    if is_finished(stored.job.state) and is_finished(contradicts) and contradicts != stored.job.state:
        effects.add(
            tx,
            key=key(stored, "check"),
            kind=Kind.CHECK,
            lane=mux_lane(stored.mux_account, stored.row_id),
            job_id=stored.row_id,
        )
