"""Every kind of block and element is drawn with all that it has to say."""

from __future__ import annotations

import re
from typing import Any

from tests.sandbox.page_shapes import LANGUAGES, actions, draw, field, option, words


def test_a_section_has_text_fields_and_an_accessory() -> None:
    html = draw(
        {
            "type": "section",
            "block_id": "s",
            "text": words("*Video*", "mrkdwn"),
            "fields": [words("a"), words("b")],
            "accessory": {"type": "button", "action_id": "go", "text": words("Go"), "value": "1"},
        }
    )
    assert "<strong>Video</strong>" in html
    assert '<div class="fields"><div>a</div><div>b</div></div>' in html
    assert 'data-block="s" data-action="go" data-type="button" data-dispatch="always"' in html


def test_a_button_carries_its_value_style_and_question() -> None:
    html = draw(
        actions(
            {
                "type": "button",
                "action_id": "cancel",
                "text": words("Cancel"),
                "value": "job 1",
                "style": "danger",
                "accessibility_label": "Cancel the job",
                "confirm": {
                    "title": words("Sure?"),
                    "text": words("*No* way back", "mrkdwn"),
                    "style": "danger",
                },
            },
            {"type": "button", "action_id": "open", "text": words("Open"), "url": "https://x.test/"},
        )
    )
    assert 'class="button danger" aria-label="Cancel the job" data-value="job 1"' in html
    assert "&quot;text&quot;: &quot;No way back&quot;" in html
    assert '<a href="https://x.test/"' in html


def test_an_overflow_menu_lists_its_options() -> None:
    options = [option("Details", "d"), option("Docs", "x", url="https://x.test/")]
    html = draw(actions({"type": "overflow", "action_id": "more", "options": options}))
    assert html.count('role="menuitem"') == 2
    assert 'data-value="d"' in html
    assert '<a href="https://x.test/"' in html


def test_other_buttons_can_be_pressed() -> None:
    feedback = {
        "type": "feedback_buttons",
        "action_id": "f",
        "positive_button": {"text": words("Good"), "value": "+"},
        "negative_button": {"text": words("Bad"), "value": "-"},
    }
    icon = {"type": "icon_button", "action_id": "i", "icon": "trash", "text": words("Delete")}
    html = draw({"type": "context_actions", "block_id": "b", "elements": [feedback, icon]})
    assert 'data-value="+"' in html
    assert "Delete" in html


def test_selects_show_what_is_chosen_and_carry_whole_options() -> None:
    element = {
        "type": "static_select",
        "action_id": "a",
        "options": LANGUAGES,
        "initial_option": LANGUAGES[0],
    }
    html = draw(field(element))
    assert 'role="combobox" value="English"' in html
    assert "&quot;value&quot;: &quot;es&quot;" in html
    assert "<small>Castilian</small>" in html
    typed = {"b": {"a": {"type": "static_select", "selected_option": LANGUAGES[1]}}}
    assert 'role="combobox" value="Spanish"' in draw(field(element), state=typed)
    assert 'role="combobox" value=""' in draw(
        field(element), state={"b": {"a": {"type": "static_select", "selected_option": None}}}
    )


def test_selects_of_people_channels_and_groups_list_them() -> None:
    grouped = [{"label": words("Europe"), "options": LANGUAGES}]
    html = draw(
        actions(
            {"type": "multi_static_select", "action_id": "g", "option_groups": grouped},
            {"type": "users_select", "action_id": "u", "initial_user": "U2"},
            {"type": "multi_conversations_select", "action_id": "c", "initial_conversations": ["C1"]},
            {"type": "external_select", "action_id": "e", "min_query_length": 0},
            {"type": "external_select", "action_id": "d"},
        )
    )
    assert '<li class="group" role="presentation">Europe</li>' in html
    assert 'value="Ben Okafor"' in html
    assert "captions-demo" in html
    assert 'data-source="external" data-min="0"' in html
    assert 'data-source="external" data-min="3"' in html
    assert 'class="chips"' in html


