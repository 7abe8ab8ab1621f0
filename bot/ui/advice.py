"""The sentences that tell people how to get past a no from Mux. Performs no I/O.

Everything returned here is mrkdwn.
"""

from __future__ import annotations

from typing import Final

from bot.rules.limits import BANNED_IN_PHRASES, SURE_PHRASE_CHARACTERS, SURE_PHRASE_WORDS
from bot.rules.request import CaptionRequest
from bot.ui.blame import Blame
from bot.ui.mrkdwn import code

CHOICES: Final = (
    "Choose one and run the command again: `--replace` deletes the old track first, `--name` gives the new "
    "track a name of its own when only the name is taken, `--no-upload` makes the files and leaves the asset "
    "as it is."
)
CHOICES_GENERATED: Final = (
    "An uploaded track is in the way, and earlier premium captions count as uploaded. Choose one and run the "
    "command again: `--replace` deletes every such track first, `--no-upload` makes the files and leaves the "
    "asset as it is."
)

CAN_RETRY: Final = "Mux says that a retry can help: run the same command again."
NO_RETRY: Final[dict[str, str]] = {
    "validation_error": "A retry will fail in the same way. Change what Mux names, then run the command "
    "again.",
    "processing_error": "A retry will most likely fail in the same way. Check in the Mux dashboard that the "
    "video plays and has speech, then run the command again.",
    "timeout_error": "A retry will most likely take too long again. Try a shorter version of the video.",
}
NO_RETRY_UNKNOWN: Final = (
    "Mux does not say that a retry can help. Show this message to an administrator, who can ask Mux about "
    "the job by its ID."
)

JOB_FAILED: Final[dict[str, str]] = {
    "validation_error": "Mux cannot make captions of this video with these options.",
    "processing_error": "Mux failed while it worked on this video.",
    "timeout_error": "Mux ran out of time while it worked on this video.",
}
JOB_FAILED_UNKNOWN: Final = "Mux gave up on this video for a reason that this bot does not know ({code})."

_NOUNS: Final[dict[str, str]] = {
    "phrases": "the phrase",
    "track_name": "the track name",
    "language_code": "the language",
    "asset_id": "the asset ID",
    "replace": "the choice about existing tracks",
    "include_speakers": "the choice about speaker labels",
    "include_words": "the choice about word timings",
    "upload_to_mux": "the choice about attaching a track",
}
_FIXES: Final[dict[str, str]] = {
    "phrases": f"Shorten or remove that phrase: at most {SURE_PHRASE_CHARACTERS} characters and "
    f"{SURE_PHRASE_WORDS} words, and none of {code(' '.join(BANNED_IN_PHRASES))}. Then run the command "
    "again.",
    "track_name": "Choose another name with `--name`, then run the command again.",
    "language_code": "Give the language as a tag such as `en` or `pt-BR`, or leave it out to have it "
    "detected.",
    "asset_id": "Copy the asset ID from the Mux dashboard, then run the command again.",
    "replace": "Run the command again without `--replace`.",
    "include_speakers": "Run the command again with that option changed.",
    "include_words": "Run the command again with that option changed.",
    "upload_to_mux": "Run the command again with that option changed.",
}
_FIX_COMBINATION: Final = "Use `--replace` or `--no-upload`, not both, then run the command again."
_FIX_UNKNOWN: Final = "Compare the options with `/caption help`, then run the command again."


def named(found: Blame, request: CaptionRequest) -> str:
    """Name the value that Mux did not accept, with its measures where a limit is about them."""
    if found.parameter is None:
        return "one of the options"
    if found.parameter != "phrases":
        return f"{_NOUNS[found.parameter]} {code(found.value)}" if found.value else _NOUNS[found.parameter]
    if not found.value:
        return f"the list of phrases, which has {_count(len(request.phrases), 'phrase')}"
    measures = f"{_count(len(found.value), 'character')} and {_count(len(found.value.split()), 'word')}"
    return f"the phrase {code(found.value)}, which has {measures}"


def fix(found: Blame, request: CaptionRequest) -> str:
    """Say what to change."""
    if found.parameter is None:
        return _FIX_UNKNOWN
    if found.parameter in {"replace", "upload_to_mux"} and not request.upload_to_mux:
        return _FIX_COMBINATION
    return _FIXES[found.parameter]


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
