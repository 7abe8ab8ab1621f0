"""Messages as plain lines, for people who read a conversation in a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
_ANGLE = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")


def spoken(message: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Return what a message shows, line by line: its blocks, or its text where it has none.

    Links are written out as `label (address)`; `names` maps the ids of people to what they are called.
    """
    shown = list(_block_texts(message.get("blocks") or [])) or [str(message.get("text") or "")]
    return [line.rstrip() for text in shown for line in plain(text, names).split("\n") if line.strip()]


def plain(text: str, names: Mapping[str, str]) -> str:
    """Return mrkdwn as text: addresses, names and dates written out, entities undone, marks kept."""
    written = _ANGLE.sub(lambda found: _written(found[1], found[2] or "", names), text)
    return re.sub("&(?:amp|lt|gt);", lambda found: _ENTITIES[found[0]], written)


def links(message: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the links in a message's blocks and text, as label and address."""
    texts = [*_block_texts(message.get("blocks") or []), str(message.get("text") or "")]
    found = [
        (label, plain(address, {}))
        for text in texts
        for address, label in _ANGLE.findall(text)
        if address.startswith(("http://", "https://"))
    ]
    buttons = [
        (str(part.get("text", {}).get("text", "")), str(part["url"]))
        for block in message.get("blocks") or []
        for part in [*(block.get("elements") or []), block.get("accessory") or {}]
        if isinstance(part, Mapping) and part.get("url")
    ]
    return [*found, *buttons]


def _written(target: str, label: str, names: Mapping[str, str]) -> str:
    if target.startswith("@"):
        return f"@{names.get(target[1:]) or label or target[1:]}"
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("!"):
        return label or f"@{target[1:]}"
    return f"{label} ({target})" if label else target


def _block_texts(blocks: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for block in blocks:
        parts = [block.get("text"), *(block.get("fields") or []), *(block.get("elements") or [])]
        for part in parts:
            text = part.get("text") if isinstance(part, Mapping) else part
            # A button's text is an object inside an element, everything else's is a string.
            if isinstance(text, Mapping):
                yield f"[{text.get('text', '')}]"
            elif isinstance(text, str) and text:
                yield text
