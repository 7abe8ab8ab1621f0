"""How a message of ours becomes an answer to Slack's request, and what follows when it has left."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final

from slack_bolt import BoltResponse

from bot.ui.message import Message

Work = Callable[[], Awaitable[None]]

_AFTERWARDS: Final = "caption_bot.afterwards"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What Slack is told, and what follows when that has left."""

    response: BoltResponse
    afterwards: Work | None


def ephemeral(message: Message) -> dict[str, Any]:
    """Return the body of an answer that only the asking person sees."""
    return {
        "response_type": "ephemeral",
        "text": message.text,
        "blocks": list(message.blocks),
        "unfurl_links": False,
        "unfurl_media": False,
    }


def afterwards(context: MutableMapping[str, Any], work: Work) -> None:
    """Let `work` run once the answer to this request of Slack's has left; it deals with its own errors.

    Only for conveniences: what must happen is an effect in the store.
    """
    context[_AFTERWARDS] = work


def promised(context: MutableMapping[str, Any]) -> Work | None:
    """Return what a listener wants done after the answer."""
    work: Work | None = context.get(_AFTERWARDS)
    return work
