"""What the browser says becomes Slack's typed values."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.sandbox.page.typed import find_element, typed_state, typed_value
from tests.sandbox.page_shapes import LANGUAGES, actions, field, words


def test_what_the_browser_says_becomes_slacks_typed_values() -> None:
    blocks: list[dict[str, Any]] = [
        field({"type": "multi_static_select", "action_id": "a", "options": LANGUAGES}),
        {**field({"type": "plain_text_input", "action_id": "t"}), "block_id": "c"},
        actions({"type": "button", "action_id": "x", "text": words("X")}) | {"block_id": "d"},
    ]
    forged = {"text": words("French"), "value": "fr"}
    renamed = {"text": words("Klingon"), "value": "en"}
    said = {
        "b": {"a": {"options": [forged, renamed]}},
        "c": {"t": {"value": "hi"}, "unknown": {"value": "x"}},
        "d": {"x": {"value": "x"}},
        "nowhere": {"a": {"value": "x"}},
    }
    assert typed_state(blocks, said) == {
        "b": {"a": {"type": "multi_static_select", "selected_options": [LANGUAGES[0]]}},
        "c": {"t": {"type": "plain_text_input", "value": "hi"}},
    }
    assert find_element(blocks, "d", "y") is None


@pytest.mark.parametrize(
    ("element", "said", "value"),
    [
        ({"type": "external_select"}, {"options": [LANGUAGES[0]]}, {"selected_option": LANGUAGES[0]}),
        ({"type": "external_select"}, {"options": []}, {"selected_option": None}),
        ({"type": "users_select"}, {"options": [{"value": "U1"}]}, {"selected_user": "U1"}),
        ({"type": "multi_channels_select"}, {"options": [{"value": "C1"}]}, {"selected_channels": ["C1"]}),
        (
            {"type": "radio_buttons", "options": LANGUAGES},
            {"values": ["es"]},
            {"selected_option": LANGUAGES[1]},
        ),
        ({"type": "checkboxes", "options": LANGUAGES}, {"values": []}, {"selected_options": []}),
        ({"type": "overflow", "options": LANGUAGES}, {"value": "en"}, {"selected_option": LANGUAGES[0]}),
        ({"type": "datetimepicker"}, {"value": "60"}, {"selected_date_time": 60}),
        ({"type": "datepicker"}, {"value": None}, {"selected_date": None}),
        ({"type": "button"}, {"value": "v"}, {"value": "v"}),
        ({"type": "file_input"}, {"files": []}, {"files": []}),
        (
            {"type": "static_select", "option_groups": [{"options": LANGUAGES}]},
            {"options": [{"value": "es"}]},
            {"selected_option": LANGUAGES[1]},
        ),
    ],
)
def test_each_kind_of_element_has_its_own_typed_value(
    element: dict[str, Any], said: dict[str, Any], value: dict[str, Any]
) -> None:
    assert typed_value(element, said) == {"type": element["type"], **value}


def test_rich_text_is_sent_as_rich_text() -> None:
    sent = typed_value({"type": "rich_text_input"}, {"value": "hi"})
    assert json.dumps(sent["rich_text_value"]).count("rich_text_section") == 1
