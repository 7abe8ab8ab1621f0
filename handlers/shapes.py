"""What a request of Slack's looks like at the least; nothing that looks otherwise reaches a listener.

Only what the doors rely on is described, so that a field that Slack adds or leaves out does no harm.
https://docs.slack.dev/reference/interaction-payloads and https://docs.slack.dev/interactivity/implementing-slash-commands
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

_COMMAND: Final = ("command", "team_id", "channel_id", "user_id", "trigger_id")


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class _Named(_Part):
    id: str = ""


class _User(_Named):
    team_id: str | None = None


class _Option(_Part):
    value: str


class _Chosen(_Part):
    type: str = ""
    value: str | None = None
    selected_option: _Option | None = None
    selected_options: list[_Option] | None = None
    selected_conversation: str | None = None


class _State(_Part):
    values: dict[str, dict[str, _Chosen]] = {}


class _Block(_Part):
    type: str = ""
    block_id: str = ""
    text: dict[str, Any] | None = None
    element: dict[str, Any] | None = None
    elements: list[dict[str, Any]] | None = None


class _View(_Part):
    id: str
    type: str
    callback_id: str = ""
    hash: str = ""
    private_metadata: str = ""
    blocks: list[_Block] = []
    state: _State | None = None


class _Action(_Chosen):
    action_id: str
    block_id: str = ""


class _Container(_Part):
    type: str = ""
    channel_id: str | None = None
    message_ts: str | None = None
    is_ephemeral: bool | None = None


class _Message(_Part):
    ts: str | None = None
    thread_ts: str | None = None
    files: list[Any] | None = None


class _Interaction(_Part):
    user: _User
    team: _Named | None = None
    enterprise: _Named | None = None
    channel: _Named | None = None
    container: _Container | None = None
    trigger_id: str = ""
    response_url: str | None = None
    callback_id: str = ""
    message: _Message | None = None
    message_ts: str | None = None
    view: _View | None = None
    value: str | None = None
    action_id: str = ""


class _Actions(_Interaction):
    actions: list[_Action] = Field(min_length=1)


class _Triggered(_Interaction):
    trigger_id: str
    callback_id: str


class _Submission(_Interaction):
    view: _View


class _Suggestion(_Interaction):
    action_id: str


class _Event(_Part):
    type: str
    user: str | dict[str, Any] | None = None
    channel: str | dict[str, Any] | None = None
    item: dict[str, Any] | None = None


class _Authorization(_Part):
    team_id: str | None = None
    user_id: str | None = None
    enterprise_id: str | None = None


class _Callback(_Part):
    event: _Event
    team_id: str | None = None
    event_id: str = ""
    authorizations: list[_Authorization] | None = None


class _Challenge(_Part):
    challenge: str


_SHAPES: Final[dict[str, type[_Part]]] = {
    "block_actions": _Actions,
    "block_suggestion": _Suggestion,
    "event_callback": _Callback,
    "message_action": _Triggered,
    "shortcut": _Triggered,
    "url_verification": _Challenge,
    "view_closed": _Submission,
    "view_submission": _Submission,
}


def is_slacks(body: Mapping[str, Any]) -> bool:
    """Say whether the doors may rely on the body; a kind that is not known is nothing for them."""
    if "command" in body:
        return all(isinstance(body.get(name), str) and body[name] for name in _COMMAND) and is_storable(body)
    kind = body.get("type")
    shape = _SHAPES.get(kind) if isinstance(kind, str) else None
    if shape is None:
        return False
    try:
        shape.model_validate(body)
    except ValidationError:
        return False
    return is_storable(body)


def is_storable(value: Any) -> bool:
    """Say whether every text in `value` is one that a database takes: no NUL, and no half of a character."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            if not each.isascii() and any("\ud800" <= letter <= "\udfff" for letter in each):
                return False
            if "\x00" in each:
                return False
        elif isinstance(each, Mapping):
            waiting.extend(each)
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
    return True
