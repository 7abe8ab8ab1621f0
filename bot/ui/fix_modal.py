"""The form that fixes words in captions: its builder and its reader, which share ids. Performs no I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.rules import fixing
from bot.rules.fixing import FIND, MOST_NAMES, NAME, REPLACE, Fixed, FixForm, Outcome, Row, Speaker
from bot.rules.form import FormErrors
from bot.rules.jobs import Job
from bot.rules.saving import NOT_PUBLIC, SIGNED
from bot.ui import inputs, pickers
from bot.ui.blocks import actions, context, message, section
from bot.ui.inputs import TYPED_LIMIT
from bot.ui.message import Block, Message
from bot.ui.mrkdwn import clip, code, lines, sentences
from bot.ui.pickers import plain_text
from bot.ui.wording import language, people, title

CALLBACK_ID: Final = "fix_modal"
ADD_ROW: Final = "fix_add_row"
"""The button in the form that adds a row."""

_CASE: Final = "case"
_MATCH: Final = pickers.option(
    "Match upper and lower case", "match", "Otherwise “mux” is found in “Mux” and “MUX” as well"
)
_TITLE: Final = "Fix words"
_COST: Final = (
    "Mux makes a new track of them and deletes the old one, so the *track's ID changes*. It is a job of its "
    "own, and Mux *bills it* like one."
)
_SAVED: Final = "The captions as they are now are saved first."
_UNSAVED: Final = "*The captions as they are now cannot be saved first*, so this cannot be undone here: {}."
_WHY: Final = {
    SIGNED: "the video plays with signed addresses only, and this bot has no signing key",
    NOT_PUBLIC: "the video has no public or signed playback ID",
}
_NAMELESS: Final = (
    "Speakers can be named once the captions have been read, mostly within a minute: close this form and "
    "press Fix words again then."
)
_WHOLE: Final = "Whole words only: “cap” leaves “caption” as it is."
_EMPTIED: Final = "Left empty, the words are taken out."
_MOST_SAID: Final = 100
_MOST_METADATA: Final = 3_000


_UNDER_WAY: Final = ("The fix is under way.", "The thread of the captions shows how it goes.")
_ANSWERS: Final[Mapping[Outcome, tuple[str, str]]] = {
    Outcome.DENIED: (
        "Nothing was changed: {title} is not yours.",
        "Those who wait for it may fix its words: {people}.",
    ),
    Outcome.JOINED: ("The very same fix is under way, so no second one was started.", ""),
    Outcome.BUSY: (
        "Nothing was started: other words are being fixed in these captions.",
        "Each fix makes a new track of the one before. Wait for that one, then press Fix words again.",
    ),
    Outcome.MOVED: (
        "Nothing was started: the captions have another track since this form was opened.",
        "Close the form and press Fix words again.",
    ),
    Outcome.NO_TRACK: (
        "Nothing was started: {title} has no track of this job's on the video.",
        "Words can be fixed in captions that are on the video.",
    ),
}


def build(form: FixForm, job: Job, *, problem: str = "", unread: bool = False) -> dict[str, Any]:
    """Return the form as a modal, filled in; `problem` is why the old text cannot be saved, if so.

    `unread` says that the speakers are not known yet, because the captions have not been read.
    """
    nameless = _NAMELESS if unread and job.request.include_speakers and not problem else ""
    return _view(form, _opening(job, problem, nameless))


def rebuilt(form: FixForm, view: Mapping[str, Any]) -> dict[str, Any]:
    """Return the view with the rows of `form`; what it says above them stays."""
    first = next(iter(view.get("blocks") or ()), None) or section(_COST)
    said = first.get("text", {}).get("text", _COST)
    return _view(form, said)


def _view(form: FixForm, opening: str) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": CALLBACK_ID,
        "title": plain_text(_TITLE),
        "submit": plain_text("Fix"),
        "close": plain_text("Cancel"),
        "private_metadata": _metadata(form),
        "blocks": [
            section(opening),
            *(block for at, row in enumerate(form.rows) for block in _row(at, row)),
            *([{**actions([_add()]), "block_id": "add"}] if form.may_grow else []),
            _case(form),
            *_speakers(form.speakers),
        ],
    }


def read(view: Mapping[str, Any]) -> FixForm:
    """Return what a person has filled in, from a view as Slack sends it; `build` is the inverse."""
    values = view.get("state", {}).get("values", {})
    kept = inputs.kept(view)
    rows = tuple(
        Row(find=_typed(values, f"{FIND}_{at}"), replace=_typed(values, f"{REPLACE}_{at}"))
        for at in range(int(kept.get("rows", fixing.FIRST_ROWS)))
    )
    return FixForm(
        job_id=str(kept.get("job", "")),
        track_id=str(kept.get("track", "")),
        rows=rows,
        match_case="match" in inputs.ticked(values, _CASE),
        speakers=tuple(
            Speaker(label=label, says=says, name=_typed(values, f"{NAME}_{at}"))
            for at, (label, says) in enumerate(kept.get("speakers", ()))
        ),
    )


def errors(found: FormErrors) -> dict[str, str]:
    """Return the sentences by the block that each belongs to."""
    return {block_id: clip(sentence, TYPED_LIMIT) for block_id, sentence in found.sentences.items()}


def told(shown: Message) -> dict[str, Any]:
    """Return a modal that says something in place of the form."""
    return {
        "type": "modal",
        "callback_id": "fix_told",
        "title": plain_text(_TITLE),
        "close": plain_text("Close"),
        "blocks": list(shown.blocks),
    }


def answer(fixed: Fixed) -> Message:
    """Return what is said when a wish to fix words did not simply start a job."""
    job, other = fixed.job, fixed.other
    if job is None:
        return _said("There is no such job here.", f"Type {code('/caption list')} to see the ones there are.")
    which = "" if other is None else f" It is job {code(other.id)}."
    happened, following = _ANSWERS.get(fixed.outcome, _UNDER_WAY)
    named = {"title": title(job), "people": people(job, watchers=True)}
    return _said(f"{happened.format(**named)}{which}", following.format(**named))


def not_opened() -> Message:
    """Return what is said when Slack did not take the form."""
    return _said("The form could not be opened in time, and nothing was changed. Press Fix words again.")


def _opening(job: Job, problem: str, nameless: str) -> str:
    tag = fixing.language_of(job)
    spoken = f" ({language(tag)})" if tag else ""
    saved = _UNSAVED.format(_WHY.get(problem, problem)) if problem else _SAVED
    return lines(f"Fix words in the captions of *{title(job)}*{spoken}.", sentences(_COST, saved), nameless)


def _row(at: int, row: Row) -> list[Block]:
    first = at == 0
    return [
        _text(f"{FIND}_{at}", f"Find {at + 1}", row.find, hint=_WHOLE if first else ""),
        _text(f"{REPLACE}_{at}", f"Replace {at + 1} with", row.replace, hint=_EMPTIED if first else ""),
    ]


def _add() -> Block:
    return {
        "type": "button",
        "text": plain_text("Add a row"),
        "action_id": ADD_ROW,
        "value": "add",
        "accessibility_label": "Add a row to find and replace",
    }


def _case(form: FixForm) -> Block:
    element: Block = {"type": "checkboxes", "options": [_MATCH]}
    if form.match_case:
        element["initial_options"] = [_MATCH]
    return inputs.labelled(_CASE, "How words are found", element, optional=True)


def _speakers(speakers: Sequence[Speaker]) -> list[Block]:
    if not speakers:
        return []
    more = (
        [context(f"Only the first {MOST_NAMES} speakers are shown.")] if len(speakers) == MOST_NAMES else []
    )
    fields = [
        _text(
            f"{NAME}_{at}",
            clip(f"Name for [{speaker.label}]", 150),
            speaker.name,
            hint=f"Says first: “{clip(speaker.says, _MOST_SAID)}”. Left empty, the name stays."
            if speaker.says
            else "Left empty, the name stays.",
        )
        for at, speaker in enumerate(speakers)
    ]
    return [*fields, *more]


# What is too long is told at the field, so the field must let it be typed.
def _text(name: str, label: str, value: str, *, hint: str) -> Block:
    return inputs.labelled_text(name, label, value, most=TYPED_LIMIT, hint=hint)


def _typed(values: Mapping[str, Any], name: str) -> str:
    return inputs.value_of(values, name, "value") or ""


def _metadata(form: FixForm) -> str:
    """Return what the view carries besides its fields; what speakers say first gives way to its length."""
    kept = {
        "job": form.job_id,
        "track": form.track_id,
        "rows": len(form.rows),
        "speakers": [[speaker.label, clip(speaker.says, _MOST_SAID)] for speaker in form.speakers],
    }
    written = json.dumps(kept, ensure_ascii=False)
    if len(written) <= _MOST_METADATA:
        return written
    return json.dumps(
        kept | {"speakers": [[speaker.label, ""] for speaker in form.speakers]}, ensure_ascii=False
    )


def _said(*parts: str) -> Message:
    return message(sentences(*parts), [section(lines(*parts))])
