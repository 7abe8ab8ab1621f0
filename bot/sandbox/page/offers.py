"""What the app offers in Slack's own menus, as its manifest declares it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A line under the message field once somebody types `/`; `fill` is what choosing it writes."""

    usage: str
    about: str
    fill: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """A shortcut by its callback id and the words people see."""

    callback_id: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """What people find without knowing it: an app without shortcuts or Home shows none."""

    hints: tuple[Hint, ...] = (
        Hint(usage="/caption", about="Open the form", fill="/caption"),
        Hint(usage="/caption <asset-id> [language] [options]", about="Caption a video", fill="/caption "),
        Hint(usage="/caption list", about="Jobs, newest first", fill="/caption list"),
        Hint(usage="/caption help", about="What can be written", fill="/caption help"),
    )
    global_shortcuts: tuple[Shortcut, ...] = (Shortcut(callback_id="caption_video", label="Caption a video"),)
    message_shortcuts: tuple[Shortcut, ...] = (
        Shortcut(callback_id="caption_message", label="Generate captions"),
    )
    home: bool = False
