"""The private answers to people who stopped a job or tried it again. Performs no I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bot.rules.jobs import Job, State, is_finished
from bot.rules.steering import Outcome, Steered
from bot.ui.blocks import context, message, section
from bot.ui.listing import unknown
from bot.ui.message import Message
from bot.ui.mrkdwn import code, lines, mention, sentences
from bot.ui.replies import no_second
from bot.ui.unfit import FREE
from bot.ui.wording import ids, people, state, title

_UNLIKELY: Final = (
    "Be warned: nothing suggests that the same request succeeds this time, and Mux may charge for it."
)
_CARD: Final = "Its card in the channel shows how it goes."
_GONE: Final = "The button is taken away at the card's next update."


def cancelled(steered: Steered) -> Message:
    """Return what became of the wish to stop a job."""
    job = steered.job
    if job is None:
        return unknown(steered.name)
    happened, following = _CANCELLED[steered.outcome](job)
    return _said(job, happened, following)


def retried(steered: Steered, *, on_a_button: bool = False) -> Message:
    """Return what became of the wish to try a job again."""
    job = steered.job
    if job is None:
        return unknown(steered.name)
    match steered.outcome:
        case Outcome.DENIED:
            return _said(job, *_denied(job, "try it again"))
        case Outcome.UNFINISHED:
            return _said(job, f"Nothing was started: {title(job)} is still under way.", _now(job))
        case Outcome.FINISHED:
            return _said(job, *_not_again(job), _GONE if on_a_button else "")
        case Outcome.REPEATED:
            return _said(job, *_again_already(job, steered.other))
        case _:
            return _started(job, steered)


def _started(job: Job, steered: Steered) -> Message:
    other = steered.other or job
    if steered.outcome is Outcome.JOINED:
        happened = f"The same captions for {title(job)} are being made already, by job {code(other.id)}."
        following = no_second(other)
    else:
        happened = f"Another try for {title(job)} is job {code(other.id)}."
        following = _CARD
    return _said(other, happened, following, _UNLIKELY if steered.unlikely else "")


def _stopped(job: Job) -> tuple[str, str]:
    return f"The captions for {title(job)} are cancelled.", FREE


def _asked(job: Job) -> tuple[str, str]:
    return (
        f"Mux is being asked to stop the captions for {title(job)}.",
        "The thread will say how it ended and what it cost.",
    )


def _waiting(job: Job) -> tuple[str, str]:
    return (
        f"The captions for {title(job)} are on their way to Mux at this moment.",
        "They are stopped as soon as Mux has the job; the thread will say what it cost.",
    )


def _finished(job: Job) -> tuple[str, str]:
    return f"There is nothing left to cancel: {title(job)} has ended.", _now(job)


def _repeated(job: Job) -> tuple[str, str]:
    who = mention(job.stopped_by or job.user_id)
    return f"{who} has asked for {title(job)} to be cancelled already.", "The thread will say how it ended."


def _denied_cancel(job: Job) -> tuple[str, str]:
    return _denied(job, "cancel it")


def _denied(job: Job, act: str) -> tuple[str, str]:
    allowed = people(job, watchers=True)
    return f"Nothing was changed: {title(job)} is not yours.", f"Those who wait for it may {act}: {allowed}."


_CANCELLED: Final[dict[Outcome, Callable[[Job], tuple[str, str]]]] = {
    Outcome.STOPPED: _stopped,
    Outcome.ASKED: _asked,
    Outcome.WAITING: _waiting,
    Outcome.FINISHED: _finished,
    Outcome.REPEATED: _repeated,
    Outcome.DENIED: _denied_cancel,
}


def _not_again(job: Job) -> tuple[str, str]:
    if job.state is State.COMPLETED:
        return (
            f"Nothing was started: the captions for {title(job)} are done.",
            "To make them once more, which costs once more, run the command with the asset's id again.",
        )
    return f"Nothing was started: that does not help with {title(job)}.", _now(job)


def _again_already(job: Job, other: Job | None) -> tuple[str, str]:
    who = f"{mention(job.next_by)} has" if job.next_by else "Somebody has"
    following = "" if other is None else f"That is job {code(other.id)}. {_now(other)}"
    return f"{who} tried {title(job)} again already.", sentences(following, _GONE)


def _now(job: Job) -> str:
    verb = "It ended" if is_finished(job.state) else "It stands"
    return f"{verb} like this: {state(job)}."


def _said(job: Job, *parts: str) -> Message:
    return message(sentences(*parts), [section(lines(*parts)), context(ids(job))])
