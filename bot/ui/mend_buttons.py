"""The buttons that fix words in captions, put replaced ones back, or replace without saving. No I/O."""

from __future__ import annotations

from typing import Final

from bot.rules import fixing, preflight, restoring
from bot.rules.jobs import Job, State
from bot.rules.saving import SavedTrack
from bot.ui.message import Block
from bot.ui.mrkdwn import clean, code, listed, sentences
from bot.ui.pressing import button, confirmation, heard_name
from bot.ui.wording import language

FIX: Final = "fix_words"
RESTORE: Final = "fix_restore"
PHRASES: Final = "fix_phrases"
UNSAVED: Final = "job_replace_unsaved"

_MOST_NAMED: Final = 3


def of_completed(job: Job, where: str) -> list[Block]:
    """Return the buttons on captions that are done."""
    return [
        *([_fix(job, where)] if fixing.can_fix(job) else []),
        *([_restore(job, where)] if restoring.can_restore(job) else []),
        *([_phrases(job, where)] if job.edit is not None and fixing.phrases(job.edit) else []),
    ]


def of_unsaved(job: Job, where: str) -> list[Block]:
    """Return the button that lets tracks go although they could not be saved, where that was the trouble."""
    if job.state is not State.REFUSED or job.failure is None or job.failure.code != preflight.UNSAVED:
        return []
    asked = confirmation(
        "Delete them for good?",
        sentences(
            f"Mux deletes {_tracks(job.saved)}, and nobody can bring the old captions back.",
            "Nothing was charged so far; the new job is.",
        ),
        yes="Delete and go on",
        no="Keep them",
        danger=True,
    )
    return [
        button(
            "Go on without saving",
            action_id=UNSAVED,
            value=job.id,
            label=f"Go on without saving the old captions{where}: {heard_name(job)}",
            style="danger",
            confirm=asked,
        )
    ]


def _fix(job: Job, where: str) -> Block:
    # Every fix is one of the first job's captions, so that there is one newest track.
    return button(
        "Fix words",
        action_id=FIX,
        value=job.edit_of or job.id,
        label=f"Fix words in the captions{where}: {heard_name(job)}",
    )


def _restore(job: Job, where: str) -> Block:
    back = restoring.kept(job)
    asked = confirmation(
        "Restore the previous captions?",
        sentences(
            f"Put back on the video as before, under a new ID: {_tracks(back)}.",
            "The track of these captions is deleted; their files stay in this thread. Nothing is charged.",
        ),
        yes="Restore",
        no="Leave it",
    )
    return button(
        "Restore previous captions",
        action_id=RESTORE,
        value=job.id,
        label=f"Restore the captions before{where}: {heard_name(job)}",
        confirm=asked,
    )


def _phrases(job: Job, where: str) -> Block:
    return button(
        "Add to this channel's phrases",
        action_id=PHRASES,
        value=job.id,
        label=f"Add the fixed words to this channel's phrases{where}: {heard_name(job)}",
    )


def _tracks(tracks: tuple[SavedTrack, ...]) -> str:
    if not tracks:
        return "the old tracks"
    return listed([_track(track) for track in tracks], most=_MOST_NAMED)


def _track(track: SavedTrack) -> str:
    named = f"the track {code(clean(track.name) or track.id, 60)}"
    return f"{named} ({language(track.language_code)})" if track.language_code else named
