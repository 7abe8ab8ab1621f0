"""Elements that people type into, each within Slack's limits whatever they hold. Performs no I/O."""

from __future__ import annotations

from itertools import accumulate
from typing import Final

from bot.ui.message import Block
from bot.ui.mrkdwn import size
from bot.ui.pickers import plain_text

# https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element
TYPED_LIMIT: Final = 3_000


def text_field(value: str, most: int = TYPED_LIMIT, *, multiline: bool = False) -> Block:
    """Return a field that holds `value`, and takes up to `most` characters."""
    element: Block = {"type": "plain_text_input", "multiline": multiline, "max_length": most}
    typed = _typed(value, most)
    return element | {"initial_value": typed} if typed else element


def search_field(placeholder: str) -> Block:
    """Return a select whose options the bot supplies as somebody types, the first ones before that."""
    return {"type": "external_select", "min_query_length": 0, "placeholder": plain_text(placeholder)}


def _typed(text: str, most: int) -> str:
    """Return what a field can hold of `text`: encodable, and cut at the field's length."""
    held = text.encode("utf-8", "ignore").decode()
    if size(held) <= most:
        return held
    lengths = accumulate(size(character) for character in held)
    return held[: sum(length <= most for length in lengths)]
