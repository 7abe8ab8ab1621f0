"""The form of a channel's settings: its builder and its reader, which share their ids. Performs no I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.rules.channel import SettingsForm
from bot.rules.form import FormErrors
from bot.rules.quality import DEFAULT, NAMES
from bot.ui import inputs, pickers
from bot.ui.blocks import message, section
from bot.ui.inputs import TYPED_LIMIT
from bot.ui.message import Block, Message
from bot.ui.mrkdwn import clip, date, lines, mention, prose, sentences
from bot.ui.pickers import plain_text

CALLBACK_ID: Final = "settings_modal"

# As in the caption form, a block's id is the attribute of SettingsForm that it holds.
LANGUAGE, EXTRAS = "language", "extras"
QUALITY, RESULTS = "quality_profile", "results"

_TITLE: Final = "Channel settings"
_OPENING: Final = "What captions in this channel begin with. Everybody in the channel can change it."
_LANGUAGE_HINT: Final = (
    "Chosen already in the form that /caption opens here. A command that names no language still detects it."
)
_EXTRAS_HINT: Final = "Ticked already in the form that /caption opens here; commands do as they say."
_PHRASES_HINT: Final = (
    "Names and terms that are likely to be heard, one a line; up to 100 of up to 50 characters. They are "
    "added to those of every command here, and stand in the form."
)
_QUALITY_HINT: Final = (
    "The published limits by which finished captions are measured; nothing is changed by it."
)
_PROFILES: Final = {
    name: pickers.option(title, name)
    for name, title in zip(
        NAMES, ("Netflix, the values of each language", "BBC", "DCMP, for education"), strict=True
    )
}
_ALSO_CHANNEL: Final = pickers.option(
    "Show results in the channel too", "channel", "Otherwise a result is told in its thread only"
)


def build(form: SettingsForm, *, changed_by: str = "", changed_at: float = 0.0) -> dict[str, Any]:
    """Return the form as a modal, filled in.

    `changed_by` is the user id of who changed the settings last, empty when nobody did.
    """
    changed = f"Last changed by {mention(changed_by)}, {date(changed_at)}." if changed_by else ""
    language = inputs.search_field("Search by name or code")
    tag = form.language if pickers.fits(form.language) else ""
    language["initial_option"] = pickers.language_option(tag)
    return {
        "type": "modal",
        "callback_id": CALLBACK_ID,
        "title": plain_text(_TITLE),
        "submit": plain_text("Save"),
        "close": plain_text("Cancel"),
        "private_metadata": json.dumps({"channel": form.channel_id}),
        "blocks": [
            section(sentences(_OPENING, changed)),
            inputs.labelled(LANGUAGE, "Language that is spoken", language, hint=_LANGUAGE_HINT),
            *inputs.phrases(form.phrases, hint=_PHRASES_HINT),
            inputs.extras(
                EXTRAS,
                "Extras",
                speakers=form.include_speakers,
                words=form.include_words,
                hint=_EXTRAS_HINT,
            ),
            inputs.labelled(QUALITY, "Quality is measured by", _profile_field(form), hint=_QUALITY_HINT),
            inputs.labelled(RESULTS, "Results", _results_field(form), optional=True),
        ],
    }


def read(view: Mapping[str, Any]) -> SettingsForm:
    """Return what a person has filled in, from a view as Slack sends it; `build` is the inverse.

    What is missing counts as left empty.
    """
    values = view.get("state", {}).get("values", {})
    language, ticked = inputs.chosen(values, LANGUAGE), inputs.ticked(values, EXTRAS)
    return SettingsForm(
        channel_id=inputs.kept(view).get("channel", ""),
        language="" if language == pickers.DETECT else language,
        phrases=inputs.read_phrases(values),
        include_speakers="speakers" in ticked,
        include_words="words" in ticked,
        quality_profile=inputs.chosen(values, QUALITY) or DEFAULT,
        tells_channel="channel" in inputs.ticked(values, RESULTS),
    )


def errors(found: FormErrors) -> dict[str, str]:
    """Return the sentences by the block that each belongs to."""
    return {block_id: clip(sentence, TYPED_LIMIT) for block_id, sentence in found.sentences.items()}


def saved(warnings: Sequence[str], *, changed: bool) -> dict[str, Any]:
    """Return the view that says what became of the form, in its place."""
    happened = (
        "Saved for this channel." if changed else "Nothing was changed: these are the settings already."
    )
    noted = [f"Please note: {prose(warning, 400)}" for warning in warnings]
    shown = message(happened, [section(lines(happened, *noted))])
    return {
        "type": "modal",
        "callback_id": "settings_told",
        "title": plain_text(_TITLE),
        "close": plain_text("Close"),
        "blocks": list(shown.blocks),
    }


def _profile_field(form: SettingsForm) -> Block:
    options = list(_PROFILES.values())
    chosen = _PROFILES.get(form.quality_profile, options[0])
    return {"type": "static_select", "options": options, "initial_option": chosen}


def _results_field(form: SettingsForm) -> Block:
    element: Block = {"type": "checkboxes", "options": [_ALSO_CHANNEL]}
    return element | {"initial_options": [_ALSO_CHANNEL]} if form.tells_channel else element


def not_opened() -> Message:
    """Return what is said when Slack did not take the form."""
    said = "The settings could not be opened in time, and nothing was changed. Type the command again."
    return message(said, [section(said)])
