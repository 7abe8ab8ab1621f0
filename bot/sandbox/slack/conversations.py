"""Which conversations a select menu offers, and which of them stands in it from the start.

https://docs.slack.dev/reference/block-kit/composition-objects/conversation-filter-object
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sandbox.slack.model import Channel


def offered(element: Mapping[str, Any], channel: Channel) -> bool:
    """Say whether a `conversations_select` or `channels_select`, single or multi, lists a conversation."""
    if str(element.get("type")).endswith("channels_select"):
        return channel.kind == "public"
    wanted: Mapping[str, Any] = element.get("filter") or {}
    if channel.kind not in (wanted.get("include") or ["public", "private", "im"]):
        return False
    if wanted.get("exclude_external_shared_channels") and channel.shared_with:
        return False
    # The only direct messages here are those with the bot.
    return not (wanted.get("exclude_bot_users") and channel.kind == "im")


def preselected(element: Mapping[str, Any], current: Channel | None) -> str | list[str] | None:
    """Return the initial value where `default_to_current_conversation` gives one, else None.

    `current` is the conversation from which the person opened the modal. An initial value of the element's
    own goes before it.
    """
    if not element.get("default_to_current_conversation") or current is None:
        return None
    if element.get("initial_conversation") or element.get("initial_conversations"):
        return None
    if not offered(element, current):
        return None
    return [current.id] if str(element["type"]).startswith("multi_") else current.id
