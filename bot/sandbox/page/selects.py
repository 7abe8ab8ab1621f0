"""Select menus as one searchable combobox, whatever they choose from.

The page's script keeps the chosen options in `data-chosen`, filters the options that stand in the list,
and asks for more where `data-source` says `external`.

https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from bot.sandbox.page.html import Html, tag
from bot.sandbox.page.mrkdwn import Names, text_object
from bot.sandbox.page.spot import Spot
from bot.sandbox.slack.conversations import offered

# Element type -> the state's field and the initial field; a multi select is told by its name.
SELECTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "static_select": ("selected_option", "initial_option"),
        "external_select": ("selected_option", "initial_option"),
        "users_select": ("selected_user", "initial_user"),
        "channels_select": ("selected_channel", "initial_channel"),
        "conversations_select": ("selected_conversation", "initial_conversation"),
        "multi_static_select": ("selected_options", "initial_options"),
        "multi_external_select": ("selected_options", "initial_options"),
        "multi_users_select": ("selected_users", "initial_users"),
        "multi_channels_select": ("selected_channels", "initial_channels"),
        "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    }
)
# https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select
_DEFAULT_MIN_QUERY_LENGTH = 3


def select(spot: Spot) -> Html:
    """Return a combobox: a text field to search in, and the list it opens."""
    multi = spot.type.startswith("multi_")
    external = spot.type.endswith("external_select")
    chosen = _chosen(spot)
    list_id = f"{spot.id}-list"
    shown = "" if multi or not chosen else str(chosen[0]["text"]["text"])
    field = tag(
        "input",
        type="text",
        role="combobox",
        value=shown,
        autocomplete="off",
        aria_expanded="false",
        aria_controls=list_id,
        aria_autocomplete="list",
        placeholder=(spot.part.get("placeholder") or {}).get("text") or "Choose…",
        **spot.field(),
    )
    minimum = spot.part.get("min_query_length")
    return tag(
        "div",
        tag("span", class_="chips") if multi else None,
        field,
        tag("ul", *_items(spot), role="listbox", id=list_id, hidden=True, aria_multiselectable=multi or None),
        class_="select",
        data_select="multi" if multi else "single",
        data_source="external" if external else "list",
        data_min=(_DEFAULT_MIN_QUERY_LENGTH if minimum is None else minimum) if external else None,
        data_chosen=json.dumps(chosen),
        data_confirm=spot.confirm(),
        **spot.hooks(),
    )


def _chosen(spot: Spot) -> list[dict[str, Any]]:
    value = spot.value(*SELECTS[spot.type])
    values = value if isinstance(value, list) else [value] if value else []
    return [item if isinstance(item, dict) else _named(str(item), spot.scene.names) for item in values]


def _named(identity: str, names: Names) -> dict[str, Any]:
    name = names.users.get(identity) or names.channels.get(identity) or identity
    return {"text": {"type": "plain_text", "text": name}, "value": identity}


def _items(spot: Spot) -> Iterable[Html]:
    if spot.type.endswith("static_select"):
        for group in spot.part.get("option_groups") or []:
            yield tag(
                "li", text_object(group.get("label"), spot.scene.names), class_="group", role="presentation"
            )
            yield from (option_item(option, spot.scene.names) for option in group.get("options") or [])
        yield from (option_item(option, spot.scene.names) for option in spot.part.get("options") or [])
        return
    for identity in _identities(spot):
        yield option_item(_named(identity, spot.scene.names), spot.scene.names)


def _identities(spot: Spot) -> Iterable[str]:
    if spot.type.endswith("users_select"):
        return spot.scene.names.users
    if spot.type.endswith("external_select"):
        return ()
    return [channel.id for channel in spot.scene.conversations if offered(spot.part, channel)]


def option_item(option: Mapping[str, Any], names: Names) -> Html:
    """Return one line of the list; the whole option travels with it, because Slack sends it back whole."""
    details = text_object(option.get("description"), names)
    return tag(
        "li",
        text_object(option.get("text"), names),
        tag("small", details) if details else None,
        role="option",
        data_option=json.dumps(option),
        aria_selected="false",
    )
