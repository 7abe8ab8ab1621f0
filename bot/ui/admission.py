"""What somebody reads who may not use the bot here. Performs no I/O."""

from __future__ import annotations

from typing import Final

from bot.rules.admission import Reason
from bot.ui.blocks import message, section
from bot.ui.message import Message
from bot.ui.mrkdwn import code, lines

_SAID: Final[dict[Reason, str]] = {
    Reason.USER: "Caption Bot is limited to certain people in this workspace, and you are not among them.",
    Reason.CHANNEL: "Caption Bot may not be used in this channel.",
    Reason.GUEST: "Guests of this workspace may not use Caption Bot.",
    Reason.EXTERNAL: "People of other organizations may not use this workspace's Caption Bot.",
}
_NEXT: Final[dict[Reason, str]] = {
    Reason.USER: "Ask whoever runs it to add your member ID to ALLOWED_USERS: {user}.",
    Reason.CHANNEL: "Use a channel where it is allowed, or ask whoever runs it to add this one to "
    "ALLOWED_CHANNELS: {channel}.",
    Reason.GUEST: "Ask a member of this workspace to start the captions.",
    Reason.EXTERNAL: "Ask somebody who belongs to this workspace to start the captions.",
}
NOTHING_STARTED: Final = "Nothing was started."


def turned_away(reason: Reason, *, user_id: str, channel_id: str) -> Message:
    """Return the private answer."""
    following = _next(reason, code(user_id), code(channel_id))
    return message(plainly(reason, user_id, channel_id), [section(lines(_SAID[reason], following))])


def plainly(reason: Reason, user_id: str, channel_id: str) -> str:
    """Return the same as plain text, for a field of a form."""
    return f"{_SAID[reason]} {NOTHING_STARTED} {_next(reason, user_id, channel_id)}"


def _next(reason: Reason, user: str, channel: str) -> str:
    return _NEXT[reason].format(user=user, channel=channel)
