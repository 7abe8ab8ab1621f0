"""Whatever a bot writes, none of it becomes markup of the page."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest

from tests.sandbox.page_shapes import actions, draw, field, option, words

EVIL = "<img src=x onerror=alert(1)>\"'"
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


def test_pictures_come_from_the_sandbox_only() -> None:
    own = draw({"type": "image", "image_url": "http://127.0.0.1:3030/t.jpg?w=1", "alt_text": "A still"})
    assert '<img src="/t.jpg?w=1" alt="A still"' in own
    foreign = draw({"type": "image", "image_url": "https://x.test/t.jpg", "alt_text": "A still"})
    assert "<img" not in foreign
    assert '<a href="https://x.test/t.jpg"' in foreign
    accessory = {"type": "image", "image_url": "http://127.0.0.1:3030/t.jpg", "alt_text": "A still"}
    assert 'class="thumbnail"' in draw({"type": "section", "text": words("x"), "accessory": accessory})
