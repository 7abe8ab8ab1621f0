"""What a room that builds messages hands over: Block Kit and its spoken form. Performs no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Block = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One Slack message.

    `text` is what screen readers and notifications speak, so it carries the whole meaning in mrkdwn;
    `blocks` is what people see. Both are sent together, always: text alone would wipe the blocks.
    """

    text: str
    blocks: tuple[Block, ...] = field(default=())
