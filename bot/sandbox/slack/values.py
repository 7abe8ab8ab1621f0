"""What a person types or chooses, as Slack's typed values, and whether Slack's own client would take it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.slack.model import Refusal, View
from bot.sandbox.slack.stacks import state_field

_CHOSEN_BY_OPTION = frozenset(
    {
        "static_select",
        "external_select",
        "radio_buttons",
        "multi_static_select",
        "multi_external_select",
        "checkboxes",
        "overflow",
    }
)
EMPTY_FIELD = "Please complete this required field."


def typed_value(element: Mapping[str, Any], given: Any) -> dict[str, Any]:
    """Return an element's typed value from a plain one.

    `given` is text, an id, or a list of those; for elements with options the `value` of one, or whole
    options where the bot supplied them on demand. A mapping with a `type` is a typed value already.

    Raises:
        Refusal: `no_such_option`.
    """
    kind = str(element["type"])
    if isinstance(given, Mapping) and given.get("type") == kind:
        return dict(given)
    name = "selected_option" if kind == "overflow" else state_field(kind)
    if name is None:
        return {"type": kind}
    if kind not in _CHOSEN_BY_OPTION:
        return {"type": kind, name: given}
    if name == "selected_options":
        return {"type": kind, name: [_option(element, one) for one in given or []]}
    return {"type": kind, name: None if given is None else _option(element, given)}


def _option(element: Mapping[str, Any], given: Any) -> dict[str, Any]:
    if isinstance(given, Mapping):
        return dict(given)
    groups = element.get("option_groups") or [element]
    for group in groups:
        for option in group.get("options") or []:
            if option["value"] == given:
                return dict(option)
    raise Refusal("no_such_option")


def unacceptable(view: View) -> dict[str, str]:
    """Return what Slack's own client complains about before it submits anything, by block id."""
    complaints: dict[str, str] = {}
    for block in view.blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        typed = view.state[block["block_id"]][element["action_id"]]
        value = typed.get(state_field(element["type"]) or "")
        complaint = _complaint(element, value, optional=bool(block.get("optional")))
        if complaint:
            complaints[block["block_id"]] = complaint
    return complaints


def _complaint(element: Mapping[str, Any], value: Any, *, optional: bool) -> str:
    if value is None or value in ("", []):
        return "" if optional else EMPTY_FIELD
    if not isinstance(value, str):
        return ""
    kind = element["type"]
    if kind == "plain_text_input":
        return _wrong_length(element, value)
    if kind == "url_text_input" and not _is_link(value):
        return "Please enter a valid URL."
    if kind == "email_text_input" and "@" not in value:
        return "Please enter a valid email address."
    return _wrong_number(element, value) if kind == "number_input" else ""


def _is_link(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _wrong_length(element: Mapping[str, Any], value: str) -> str:
    least, most = element.get("min_length") or 0, element.get("max_length") or 3_000
    if len(value) < least:
        return f"Please use at least {least} characters."
    return f"Please use at most {most} characters." if len(value) > most else ""


def _wrong_number(element: Mapping[str, Any], value: str) -> str:
    try:
        number = float(value) if element["is_decimal_allowed"] else int(value)
    except ValueError:
        return "Please enter a number."
    if element.get("min_value") is not None and number < float(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if element.get("max_value") is not None and number > float(element["max_value"]):
        return f"Please enter a number of at most {element['max_value']}."
    return ""