def test_a_field_has_label_hint_and_error_tied_to_it() -> None:
    element = {"type": "plain_text_input", "action_id": "a", "placeholder": words("write"), "max_length": 9}
    html = draw(field(element, optional=True, hint=words("A hint")), errors={"b": "Too long"})
    assert '<label for="f-k-b-a"' in html
    assert "(optional)" in html
    assert 'aria-describedby="f-k-b-a-hint f-k-b-a-error" aria-invalid="true"' in html
    assert '<p class="error" id="f-k-b-a-error" role="alert">Too long</p>' in html
    assert 'placeholder="write"' in html
    assert "data-dispatch" not in html


def test_a_field_that_dispatches_says_when() -> None:
    element = {
        "type": "plain_text_input",
        "action_id": "a",
        "dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]},
    }
    assert 'data-dispatch="on_character_entered"' in draw(field(element, dispatch_action=True))
    assert 'data-dispatch="on_enter_pressed"' in draw(
        field({"type": "email_text_input", "action_id": "a"}, dispatch_action=True)
    )


def test_every_kind_of_field_keeps_what_was_typed() -> None:
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("plain_text_input", {"value": "typed"}, 'type="text" value="typed"'),
        ("email_text_input", {"value": "a@b"}, 'type="email" value="a@b"'),
        ("url_text_input", {"value": "https://x"}, 'type="url" value="https://x"'),
        ("number_input", {"value": "7"}, 'type="number" value="7"'),
        ("datepicker", {"selected_date": "2026-01-02"}, 'type="date" value="2026-01-02"'),
        ("timepicker", {"selected_time": "09:30"}, 'type="time" value="09:30"'),
        ("datetimepicker", {"selected_date_time": 0}, 'value="1970-01-01T00:00" data-unix="0"'),
        ("file_input", {"files": []}, 'type="file" multiple'),
        ("rich_text_input", {"rich_text_value": {"elements": [{"text": "rich"}]}}, "\nrich</textarea>"),
    ]
    for kind, value, expected in cases:
        element = {"type": kind, "action_id": "a", "is_decimal_allowed": True, "filetypes": ["srt"]}
        html = draw(field(element), state={"b": {"a": {"type": kind, **value}}})
        assert expected in html, kind
    assert ">\n</textarea>" in draw(field({"type": "rich_text_input", "action_id": "a"}))


def test_boxes_and_radio_buttons_are_checked_as_chosen() -> None:
    boxes = {"type": "checkboxes", "action_id": "a", "options": LANGUAGES, "initial_options": [LANGUAGES[1]]}
    radio = {"type": "radio_buttons", "action_id": "a", "options": LANGUAGES, "initial_option": LANGUAGES[0]}
    assert re.search(r'type="checkbox"[^>]* value="es" checked>', draw(field(boxes)))
    assert re.search(r'type="radio"[^>]* value="en" checked>', draw(field(radio)))
    assert draw(field(radio)).startswith("<fieldset")
    empty = {"b": {"a": {"type": "radio_buttons", "selected_option": None}}}
    assert " checked" not in draw(field(radio), state=empty)


def test_tables_alerts_rules_and_rich_text_are_drawn() -> None:
    cell = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]}
    html = draw(
        {
            "type": "table",
            "rows": [[{"type": "raw_text", "text": "Cue"}, {"type": "raw_number", "value": 3}], [cell]],
            "column_settings": [None, {"align": "right"}],
        },
        {"type": "divider"},
        {"type": "alert", "level": "warning", "text": words("Mind")},
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_list",
                    "style": "ordered",
                    "indent": 9,
                    "elements": [
                        {"type": "rich_text_section", "elements": [{"type": "text", "text": "one\ntwo"}]}
                    ],
                },
                {
                    "type": "rich_text_quote",
                    "elements": [
                        {"type": "emoji", "name": "tada"},
                        {"type": "emoji", "name": "nope"},
                        {"type": "channel", "channel_id": "C1"},
                        {"type": "broadcast", "range": "here"},
                    ],
                },
            ],
        },
    )
    assert '<th class="align-right">3</th>' in html
    assert '<hr class="block">' in html
    assert 'class="block alert warning"' in html
    assert '<ol class="indent-4"><li><div class="lines">one<br>two</div></li></ol>' in html
    assert ":nope:" in html
    assert "@here" in html
