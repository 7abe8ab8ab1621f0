"""What a person presses or types in: Block Kit elements and `input` blocks as HTML.

The page's script finds an element by `data-block`, `data-action` and `data-type`; `data-dispatch` says
what makes it tell the bot at once.

https://docs.slack.dev/reference/block-kit/block-elements
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from bot.sandbox.page.html import Html, followed, join, tag
from bot.sandbox.page.mrkdwn import plain_text, text_object
from bot.sandbox.page.rich_text import unsupported
from bot.sandbox.page.scene import Scene
from bot.sandbox.page.selects import SELECTS, select
from bot.sandbox.page.spot import Spot

Block = Mapping[str, Any]


def element(part: Any, block_id: str, scene: Scene) -> Html:
    """Return an element outside an input block: it tells the bot whatever a person does with it."""
    spot = Spot(scene=scene, block_id=block_id, part=part if isinstance(part, Mapping) else {})
    return _element(spot)


def input_block(block: Block, scene: Scene) -> Html:
    """Return a labelled field with its hint, and the sentence under it when the bot refused the value."""
    block_id = str(block.get("block_id", ""))
    part = block.get("element") or {}
    spot = Spot(scene=scene, block_id=block_id, part=part, in_input=True, dispatch=_dispatch(block, part))
    grouped = spot.type in {"radio_buttons", "checkboxes"}
    label = join(
        [
            text_object(block.get("label"), scene.names),
            tag("span", " (optional)", class_="optional") if block.get("optional") else None,
        ]
    )
    rest = [
        _element(spot),
        tag("p", text_object(block["hint"], scene.names), class_="hint", id=f"{spot.id}-hint")
        if block.get("hint")
        else None,
        tag("p", scene.errors[block_id], class_="error", id=f"{spot.id}-error", role="alert")
        if block_id in scene.errors
        else None,
    ]
    if grouped:
        return tag("fieldset", tag("legend", label), *rest, class_="block input", data_input=block_id)
    heading = tag("label", label, for_=spot.id, id=f"{spot.id}-label")
    return tag("div", heading, *rest, class_="block input", data_input=block_id)


def _dispatch(block: Block, part: Block) -> str | None:
    if not block.get("dispatch_action"):
        return None
    config = part.get("dispatch_action_config") or {}
    return " ".join(config.get("trigger_actions_on") or ["on_enter_pressed"])


def _element(spot: Spot) -> Html:
    if spot.type in SELECTS:
        return select(spot)
    draw = _ELEMENTS.get(spot.type)
    return unsupported(f"element “{spot.type}”") if draw is None else draw(spot)


def _button(spot: Spot) -> Html:
    part = spot.part
    style = part.get("style") if part.get("style") in {"primary", "danger"} else "plain"
    common: dict[str, Any] = {
        "class_": f"button {style}",
        "aria_label": part.get("accessibility_label"),
        "data_value": part.get("value"),
        "data_confirm": spot.confirm(),
        **spot.hooks(),
    }
    label = text_object(part.get("text"), spot.scene.names)
    url = followed(str(part.get("url") or ""))
    if url is not None:
        return tag("a", label, href=url, target="_blank", rel="noopener noreferrer", **common)
    return tag("button", label, type="button", **common)


def _feedback(spot: Spot) -> Html:
    buttons = []
    for name in ("positive_button", "negative_button"):
        part = spot.part.get(name) or {}
        label = text_object(part.get("text"), spot.scene.names)
        value = part.get("value")
        buttons.append(
            tag("button", label, type="button", class_="button plain", data_value=value, **spot.hooks())
        )
    return tag("span", *buttons, class_="feedback")


def _overflow(spot: Spot) -> Html:
    items = []
    for option in spot.part.get("options") or []:
        label = text_object(option.get("text"), spot.scene.names)
        url = followed(str(option.get("url") or ""))
        hooks: dict[str, Any] = {
            "data_value": option.get("value"),
            "data_confirm": spot.confirm(),
            "role": "menuitem",
            **spot.hooks(),
        }
        if url is None:
            items.append(tag("button", label, type="button", **hooks))
        else:
            items.append(tag("a", label, href=url, target="_blank", rel="noopener noreferrer", **hooks))
    summary = tag("summary", "⋯", aria_label="More actions", class_="button plain")
    return tag("details", summary, tag("div", *items, class_="menu", role="menu"), class_="overflow")


def _text_field(spot: Spot) -> Html:
    value = spot.value("value", "initial_value")
    if spot.type == "rich_text_input":
        value = _rich_words(spot.value("rich_text_value", "initial_value"))
    common: dict[str, Any] = {
        "placeholder": (spot.part.get("placeholder") or {}).get("text"),
        "minlength": spot.part.get("min_length"),
        "maxlength": spot.part.get("max_length"),
        "data_focus": spot.part.get("focus_on_load") is True,
        **spot.hooks(),
        **spot.field(),
    }
    if spot.type == "rich_text_input" or spot.part.get("multiline"):
        # The line break after the tag is the one that browsers drop.
        return tag("textarea", "\n" + str(value or ""), rows=5, **common)
    kind = {"email_text_input": "email", "url_text_input": "url"}.get(spot.type, "text")
    return tag("input", type=kind, value=value or "", autocomplete="off", **common)


def _rich_words(value: Any) -> str:
    """Return the bare words of a `rich_text` value, which is all that this page lets people type."""
    if isinstance(value, Mapping):
        return str(value.get("text", "")) + "".join(_rich_words(v) for v in value.get("elements") or [])
    return ""


def _number(spot: Spot) -> Html:
    part = spot.part
    return tag(
        "input",
        type="number",
        value=spot.value("value", "initial_value"),
        min=part.get("min_value"),
        max=part.get("max_value"),
        step="any" if part.get("is_decimal_allowed") else "1",
        placeholder=(part.get("placeholder") or {}).get("text"),
        **spot.hooks(),
        **spot.field(),
    )


def _moment(spot: Spot) -> Html:
    kind, state, initial = {
        "datepicker": ("date", "selected_date", "initial_date"),
        "timepicker": ("time", "selected_time", "initial_time"),
        "datetimepicker": ("datetime-local", "selected_date_time", "initial_date_time"),
    }[spot.type]
    value = spot.value(state, initial)
    unix = value if kind == "datetime-local" else None
    if unix is not None:
        # The script replaces this with the browser's own zone, from data-unix.
        value = datetime.fromtimestamp(int(unix), UTC).strftime("%Y-%m-%dT%H:%M")
    return tag("input", type=kind, value=value, data_unix=unix, **spot.hooks(), **spot.field())


def _choices(spot: Spot) -> Html:
    single = spot.type == "radio_buttons"
    chosen = spot.value(*(_CHOSEN if single else (f"{name}s" for name in _CHOSEN)))
    values = {option.get("value") for option in ([chosen] if single and chosen else chosen or [])}
    rows = [
        _choice(spot, option, index, checked=option.get("value") in values, single=single)
        for index, option in enumerate(spot.part.get("options") or [])
    ]
    return tag("div", *rows, class_="choices", id=spot.id, **spot.hooks())


_CHOSEN = ("selected_option", "initial_option")


def _choice(spot: Spot, option: Block, index: int, *, checked: bool, single: bool) -> Html:
    own = f"{spot.id}-{index}"
    names = spot.scene.names
    details = text_object(option.get("description"), names)
    box = tag(
        "input",
        type="radio" if single else "checkbox",
        name=spot.id,
        id=own,
        value=option.get("value"),
        checked=checked,
        aria_invalid="true" if spot.refused else None,
    )
    label = [text_object(option.get("text"), names), tag("small", details) if details else None]
    return tag("div", box, tag("label", *label, for_=own), class_="choice")


def _file(spot: Spot) -> Html:
    kinds: Iterable[str] = spot.part.get("filetypes") or []
    return tag(
        "input",
        type="file",
        multiple=int(spot.part.get("max_files") or 10) > 1,
        accept=",".join(f".{kind}" for kind in kinds) or None,
        **spot.hooks(),
        **spot.field(),
    )


def _icon_button(spot: Spot) -> Html:
    label = text_object(spot.part.get("text"), spot.scene.names) or plain_text(str(spot.part.get("icon", "")))
    return tag("button", label, type="button", class_="button plain", **spot.hooks())


_ELEMENTS: Mapping[str, Callable[[Spot], Html]] = MappingProxyType(
    {
        "button": _button,
        "feedback_buttons": _feedback,
        "icon_button": _icon_button,
        "overflow": _overflow,
        "plain_text_input": _text_field,
        "email_text_input": _text_field,
        "url_text_input": _text_field,
        "rich_text_input": _text_field,
        "number_input": _number,
        "datepicker": _moment,
        "timepicker": _moment,
        "datetimepicker": _moment,
        "radio_buttons": _choices,
        "checkboxes": _choices,
        "file_input": _file,
    }
)
