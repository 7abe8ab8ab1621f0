"""A button and the dialog that asks again, each within Slack's limits. Performs no I/O."""

from __future__ import annotations

from typing import Any, Final

from bot.rules.jobs import Job
from bot.ui.message import Block
from bot.ui.mrkdwn import clean, clip

# https://docs.slack.dev/reference/block-kit/block-elements/button-element
LABEL_LIMIT: Final = 75
# https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object
_CONFIRM_LIMIT: Final = 300


def button(
    text: str,
    *,
    action_id: str,
    value: str,
    label: str,
    style: str = "",
    confirm: dict[str, Any] | None = None,
) -> Block:
    """Return a button; `label` is what screen readers say, plain text."""
    extra: dict[str, Any] = {"style": style} if style else {}
    if confirm is not None:
        extra["confirm"] = confirm
    return {
        "type": "button",
        "text": {"type": "plain_text", "text": text, "emoji": False},
        "action_id": action_id,
        "value": value,
        "accessibility_label": _heard(label),
        **extra,
    }


def confirmation(title: str, text: str, *, yes: str, no: str, danger: bool = False) -> dict[str, Any]:
    """Return the dialog that asks again; `text` is mrkdwn."""
    asked: dict[str, Any] = {
        "title": {"type": "plain_text", "text": title},
        "text": {"type": "mrkdwn", "text": clip(text, _CONFIRM_LIMIT)},
        "confirm": {"type": "plain_text", "text": yes},
        "deny": {"type": "plain_text", "text": no},
    }
    return {**asked, "style": "danger"} if danger else asked


def heard_name(job: Job) -> str:
    """Return how a button's label calls a job; plain text."""
    return clean(job.title) or job.id


def _heard(label: str) -> str:
    return clip(clean(label), LABEL_LIMIT)
