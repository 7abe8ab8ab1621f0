"""The one message that stands for a job in its channel and is edited as the job moves. Performs no I/O."""

from __future__ import annotations

from typing import Final

from bot.rules.archive import FilesState, TrackState
from bot.rules.hosts import Hosts
from bot.rules.jobs import Job, State
from bot.rules.video import READY
from bot.ui import buttons, mended
from bot.ui.blocks import context, illustrated, message, section
from bot.ui.message import Block, Message
from bot.ui.mrkdwn import bold, clean, clip, date, dotted, lines, prose, sentences, utc
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
_TRACK: Final[dict[TrackState, str]] = {
    TrackState.NONE: "",
    TrackState.PREPARING: "The track is attached, and Mux is still preparing it.",
    TrackState.READY: "Viewers have the track.",
    TrackState.ERRORED: "Mux could not prepare the track, so viewers do not have it.",
    TrackState.GONE: "The track is not on the asset any more.",
    TrackState.UNKNOWN: "Mux has not said that the track is ready.",
}
_STILL_PIXELS: Final = 200
_MUX: Final = Hosts()
_NEXT_WHILE_RUNNING: Final = "The captions will be posted in this thread."


def card(job: Job, hosts: Hosts = _MUX) -> Message:
    """Return the card of `job` as it is now; the same job always gives the same card."""
    stands, following = _state(job), _following(job)
    asked = asked_for(job.request) if job.edit is None else mended.asked(job.edit)
    warned = [*_warnings(job), *filter(None, [mended.warning(job)])]
    steered = (*history(job, date), *mended.put_back(job))
    text = sentences(
        f"Captions for {title(job)}: {stands}.",
        f"{', '.join(asked)}.",
        f"Asked for by {people(job, watchers=False)}.",
        *history(job, utc),
        *mended.put_back(job),
        *warned,
        following,
    )
    return message(
        text,
        [
            _head(job, f"{stands}. {following}", hosts),
            section(lines(*warned)) if warned else None,
            context(clip(dotted(length(job), *asked), 1_500), f"Asked for by {people(job, watchers=False)}"),
            context(*steered) if steered else None,
            context(ids(job)),
            buttons.of_job(job, where=""),
        ],
    )


def _head(job: Job, said: str, hosts: Hosts) -> Block:
    """Return title and state, beside a picture of the video where everybody may see one."""
    text = lines(bold(job.title, TITLE_LIMIT) or bold(job.request.asset_id), said)
    video = job.video
    if video is None or video.public_id is None or not video.has_picture or video.status != READY:
        return section(text)
    still = hosts.thumbnail(video.public_id, width=_STILL_PIXELS)
    return illustrated(text, still, f"A still of the video {clean(job.title) or job.request.asset_id}")


def _following(job: Job) -> str:
    """Return what happens next, or where it has happened."""
    if job.state is not State.COMPLETED:
        return _NEXT.get(job.state, _NEXT_WHILE_RUNNING)
    archive = job.archive
    files = (
        "The result is in this thread; its files are being fetched."
        if archive is None or archive.files is FilesState.WAITING
        else _NEXT[State.COMPLETED]
        if archive.files is FilesState.KEPT
        else "This thread says what became of the files."
    )
    return sentences(files, _TRACK[_track(job)])


def _track(job: Job) -> TrackState:
    if job.outcome is None or not job.outcome.track_id:
        return TrackState.NONE
    return TrackState.PREPARING if job.archive is None else job.archive.track


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
