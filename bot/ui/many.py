"""The private question before several jobs are started at once, and what comes of it. Performs no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.rules import preflight
from bot.rules.jobs import Job
from bot.rules.links import Pointer
from bot.rules.request import CaptionRequest
from bot.rules.video import Video
from bot.ui.blocks import actions, context, message, section
from bot.ui.message import Block, Message
from bot.ui.mrkdwn import bold, code, dotted, lines, prose, sentences
from bot.ui.pressing import button
from bot.ui.replies import phrases_added
from bot.ui.unfit import UNFIT
from bot.ui.wording import asked_for, duration, title

START: Final = "job_many_start"
DROP: Final = "job_many_drop"

_ROWS_A_SECTION: Final = 8
_TITLE_LIMIT: Final = 100
_MOST_WARNINGS: Final = 5
_NOTHING: Final = "Nothing was started yet."


def offer(
    draft_id: str,
    request: CaptionRequest,
    videos: Sequence[tuple[Pointer, Video | None]],
    warnings: Sequence[str],
    *,
    added: int = 0,
) -> Message:
    """Return the question whether the videos are to be captioned, each with what is known of it.

    `added` of the phrases are the channel's.
    """
    opening = f"{_NOTHING} These are {len(videos)} videos:"
    asked = sentences(f"For each of them: {', '.join(asked_for(request))}.", phrases_added(added))
    rows = [_row(number, pointer, video, request) for number, (pointer, video) in enumerate(videos, 1)]
    noted = [f"Please note: {prose(warning, 400)}" for warning in warnings[:_MOST_WARNINGS]]
    total = _total([video for _, video in videos])
    return message(
        lines(opening, *rows, total, asked, *noted),
        [
            section(opening),
            *_sections(rows),
            section(lines(total, asked, *noted)),
            _buttons(draft_id, len(videos)),
            context("Each is charged by its length, like a job of its own."),
        ],
    )


def started(jobs: Sequence[tuple[Job, bool]]) -> Message:
    """Return what was started; each job comes with whether it was running already."""
    new = sum(not joined for _, joined in jobs)
    opening = f"{new} {'job was' if new == 1 else 'jobs were'} started. The cards show how they go."
    rows = [
        dotted(bold(title(job), _TITLE_LIMIT), f"Job {code(job.id)}", "was running already" if joined else "")
        for job, joined in jobs
    ]
    return message(lines(opening, *rows), [section(opening), *_sections(rows)])


def dropped() -> Message:
    """Return the answer to a no."""
    said = "Nothing was started, and nothing will be."
    return message(said, [section(said)])


def gone() -> Message:
    """Return the answer to a press that comes too late, or is somebody else's."""
    said = sentences(
        "There is nothing to decide here any more.",
        "What was started is shown by its cards; otherwise run the command again.",
    )
    return message(said, [section(said)])


def _row(number: int, pointer: Pointer, video: Video | None, request: CaptionRequest) -> str:
    written = code(pointer.written, 200)
    if video is None:
        return f"{number}. {dotted(written, 'length not known yet')}"
    length = duration(video.duration_seconds) if video.duration_seconds else "length not known yet"
    shown = f"{number}. {dotted(bold(video.title, _TITLE_LIMIT), written, length)}"
    failure = preflight.obstacle(video, request.changed(asset_id=video.asset_id))
    unfit = None if failure is None else UNFIT.get(failure.code)
    if failure is None or unfit is None:
        return shown
    said = unfit.said.format(asset=code(video.asset_id), detail=code(failure.message, 100))
    return f"{shown}\n      {said}"


def _total(videos: Sequence[Video | None]) -> str:
    known = [video.duration_seconds for video in videos if video is not None and video.duration_seconds]
    missing = len(videos) - len(known)
    if not known:
        return "Total length: not known yet."
    if missing:
        return f"Total length: at least {duration(sum(known))}; {missing} not known yet."
    return f"Total length: {duration(sum(known))}."


def _sections(rows: Sequence[str]) -> list[Block]:
    return [
        section(lines(*rows[start : start + _ROWS_A_SECTION]))
        for start in range(0, len(rows), _ROWS_A_SECTION)
    ]


def _buttons(draft_id: str, count: int) -> Block:
    row = [
        button(
            f"Start {count} jobs",
            action_id=START,
            value=draft_id,
            label=f"Start captions for all {count} videos",
            style="primary",
        ),
        button("Start nothing", action_id=DROP, value=draft_id, label="Start none of these jobs"),
    ]
    return {**actions(row), "block_id": f"many:{draft_id}"}
