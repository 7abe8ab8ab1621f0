"""Block Kit's text objects, options and interactive elements, with their limits, as data."""

from __future__ import annotations

from bot.sandbox.slack.spec import (
    Check,
    anything,
    boolean,
    choice,
    integer,
    many,
    record,
    string,
    tagged,
)

# https://docs.slack.dev/reference/block-kit/composition-objects
ID = string(255)
URL = string(3_000, least=1)


def text(most: int, *kinds: str) -> Check:
    """Accept a text object of the given kinds (both when none is given), of 1 to `most` characters."""
    plain = record({"type": anything, "text": string(most, least=1)}, {"emoji": boolean})
    mrkdwn = record({"type": anything, "text": string(most, least=1)}, {"verbatim": boolean})
    return tagged({"plain_text": plain, "mrkdwn": mrkdwn}, frozenset(kinds or {"plain_text", "mrkdwn"}))


def plain(most: int) -> Check:
    """Accept a plain_text object of 1 to `most` characters."""
    return text(most, "plain_text")


CONFIRM = record(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": choice("primary", "danger")},
)
_OPTION_TEXT = {"text": text(75), "value": string(150, least=1)}
OPTION = record(_OPTION_TEXT, {"description": text(75)})
_OVERFLOW_OPTION = record(_OPTION_TEXT, {"description": text(75), "url": URL})
OPTION_GROUP = record({"label": plain(75), "options": many(OPTION, 100, least=1)})
_FILTER = record(
    {},
    {
        "include": many(choice("im", "mpim", "private", "public"), 4, least=1),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)
_DISPATCH_CONFIG = record(
    {}, {"trigger_actions_on": many(choice("on_enter_pressed", "on_character_entered"), 2, least=1)}
)

_COMMON: dict[str, Check] = {"action_id": ID, "confirm": CONFIRM, "focus_on_load": boolean}
_PLACED: dict[str, Check] = {**_COMMON, "placeholder": plain(150)}
_TYPED: dict[str, Check] = {
    "action_id": ID,
    "focus_on_load": boolean,
    "placeholder": plain(150),
    "dispatch_action_config": _DISPATCH_CONFIG,
}
_TYPE: dict[str, Check] = {"type": anything}
_OPTIONS = many(OPTION, 100, least=1)
_STATIC: dict[str, Check] = {"options": _OPTIONS, "option_groups": many(OPTION_GROUP, 100, least=1)}
_SEVERAL: dict[str, Check] = {"max_selected_items": integer(1, 1_000)}

# https://docs.slack.dev/reference/block-kit/block-elements
ELEMENTS: dict[str, Check] = {
    "button": record(
        {**_TYPE, "text": plain(75)},
        {
            "action_id": ID,
            "url": URL,
            "value": string(2_000),
            "style": choice("primary", "danger"),
            "confirm": CONFIRM,
            "accessibility_label": string(75),
        },
    ),
    "image": record(
        {**_TYPE, "alt_text": string(2_000, least=1)}, {"image_url": URL, "slack_file": anything}
    ),
    "checkboxes": record(
        {**_TYPE, "options": many(OPTION, 10, least=1)},
        {**_COMMON, "initial_options": many(OPTION, 10, least=1)},
    ),
    "radio_buttons": record(
        {**_TYPE, "options": many(OPTION, 10, least=1)}, {**_COMMON, "initial_option": OPTION}
    ),
    "overflow": record(
        {**_TYPE, "options": many(_OVERFLOW_OPTION, 5, least=1)}, {"action_id": ID, "confirm": CONFIRM}
    ),
    "datepicker": record(_TYPE, {**_PLACED, "initial_date": string(10)}),
    "timepicker": record(_TYPE, {**_PLACED, "initial_time": string(5), "timezone": string(60)}),
    "datetimepicker": record(_TYPE, {**_COMMON, "initial_date_time": integer(0, 9_999_999_999)}),
    "static_select": record(_TYPE, {**_PLACED, **_STATIC, "initial_option": OPTION}),
    "multi_static_select": record(
        _TYPE, {**_PLACED, **_STATIC, **_SEVERAL, "initial_options": many(OPTION, 100, least=1)}
    ),
    "external_select": record(
        _TYPE, {**_PLACED, "min_query_length": integer(0, 3_000), "initial_option": OPTION}
    ),
    "multi_external_select": record(
        _TYPE,
        {
            **_PLACED,
            **_SEVERAL,
            "min_query_length": integer(0, 3_000),
            "initial_options": many(OPTION, 100, least=1),
        },
    ),
    "users_select": record(_TYPE, {**_PLACED, "initial_user": ID}),
    "multi_users_select": record(_TYPE, {**_PLACED, **_SEVERAL, "initial_users": many(ID, 100)}),
    "channels_select": record(_TYPE, {**_PLACED, "initial_channel": ID, "response_url_enabled": boolean}),
    "multi_channels_select": record(_TYPE, {**_PLACED, **_SEVERAL, "initial_channels": many(ID, 100)}),
    "conversations_select": record(
        _TYPE,
        {
            **_PLACED,
            "initial_conversation": ID,
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": _FILTER,
        },
    ),
    "multi_conversations_select": record(
        _TYPE,
        {
            **_PLACED,
            **_SEVERAL,
            "initial_conversations": many(ID, 100),
            "default_to_current_conversation": boolean,
            "filter": _FILTER,
        },
    ),
    "plain_text_input": record(
        _TYPE,
        {
            **_TYPED,
            "initial_value": string(3_000),
            "multiline": boolean,
            "min_length": integer(0, 3_000),
            "max_length": integer(1, 3_000),
        },
    ),
    "email_text_input": record(_TYPE, {**_TYPED, "initial_value": string(3_000)}),
    "url_text_input": record(_TYPE, {**_TYPED, "initial_value": string(3_000)}),
    "number_input": record(
        {**_TYPE, "is_decimal_allowed": boolean},
        {**_TYPED, "initial_value": string(60), "min_value": string(60), "max_value": string(60)},
    ),
    "rich_text_input": record(
        _TYPE,
        {**_TYPED, "initial_value": anything, "min_lines": integer(1, 100), "max_lines": integer(1, 100)},
    ),
    "file_input": record(
        _TYPE, {"action_id": ID, "filetypes": many(string(20), 100, least=1), "max_files": integer(1, 10)}
    ),
    "workflow_button": record(
        {**_TYPE, "text": plain(75), "workflow": anything},
        {"action_id": ID, "style": choice("primary", "danger"), "accessibility_label": string(75)},
    ),
    "feedback_buttons": record(
        {**_TYPE, "positive_button": anything, "negative_button": anything}, {"action_id": ID}
    ),
    "icon_button": record(
        {**_TYPE, "icon": string(75), "text": plain(75)},
        {
            "action_id": ID,
            "value": string(2_000),
            "confirm": CONFIRM,
            "accessibility_label": string(75),
            "visible_to_user_ids": many(ID, 100),
        },
    ),
}

_SINGLE_SELECTS = frozenset(
    {"static_select", "external_select", "users_select", "channels_select", "conversations_select"}
)
_SELECTS = _SINGLE_SELECTS | {f"multi_{name}" for name in _SINGLE_SELECTS}
_PICKERS = frozenset({"checkboxes", "radio_buttons", "datepicker", "timepicker"})

# Which element may stand where.
IN_SECTION = _SELECTS | _PICKERS | {"button", "image", "overflow", "workflow_button"}
IN_ACTIONS = _SINGLE_SELECTS | _PICKERS | {"button", "overflow", "datetimepicker", "workflow_button"}
IN_INPUT = (
    _SELECTS
    | _PICKERS
    | {
        "datetimepicker",
        "plain_text_input",
        "email_text_input",
        "url_text_input",
        "number_input",
        "rich_text_input",
        "file_input",
    }
)
