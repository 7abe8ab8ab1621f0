"""Blocks as a bot would send them, and how the page draws them."""

from __future__ import annotations

from typing import Any

from bot.sandbox.page.blocks import render_blocks
from bot.sandbox.page.mrkdwn import Names
from bot.sandbox.page.scene import Scene

NAMES = Names(users={"U1": "Ana Costa", "U2": "Ben Okafor"}, channels={"C1": "captions-demo"}, viewer="U1")


def scene(**extra: Any) -> Scene:
    return Scene(key="k", names=NAMES, own_url="http://127.0.0.1:3030", **extra)


def draw(*blocks: dict[str, Any], **extra: Any) -> str:
    return render_blocks(blocks, scene(**extra))


def words(text: str, kind: str = "plain_text") -> dict[str, Any]:
    return {"type": kind, "text": text}


def option(text: str, value: str, **extra: Any) -> dict[str, Any]:
    return {"text": words(text), "value": value, **extra}


def field(element: dict[str, Any], **extra: Any) -> dict[str, Any]:
    return {"type": "input", "block_id": "b", "label": words("Language"), "element": element, **extra}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "block_id": "b", "elements": list(elements)}


LANGUAGES = [option("English", "en"), option("Spanish", "es", description=words("Castilian"))]
