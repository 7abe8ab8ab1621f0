"""The one message that stands for a job in its channel and is edited as the job moves. Performs no I/O."""

from __future__ import annotations

from typing import Final

from bot.rules.jobs import Job, State
from bot.ui import buttons
from bot.ui.blocks import context, message, section
from bot.ui.message import Message
from bot.ui.mrkdwn import bold, clip, date, dotted, lines, prose, sentences, utc
from bot.ui.wording import (
    TITLE_LIMIT,
    asked_for,
    history,
    ids,
    length,
    people,
    state,
    title,
    took,
    units,
)

_MOST_WARNINGS: Final = 5

_NEXT: Final[dict[State, str]] = {
    State.COMPLETED: "The captions are in this thread.",
    State.ERRORED: "This thread says why and what it cost.",
    State.CANCELLED: "This thread says what it cost.",
    State.REFUSED: "This thread says why and what to do next.",
    State.ABANDONED: "This thread says what to do next.",
}
_NEXT_WHILE_RUNNING: Final = "The captions will be posted in this thread."


def card(job: Job) -> Message:
    """Return the card of `job` as it is now; the same job always gives the same card."""
    stands, following = _state(job), _NEXT.get(job.state, _NEXT_WHILE_RUNNING)
    asked = asked_for(job.request)
    warned = _warnings(job)
    steered = history(job, date)
    text = sentences(
        f"Captions for {title(job)}: {stands}.",
        f"{', '.join(asked)}.",
        f"Asked for by {people(job, watchers=False)}.",
        *history(job, utc),
        *warned,
        following,
    )
    return message(
        text,
        [
            section(
                lines(bold(job.title, TITLE_LIMIT) or bold(job.request.asset_id), f"{stands}. {following}")
            ),
            section(lines(*warned)) if warned else None,
            context(clip(dotted(length(job), *asked), 1_500), f"Asked for by {people(job, watchers=False)}"),
            context(*steered) if steered else None,
            context(ids(job)),
            buttons.of_job(job, where=""),
        ],
    )


def _state(job: Job) -> str:
    """Return the state in words, with time and cost once there are any."""
    span = took(job) if job.state is State.COMPLETED else ""
    words = f"{state(job)} in {span}" if span else state(job)
    ran = job.state in {State.COMPLETED, State.ERRORED, State.CANCELLED}
    return f"{words}, {units(job.units_consumed)} used" if ran and job.units_consumed else words


def _warnings(job: Job) -> list[str]:
    shown = [f"Please note: {prose(warning, 400)}" for warning in job.warnings[:_MOST_WARNINGS]]
    hidden = len(job.warnings) - len(shown)
    return [*shown, f"Further notes, not shown: {hidden}."] if hidden else shown
