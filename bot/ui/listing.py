"""The private answers about jobs that are there: how they stand, lists of them. Performs no I/O."""

from __future__ import annotations

from typing import Final

from bot.rules.effects import NEVER, Effect, Kind
from bot.rules.jobs import Job, State, is_finished
from bot.rules.steering import Page, Scope, Standing
from bot.ui.blocks import actions, context, divider, message, section
from bot.ui.buttons import LIST_PAGE, LIST_TOP
from bot.ui.buttons import of_job as buttons_of
from bot.ui.message import Block, Message
from bot.ui.mrkdwn import bold, channel, code, date, dotted, lines, mention, sentences, utc
from bot.ui.pressing import button
from bot.ui.wording import (
    TITLE_LIMIT,
    asked_for,
    history,
    ids,
    people,
    state,
    title,
    took,
    units,
)

_MOST_WAITING: Final = 5
_HEADINGS: Final[dict[Scope, str]] = {
    Scope.MINE: "Jobs that you asked for or wait for",
    Scope.CHANNEL: "Jobs of this channel",
    Scope.ALL: "Your jobs and those of this channel",
}
NAMES: Final[dict[Kind, str]] = {
    Kind.CARD: "the card",
    Kind.RESULT: "the result in the thread",
    Kind.NOTICE: "a direct message about the result",
    Kind.STEP: "telling the workflow",
    Kind.UNDO: "taking a stray message back",
    Kind.UPLOAD: "sending the file to Mux",
    Kind.PREPARE: "looking at the video",
    Kind.CREATE: "sending the job to Mux",
    Kind.CANCEL: "stopping the job at Mux",
    Kind.CHECK: "asking Mux how the job ended",
    Kind.FETCH: "fetching the caption files",
    Kind.TRACK: "asking Mux about the track",
    Kind.SHARE: "sharing the files",
    Kind.RESTORE: "putting the previous captions back",
    Kind.RESTORED: "the reply that says whether they are back",
}


def standing(found: tuple[Standing, ...], *, name: str = "") -> Message:
    """Return how jobs stand, in full; `name` is the id that was asked about, empty for the person's own."""
    if not found:
        return unknown(name) if name else _nothing("You have no jobs in this channel.")
    parts = [_told(each) for each in found]
    blocks: list[Block | None] = []
    for index, (_, shown) in enumerate(parts):
        blocks += [*([divider()] if index else []), *shown]
    return message(lines(*[spoken for spoken, _ in parts]), blocks)


def unknown(name: str) -> Message:
    """Return the answer about something that is not there, or not for this person."""
    return _said(
        f"There is no job or asset {code(name, 100)} that you may see.",
        "Copy the id from the job's card. Jobs of other channels are shown to those who asked for them.",
    )


def page(shown: Page, *, command: str = "/caption") -> Message:
    """Return one page of a list, with the buttons that lead to the next older one and to the top."""
    if not shown.jobs:
        ending = "There are no older ones." if not shown.is_first else "There are none yet."
        return message(f"{_HEADINGS[shown.scope]}: {ending}", [section(ending), _turn(shown)])
    rows = [_row(job) for job in shown.jobs]
    following = f"{code(f'{command} status')} and a job's id say more about it."
    return message(
        lines(f"{_HEADINGS[shown.scope]}:", *[_spoken_row(job) for job in shown.jobs], following),
        [section(f"*{_HEADINGS[shown.scope]}*"), *rows, context(following), _turn(shown)],
    )


def _told(each: Standing) -> tuple[str, list[Block | None]]:
    job = each.job
    waits = [_waits(job, effect) for effect in each.effects[:_MOST_WAITING]]
    asked = f"Asked for by {people(job, watchers=False)} in {channel(job.channel_id)}"
    waiting = (
        f"Waiting for it too: {people(job.changed(user_id=job.watchers[0]), watchers=True)}."
        if job.watchers
        else ""
    )
    spoken = sentences(
        f"{title(job)}: {_state(job)}.", f"{asked}, {utc(job.created_at)}.", *history(job, utc), *waits
    )
    return spoken, [
        section(lines(bold(job.title, TITLE_LIMIT) or bold(job.request.asset_id), f"{_state(job)}.", *waits)),
        context(dotted(*asked_for(job.request)), f"{asked}, {date(job.created_at)}."),
        context(*filter(None, [_times(job), waiting, *history(job, date)])),
        context(ids(job)),
        buttons_of(job, where=" (from its status)") if each.may_steer else None,
    ]


def _state(job: Job) -> str:
    span = took(job) if job.state is State.COMPLETED else ""
    words = f"{state(job)} in {span}" if span else state(job)
    return f"{words}, {units(job.units_consumed)} used" if job.units_consumed else words


def _times(job: Job) -> str:
    if job.finished_at is not None:
        return f"Ended {date(job.finished_at)}."
    return f"Last change {date(job.updated_at)}."


def _waits(job: Job, effect: Effect) -> str:
    """Say what is not done yet, and why."""
    name = NAMES.get(effect.kind, "something")
    what = f"{name[0].upper()}{name[1:]}"
    why = f" ({code(effect.error, 200)})" if effect.error else ""
    if effect.detour is not None:
        refused = f"Slack refuses {channel(job.channel_id)} ({code(effect.detour, 60)})"
        return f"{what} goes to {mention(job.user_id)} directly, because {refused}."
    if effect.buried:
        return f"{what} was given up{why}."
    return f"{what} has not succeeded yet{why} and is tried again {_when(effect.due_at)}."


def _when(due_at: float) -> str:
    return "later" if due_at >= NEVER else date(due_at)


def _row(job: Job) -> Block:
    return section(
        lines(bold(job.title, TITLE_LIMIT) or bold(job.request.asset_id), _facts(job, date(job.created_at)))
    )


def _spoken_row(job: Job) -> str:
    return f"{title(job)}: {_facts(job, utc(job.created_at))}"


def _facts(job: Job, asked_at: str) -> str:
    words = "Being cancelled" if job.stopped_by and not is_finished(job.state) else _state(job)
    return dotted(words, people(job, watchers=False), asked_at, code(job.id))


def _turn(shown: Page) -> Block | None:
    scope = shown.scope.value
    older = button(
        "Older", action_id=LIST_PAGE, value=f"{scope}:{shown.before}", label=f"Older jobs of the list {scope}"
    )
    newest = button(
        "Newest",
        action_id=LIST_TOP,
        value=f"{scope}:",
        label=f"Back to the newest jobs of the list {scope}",
    )
    turns = [*([] if shown.before is None else [older]), *([] if shown.is_first else [newest])]
    return {**actions(turns), "block_id": "list"} if turns else None


def _nothing(said: str) -> Message:
    return _said(said, "Type `/caption` and an asset id to start one, or `/caption list all` to see others.")


def _said(happened: str, following: str) -> Message:
    return message(sentences(happened, following), [section(lines(happened, following))])
