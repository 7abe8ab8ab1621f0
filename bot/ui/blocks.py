"""The few Block Kit blocks we use, each within Slack's limits whatever is put into it. Performs no I/O.

Texts given to these builders are mrkdwn already (see `bot.ui.mrkdwn`), except a header's, which is plain.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from typing import Any, Final

from bot.ui.message import Block, Message
from bot.ui.mrkdwn import ELLIPSIS, clip, escape, size

# https://docs.slack.dev/reference/block-kit/blocks
SECTION_LIMIT: Final = 3_000
FIELD_LIMIT: Final = 2_000
MOST_FIELDS: Final = 10
HEADER_LIMIT: Final = 150
MOST_CONTEXT_ELEMENTS: Final = 10
MOST_ACTIONS: Final = 25
MOST_BLOCKS: Final = 50
# Slack advises this for `text` and refuses longer ones in chat.update.
# https://docs.slack.dev/reference/methods/chat.update
TEXT_LIMIT: Final = 4_000
# Slack refuses a message whose blocks hold more than about 12,000 characters together; the number is not
# documented, so we stay below what was reported (https://github.com/slackapi/bolt-js/issues/2509).
MESSAGE_LIMIT: Final = 11_000

_LEFT_OUT: Final = "The rest does not fit into one Slack message and is left out."


def mrkdwn_text(text: str, limit: int) -> dict[str, Any]:
    """Return a text object; `verbatim` keeps Slack from turning bare names and addresses into links."""
    shown = clip(text, limit)
    return {"type": "mrkdwn", "text": shown if shown.strip() else ELLIPSIS, "verbatim": True}


def section(text: str) -> Block:
    """Return a paragraph."""
    return {"type": "section", "text": mrkdwn_text(text, SECTION_LIMIT)}


def illustrated(text: str, image_url: str, alt: str) -> Block:
    """Return a paragraph with a small picture beside it; `alt` is what it shows, plain text."""
    # https://docs.slack.dev/reference/block-kit/block-elements/image-element
    picture = {"type": "image", "image_url": image_url, "alt_text": clip(alt, FIELD_LIMIT) or ELLIPSIS}
    return {**section(text), "accessory": picture}


def fields(*texts: str) -> Block:
    """Return up to ten short texts in two columns; further ones are left out."""
    shown = texts[:MOST_FIELDS] or (ELLIPSIS,)
    return {"type": "section", "fields": [mrkdwn_text(text, FIELD_LIMIT) for text in shown]}


def context(*texts: str) -> Block:
    """Return up to ten texts in small print; further ones are left out."""
    shown = texts[:MOST_CONTEXT_ELEMENTS] or (ELLIPSIS,)
    return {"type": "context", "elements": [mrkdwn_text(text, SECTION_LIMIT) for text in shown]}


def header(text: str) -> Block:
    """Return a title; `text` is plain and escaped here."""
    shown = clip(escape(text), HEADER_LIMIT)
    return {
        "type": "header",
        "text": {"type": "plain_text", "text": shown if shown.strip() else ELLIPSIS, "emoji": False},
    }


def actions(elements: Sequence[Block]) -> Block:
    """Return a row of up to 25 buttons or menus; further ones are left out."""
    return {"type": "actions", "elements": list(elements[:MOST_ACTIONS])}


def divider() -> Block:
    """Return a thin line."""
    return {"type": "divider"}


def message(text: str, blocks: Iterable[Block | None]) -> Message:
    """Return a message that Slack takes: at most 50 blocks and about 11,000 characters.

    `None` stands for a block that has nothing to say. What does not fit is shortened, the longest text
    first, and never refused: a message that is too long must not be a message that is never sent.
    """
    given = [block for block in blocks if block is not None]
    if len(given) > MOST_BLOCKS:
        given = [*given[: MOST_BLOCKS - 1], context(_LEFT_OUT)]
    if not _fit(given):
        # Copied only here: it is seldom, and takes longer than everything else about a message.
        given = copy.deepcopy(given)
        _shrink(given)
    spoken = clip(text, TEXT_LIMIT)
    return Message(text=spoken if spoken.strip() else ELLIPSIS, blocks=tuple(given))


def texts_of(block: Block) -> list[dict[str, Any]]:
    """Return the text objects of a block that this module built, in reading order."""
    own = [block["text"]] if "text" in block else []
    listed = [*block.get("fields", ()), *block.get("elements", ())]
    return own + [
        part if isinstance(part["text"], str) else part["text"] for part in listed if "text" in part
    ]


def _fit(blocks: list[Block]) -> bool:
    return sum(size(text["text"]) for block in blocks for text in texts_of(block)) <= MESSAGE_LIMIT


def _shrink(blocks: list[Block]) -> None:
    """Halve the longest text until all of them fit together."""
    texts = [text for block in blocks for text in texts_of(block)]
    while texts and sum(size(text["text"]) for text in texts) > MESSAGE_LIMIT:
        longest = max(texts, key=lambda text: size(text["text"]))
        longest["text"] = clip(longest["text"], size(longest["text"]) // 2)
