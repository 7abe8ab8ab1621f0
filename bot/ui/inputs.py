"""Elements that people type into, each within Slack's limits whatever they hold. Performs no I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, Final

from bot.ui import pickers
from bot.ui.message import Block
from bot.ui.mrkdwn import size
from bot.ui.pickers import plain_text

# https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element
TYPED_LIMIT: Final = 3_000

ACTION_PREFIX: Final = "caption_"
"""What stands before a block's name in the id of its element, in every form; one door hears them all."""

PHRASES: Final = ("phrases", "phrases_2")
"""A hundred long phrases do not fit into one field."""

_SPEAKERS: Final = pickers.option("Say who speaks", "speakers", "[speaker_0] and so on, before each caption")
_WORDS: Final = pickers.option(
    "Also make a file with the time of every word", "words", "Costs more: Mux bills it at a higher rate"
)


def text_field(value: str, most: int = TYPED_LIMIT, *, multiline: bool = False) -> Block:
    """Return a field that holds `value`, and takes up to `most` characters."""
    element: Block = {"type": "plain_text_input", "multiline": multiline, "max_length": most}
    typed = _typed(value, most)
    return element | {"initial_value": typed} if typed else element


def search_field(placeholder: str) -> Block:
    """Return a select whose options the bot supplies as somebody types, the first ones before that."""
    return {"type": "external_select", "min_query_length": 0, "placeholder": plain_text(placeholder)}


def labelled(
    name: str,
    label: str,
    element: Block,
    *,
    hint: str = "",
    optional: bool = False,
    dispatch: bool = False,
) -> Block:
    """Return an input block called `name`; with `dispatch` the bot hears each choice at once."""
    block: Block = {
        "type": "input",
        "block_id": name,
        "label": plain_text(label),
        "element": {**element, "action_id": f"{ACTION_PREFIX}{name}"},
        "optional": optional,
    }
    if hint:
        block["hint"] = plain_text(hint)
    return block | {"dispatch_action": True} if dispatch else block


def labelled_text(
    name: str,
    label: str,
    value: str,
    *,
    most: int = TYPED_LIMIT,
    multiline: bool = False,
    hint: str = "",
) -> Block:
    """Return an input block to type into, which may be left empty."""
    return labelled(name, label, text_field(value, most, multiline=multiline), hint=hint, optional=True)


def extras(name: str, label: str, *, speakers: bool, words: bool, hint: str = "") -> Block:
    """Return the boxes for speakers and words; `ticked` gives the values `speakers` and `words`."""
    marked = [option for option, wanted in ((_SPEAKERS, speakers), (_WORDS, words)) if wanted]
    element: Block = {"type": "checkboxes", "options": [_SPEAKERS, _WORDS]}
    if marked:
        element["initial_options"] = marked
    return labelled(name, label, element, hint=hint, optional=True)


def phrases(given: Sequence[str], *, hint: str) -> list[Block]:
    """Return the field for phrases, one a line, and a second one when the first cannot hold them all."""
    first, second = _in_two(given)
    built = [labelled_text(PHRASES[0], "Phrases", first, multiline=True, hint=hint)]
    return [*built, labelled_text(PHRASES[1], "More phrases", second, multiline=True)] if second else built


def read_phrases(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the lines that say something, of both fields."""
    text = "\n".join(value_of(values, block_id, "value") or "" for block_id in PHRASES)
    return tuple(line.strip() for line in text.split("\n") if line.strip())


def kept(view: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `build` left in the view for its reader; nothing when that is not readable."""
    try:
        found = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def value_of(values: Mapping[str, Any], name: str, field: str) -> Any:
    """Return what a view's `state.values` hold of a block, None when it is not there."""
    return values.get(name, {}).get(f"{ACTION_PREFIX}{name}", {}).get(field)


def chosen(values: Mapping[str, Any], name: str) -> str:
    """Return the value of the option that is chosen, empty when none is."""
    option = value_of(values, name, "selected_option")
    return str(option["value"]) if option else ""


def ticked(values: Mapping[str, Any], name: str) -> set[str]:
    """Return the values of the boxes that are ticked."""
    return {option["value"] for option in value_of(values, name, "selected_options") or ()}


def _in_two(given: Sequence[str]) -> tuple[str, str]:
    """Return the phrases, one a line, as what goes into the first field and what is left for the second."""
    kept, room = 0, TYPED_LIMIT
    for phrase in given:
        room -= size(phrase) + 1
        if room < -1:
            break
        kept += 1
    return "\n".join(given[:kept]), "\n".join(given[kept:])


def _typed(text: str, most: int) -> str:
    """Return what a field can hold of `text`: encodable, and cut at the field's length."""
    held = text.encode("utf-8", "ignore").decode()
    if size(held) <= most:
        return held
    lengths = accumulate(size(character) for character in held)
    return held[: sum(length <= most for length in lengths)]
