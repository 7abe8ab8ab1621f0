"""The buttons on a job's messages: those that make sense now, and no others. Performs no I/O."""

from __future__ import annotations

from typing import Final

from bot.rules import mending
from bot.rules.archive import SILENT, FilesState
from bot.rules.jobs import Job, State, is_finished
from bot.rules.saving import NO_TEXT
from bot.rules.video import TextTrack
from bot.ui import mend_buttons
from bot.ui.blocks import actions
from bot.ui.form_messages import AGAIN
from bot.ui.message import Block
from bot.ui.mrkdwn import clean, code, sentences
from bot.ui.pressing import button, confirmation, heard_name
from bot.ui.wording import language

CANCEL: Final = "job_cancel"
RETRY: Final = "job_retry"
REPLACE: Final = "job_replace"
FILES_ONLY: Final = "job_files_only"
STATUS: Final = "job_status"
FILES: Final = "job_files"
LIST_PAGE: Final = "list_page"
LIST_TOP: Final = "list_page_top"


_NOT_SENT: Final = "Nothing of it is at Mux yet, so nothing will be charged if it is stopped in time."
_AT_MUX: Final = "Mux may charge for what it has done by then; the thread will say how much."
_COSTS_AGAIN: Final = "The work was done once already and is done again, so it is charged again."


def of_job(job: Job, *, where: str) -> Block | None:
    """Return the row of a job's buttons as it stands now, None when there is nothing to press.

    `where` says to those who hear the buttons which of several messages they are on.
    """
    buttons = _buttons(job, where)
    return {**actions(buttons), "block_id": f"job:{job.id}"} if buttons else None


def _buttons(job: Job, where: str) -> list[Block]:
    if not is_finished(job.state):
        return [] if job.stopped_by else [_cancel(job, where)]
    if job.state is State.COMPLETED:
        again = [] if job.edit is not None else [_again(job, where, "Caption again")]
        return [*_files(job, where), *mend_buttons.of_completed(job, where), *again]
    if job.next_job is not None:
        return []
    ways = [_replace(job, where), _files_only(job, where)] if mending.is_in_the_way(job) else []
    retry = [_retry(job, where)] if mending.can_help(job) else []
    unsaved = mend_buttons.of_unsaved(job, where)
    change = [] if job.edit is not None else [_again(job, where, "Change and run")]
    return [*retry, *ways, *unsaved, *change]


def _files(job: Job, where: str) -> list[Block]:
    """Return the button for the files, or for fetching them once more."""
    archive = job.archive
    if archive is None or archive.files is FilesState.WAITING or archive.reason == SILENT:
        return []
    text, label = (
        ("Files", f"Share the files again{where}")
        if archive.files is FilesState.KEPT
        else ("Try again", f"Fetch the files once more{where}")
    )
    return [button(text, action_id=FILES, value=job.id, label=f"{label}: {heard_name(job)}")]


def _cancel(job: Job, where: str) -> Block:
    sent = job.mux_id is not None or job.state is not State.REQUESTED
    waiting = len(job.watchers)
    noun = "person waits" if waiting == 1 else "people wait"
    others = f"{waiting:,} other {noun} for it too." if waiting else ""
    return button(
        "Cancel",
        action_id=CANCEL,
        value=job.id,
        label=f"Cancel the captions{where}: {heard_name(job)}",
        style="danger",
        confirm=confirmation(
            "Cancel these captions?",
            sentences("The job is stopped for everybody.", others, _AT_MUX if sent else _NOT_SENT),
            yes="Cancel them",
            no="Let it go on",
            danger=True,
        ),
    )


def _retry(job: Job, where: str) -> Block:
    return button(
        "Retry",
        action_id=RETRY,
        value=job.id,
        label=f"Try the captions again{where}: {heard_name(job)}",
        confirm=confirmation(
            "Try again?",
            "A new job with the same settings is started, and Mux charges it like any other.",
            yes="Try again",
            no="Leave it",
        ),
    )


def _replace(job: Job, where: str) -> Block:
    track = mending.track_in_the_way(job)
    what = "every track of the same language or name" if track is None else _track(track)
    return button(
        "Replace the track",
        action_id=REPLACE,
        value=job.id,
        label=f"Replace the old track{where}: {heard_name(job)}",
        style="danger",
        confirm=confirmation(
            "Delete the old track?",
            sentences(
                f"Mux deletes {what} before the new one is there.",
                _saved(job),
                _charged(job),
            ),
            yes="Delete and replace",
            no="Keep it",
            danger=True,
        ),
    )


def _saved(job: Job) -> str:
    """Say whether what is deleted can be brought back."""
    if any(track.problem and track.problem != NO_TEXT for track in job.saved):
        return "Its text cannot be saved before that, so it cannot be brought back."
    return "Its text is saved before that, so that it can be restored."


def _files_only(job: Job, where: str) -> Block:
    return button(
        "Files only",
        action_id=FILES_ONLY,
        value=job.id,
        label=f"Make only the files{where}: {heard_name(job)}",
        confirm=confirmation(
            "Make only the files?",
            sentences(
                "The captions come as files, and the tracks of the asset stay as they are.", _charged(job)
            ),
            yes="Make the files",
            no="Leave it",
        ),
    )


def _again(job: Job, where: str, text: str) -> Block:
    return button(
        text,
        action_id=AGAIN,
        value=job.id,
        label=f"{text} in a form{where}: {heard_name(job)}",
    )


def _charged(job: Job) -> str:
    return _COSTS_AGAIN if job.state is State.ERRORED else "Nothing was charged so far; the new job is."


def _track(track: TextTrack) -> str:
    named = f"the track {code(track.name if clean(track.name) else track.id, 60)}"
    details = [
        language(track.language_code),
        "generated by Mux" if track.source.startswith("generated") else "",
        "uploaded, or premium captions" if track.source == "uploaded" else "",
    ]
    known = ", ".join(filter(None, details))
    return f"{named} ({known})" if known else named
