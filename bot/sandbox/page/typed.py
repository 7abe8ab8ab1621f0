"""What the browser says about a field, as Slack's typed value.

The browser sends the same small shape for every kind: `{"value": text or null}`, `{"values": [...]}` for
boxes and radio buttons, `{"options": [...]}` for selects, `{"files": [...]}`. What an option says is taken
from the blocks that the bot sent, never from the browser, except for options that the bot supplied on demand.

https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.sandbox.page.selects import SELECTS
from bot.sandbox.slack.stacks import elements_of, state_field

Block = Mapping[str, Any]


def find_element(blocks: Iterable[dict[str, Any]], block_id: str, action_id: str) -> dict[str, Any] | None:
    """Return the element of these ids, or None; feedback buttons and the like count too."""
    for block in blocks:
        if block.get("block_id") != block_id:
            continue
        for element in elements_of(block):
            if element.get("action_id") == action_id:
                return element
    return None


def typed_state(
    blocks: list[dict[str, Any]], raw: Mapping[str, Mapping[str, Mapping[str, Any]]]
) -> dict[str, dict[str, Any]]:
    """Return the state of every field the browser spoke of; what is not in the blocks is left out."""
    state: dict[str, dict[str, Any]] = {}
    for block_id, actions in raw.items():
        for action_id, said in actions.items():
            element = find_element(blocks, block_id, action_id)
            if element is not None and state_field(str(element.get("type"))):
                state.setdefault(block_id, {})[action_id] = typed_value(element, said)
    return state


def typed_value(element: Block, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return one element's value the way Slack sends it; for a button, its own value."""
    kind = str(element.get("type"))
    name = state_field(kind)
    if kind in SELECTS:
        return {"type": kind, str(name): _selected(element, said.get("options") or [])}
    if kind in {"radio_buttons", "checkboxes"}:
        wanted = said.get("values") or []
        options = [option for option in element.get("options") or [] if option.get("value") in wanted]
        chosen = options if kind == "checkboxes" else next(iter(options), None)
        return {"type": kind, str(name): chosen}
    if kind == "overflow":
        options = [o for o in element.get("options") or [] if o.get("value") == said.get("value")]
        return {"type": kind, "selected_option": next(iter(options), None)}
    if kind == "file_input":
        return {"type": kind, "files": list(said.get("files") or [])}
    if name is None:
        return {"type": kind, "value": said.get("value")}
    return {"type": kind, name: _written(kind, said.get("value"))}


def _written(kind: str, value: Any) -> Any:
    if kind == "datetimepicker" and value is not None:
        return int(value)
    if kind == "rich_text_input" and value is not None:
        words = {"type": "rich_text_section", "elements": [{"type": "text", "text": value}]}
        return {"type": "rich_text", "elements": [words]}
    return value


def _selected(element: Block, options: list[Any]) -> Any:
    kind = str(element["type"])
    chosen: list[Any] = [option for option in options if isinstance(option, Mapping) and "value" in option]
    if kind.endswith("static_select"):
        values = [option["value"] for option in chosen]
        chosen = [option for option in _offered(element) if option.get("value") in values]
    elif not kind.endswith("external_select"):
        chosen = [option["value"] for option in chosen]
    return chosen if kind.startswith("multi_") else next(iter(chosen), None)


def _offered(element: Block) -> list[Any]:
    grouped = [
        option for group in element.get("option_groups") or [] for option in group.get("options") or []
    ]
    return [*grouped, *(element.get("options") or [])]
