"""What is said around the caption form: when it does not open, and what became of it. Performs no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from bot.rules.files import SlackFile
from bot.rules.jobs import Job, State
from bot.rules.links import Pointer
from bot.ui.blocks import actions, message, section
from bot.ui.message import Block, Message
from bot.ui.mrkdwn import code, lines, listed, sentences
from bot.ui.pickers import plain_text

REOPEN: Final = "modal_reopen"
"""The button that opens the form once more; its value is the draft's id."""

AGAIN: Final = "job_again"
"""The button that opens the form filled in from a job; its value is the job's id."""

NO_LINK: Final = (
    "No link to a video at Mux, and no video or sound file, was found in that message. Choose the video here."
)

_MOST_NAMED: Final = 5
_MEGA: Final = 1_000_000


def not_opened(draft_id: str) -> Message:
    """Return what is said when Slack did not take the form, with a button that opens it as it was."""
    happened = "The form could not be opened in time. Nothing was started, and what was in it is kept."
    return message(
        sentences(happened, "Press “Open the form” to go on."),
        [section(happened), {**actions([_open(draft_id)]), "block_id": "modal_reopen"}],
    )


def draft_gone() -> Message:
    """Return the answer to a press on a form's button whose content is not there any more."""
    return _said(
        "That form is not there any more: what is typed is kept for a week, for the person who typed it.",
        f"Type {code('/caption')} for a new one.",
    )


def job_gone() -> Message:
    """Return the answer to a wish for captions like those of a job that this person may not see."""
    return _said("There is no such job here.", f"Type {code('/caption')} to ask for captions.")


def our_mistake(reference: str) -> str:
    """Return what stands under a field when we could not take the form in; plain text."""
    return (
        "Something went wrong inside Caption Bot, and nothing was started. What you typed is still here: "
        f"send it again in a moment. If this comes back, an administrator wants the reference {reference}."
    )


def named(pointers: Sequence[Pointer]) -> str:
    """Return the sentence at the top of a form that was opened from a message that names these videos."""
    if not pointers:
        return NO_LINK
    if len(pointers) == 1:
        return ""
    others = listed([code(pointer.written, 100) for pointer in pointers[1:]], most=_MOST_NAMED)
    return f"That message names {len(pointers)} videos. This is the first; the others are {others}."


def attached(files: Sequence[SlackFile]) -> str:
    """Return the sentence at the top of a form that was opened from a message with these files."""
    first, *others = files
    said = f"The message has the file {code(first.name, 100)}{_bytes(first.size)}."
    if not others:
        return said
    named = listed([code(file.name, 100) for file in others], most=_MOST_NAMED)
    return sentences(said, f"It is the first of {len(files)}; the others are {named}.")


def once_more(job: Job) -> str:
    """Return the sentence at the top of a form that asks again for what a job has done already."""
    if job.state is not State.COMPLETED:
        return ""
    if job.outcome is None or not job.outcome.track_id:
        return "These captions are there already. Running them again is charged again."
    return sentences(
        f"The track {code(job.outcome.track_id)} of that job is on the video already.",
        "Choose to replace it, to make files only, or another language. Running it again is charged again.",
    )


def ended(shown: Message) -> dict[str, Any]:
    """Return a modal that says something and has nothing to fill in, in place of the form."""
    return {
        "type": "modal",
        "callback_id": "caption_told",
        "title": plain_text("Caption a video"),
        "close": plain_text("Close"),
        "blocks": list(shown.blocks),
    }


def _bytes(size: int) -> str:
    if size <= 0:
        return ""
    return f" ({size / 1e6:,.1f} MB)" if size >= _MEGA else f" ({max(size // 1000, 1)} kB)"


def _open(draft_id: str) -> Block:
    return {
        "type": "button",
        "text": plain_text("Open the form"),
        "action_id": REOPEN,
        "value": draft_id,
        "style": "primary",
    }


def _said(happened: str, following: str) -> Message:
    return message(sentences(happened, following), [section(lines(happened, following))])
