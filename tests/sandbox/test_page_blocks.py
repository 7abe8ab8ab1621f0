from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from bot.sandbox.page.blocks import render_blocks
from bot.sandbox.page.mrkdwn import Names
from bot.sandbox.page.scene import Scene
from bot.sandbox.page.typed import find_element, typed_state, typed_value

NAMES = Names(users={"U1": "Ana Costa", "U2": "Ben Okafor"}, channels={"C1": "captions-demo"}, viewer="U1")
EVIL = "<img src=x onerror=alert(1)>\"'"


def scene(**extra: Any) -> Scene:
    return Scene(key="k", names=NAMES, own_url="http://127.0.0.1:3030", **extra)


def draw(*blocks: dict[str, Any], **extra: Any) -> str:
    return render_blocks(blocks, scene(**extra))


def words(text: str, kind: str = "plain_text") -> dict[str, Any]:
    return {"type": kind, "text": text}


def option(text: str, value: str, **extra: Any) -> dict[str, Any]:
    return {"text": words(text), "value": value, **extra}


def field(element: dict[str, Any], **extra: Any) -> dict[str, Any]:
    return {"type": "input", "block_id": "b", "label": words("Language"), "element": element, **extra}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "block_id": "b", "elements": list(elements)}


LANGUAGES = [option("English", "en"), option("Spanish", "es", description=words("Castilian"))]
EVERYTHING: list[dict[str, Any]] = [
    {"type": "header", "text": words(EVIL)},
    {"type": "section", "text": words(EVIL, "mrkdwn"), "fields": [words(EVIL), words(EVIL, "mrkdwn")]},
    {
        "type": "context",
        "elements": [words(EVIL, "mrkdwn"), {"type": "image", "image_url": EVIL, "alt_text": EVIL}],
    },
    {"type": "image", "image_url": f"http://127.0.0.1:3030/{EVIL}", "alt_text": EVIL, "title": words(EVIL)},
    {"type": "markdown", "text": f"# {EVIL}\n- {EVIL}\n[{EVIL}](https://x.test/{EVIL})"},
    {"type": "alert", "text": words(EVIL), "level": EVIL},
    {"type": "table", "rows": [[{"type": "raw_text", "text": EVIL}, {"type": EVIL}]]},
    {"type": EVIL},
    actions(
        {"type": "button", "text": words(EVIL), "action_id": EVIL, "value": EVIL, "style": EVIL},
        {"type": "overflow", "action_id": "o", "options": [option(EVIL, EVIL)]},
        {
            "type": "static_select",
            "action_id": EVIL,
            "options": [option(EVIL, EVIL)],
            "placeholder": words(EVIL),
        },
        {"type": EVIL},
    ),
    field({"type": "plain_text_input", "action_id": EVIL, "multiline": True, "initial_value": EVIL}),
    field({"type": "plain_text_input", "action_id": EVIL, "initial_value": EVIL}, hint=words(EVIL)),
    field(
        {"type": "checkboxes", "action_id": EVIL, "options": [option(EVIL, EVIL, description=words(EVIL))]}
    ),
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": EVIL, "style": {"bold": True, "code": True}},
                    {"type": "link", "url": f"https://x.test/{EVIL}", "text": EVIL},
                    {"type": "link", "url": "javascript:alert(1)"},
                    {"type": "user", "user_id": EVIL},
                    {"type": "date", "timestamp": 1, "format": EVIL, "fallback": EVIL},
                    {"type": EVIL},
                ],
            },
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": EVIL}]},
        ],
    },
]


class Reader(HTMLParser):
    """Reads HTML as a browser would and keeps every element with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


@pytest.mark.parametrize("block", EVERYTHING)
def test_nothing_a_bot_writes_becomes_markup(block: dict[str, Any]) -> None:
    elements = Reader(draw(block, errors={"b": EVIL})).elements
    assert elements
    for tag, attributes in elements:
        assert tag not in {"script", "iframe", "style", "form"}
        assert not [name for name in attributes if name.startswith("on") or name in {"style", "x"}]
        assert attributes.get("src") != "x"
        assert (attributes.get("href") or "https:").startswith("https:")


@pytest.mark.parametrize("kind", ["video", "data_visualization", "carousel", "call"])
def test_an_unknown_block_is_a_visible_box(kind: str) -> None:
    assert f'<div class="unsupported" role="note">Unsupported block “{kind}”</div>' in draw({"type": kind})
    assert "Unsupported element “spinner”" in draw(actions({"type": "spinner"}))
    assert "Unsupported context element" in draw({"type": "context", "elements": [{"type": "button"}]})
    assert "Unsupported rich text" in draw(
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "color"}]}]}
    )
    assert "Unsupported rich text element" in draw({"type": "rich_text", "elements": [{"type": "poem"}]})


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


def test_pictures_come_from_the_sandbox_only() -> None:
    own = draw({"type": "image", "image_url": "http://127.0.0.1:3030/t.jpg?w=1", "alt_text": "A still"})
    assert '<img src="/t.jpg?w=1" alt="A still"' in own
    foreign = draw({"type": "image", "image_url": "https://x.test/t.jpg", "alt_text": "A still"})
    assert "<img" not in foreign
    assert '<a href="https://x.test/t.jpg"' in foreign
    accessory = {"type": "image", "image_url": "http://127.0.0.1:3030/t.jpg", "alt_text": "A still"}
    assert 'class="thumbnail"' in draw({"type": "section", "text": words("x"), "accessory": accessory})


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
