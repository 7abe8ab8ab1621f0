"""How a message of ours becomes an answer to Slack's request."""

from __future__ import annotations

from typing import Any

from bot.ui.message import Message


def ephemeral(message: Message) -> dict[str, Any]:
    """Return the body of an answer that only the asking person sees."""
    return {
        "response_type": "ephemeral",
        "text": message.text,
        "blocks": list(message.blocks),
        "unfurl_links": False,
        "unfurl_media": False,
    }
