"""What was fixed, what it changed, and what a message shows of that."""

from __future__ import annotations

from bot.rules.compare import Changes, Example
from bot.rules.differing import Against, Difference
from bot.rules.edits import CaptionEdit, SpeakerEdit, WordEdit
from bot.rules.saving import SavedTrack
from bot.ui.message import Message

TRACK = SavedTrack(id="t0", name="English", language_code="en")
EDIT = CaptionEdit(
    asset_id="As5et1d",
    track_id="t1",
    words=(WordEdit(find="mucks", replace="Mux"), WordEdit(find="um", replace="", case_sensitive=True)),
    speakers=(SpeakerEdit(find="speaker_0", replace="Ana"),),
)
CHANGES = Changes(
    changed=3,
    added=1,
    removed=0,
    cues_before=7,
    cues_after=8,
    words_before=1_064,
    words_after=1_065,
    names=(("speaker_0", "Ana"), ("", "Ben")),
    examples=(Example(before="mucks", after="Mux", at_ms=61_000), Example(before="um", after="", at_ms=0)),
)
DIFFERENCE = Difference(
    against=Against.REPLACED, name="English", changes=CHANGES, faults_before=4, faults_after=2
)


def actions(message: Message) -> list[str]:
    return [
        element["action_id"]
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
    ]


def shown(message: Message) -> str:
    return str(list(message.blocks))
