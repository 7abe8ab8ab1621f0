"""The form on the page with which somebody runs the app's workflow step, as a workflow of theirs would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bot.sandbox.slack.functions import GENERATE, Parameter, Step
from bot.sandbox.slack.model import View
from bot.sandbox.slack.stacks import state_field

CALLBACK: Final = "sandbox:workflow-step"
_FILLED_IN: Final = "requester"
"""What a workflow knows by itself: who used it."""
_ELEMENTS: Final[Mapping[str, dict[str, Any]]] = {
    "string": {"type": "plain_text_input"},
    "integer": {"type": "number_input", "is_decimal_allowed": False},
    "slack#/types/channel_id": {"type": "channels_select"},
    "slack#/types/user_id": {"type": "users_select"},
}


def form(step: Step = GENERATE) -> dict[str, Any]:
    """Return the modal that asks for a step's inputs."""
    about = _text(f'The step "{step.title}" of a workflow.')
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": step.callback_id,
        "title": _text("Run workflow step"),
        "submit": _text("Run"),
        "close": _text("Cancel"),
        "blocks": [
            {"type": "section", "block_id": "about", "text": about},
            *(_field(one) for one in step.inputs if one.type in _ELEMENTS and one.name != _FILLED_IN),
        ],
    }


def _field(parameter: Parameter) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": parameter.name,
        "label": _text(parameter.title),
        "optional": not parameter.required,
        "element": {**_ELEMENTS[parameter.type], "action_id": "value"},
    }


def inputs(view: View) -> dict[str, Any]:
    """Return what somebody filled in, by the names of the inputs."""
    found: dict[str, Any] = {}
    for name, actions in view.state.items():
        typed = actions["value"]
        value = typed.get(state_field(typed["type"]) or "")
        if value not in (None, ""):
            found[name] = int(value) if typed["type"] == "number_input" else value
    return found


def _text(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}
