from __future__ import annotations

from collections.abc import Callable

from bot.ui import blocks
from bot.ui.message import Message

_HUGE = "&amp;" * 4_000


def test_every_builder_stays_within_slacks_limits(takes: Callable[[Message], None]):
    takes(
        blocks.message(
            _HUGE,
            [
                blocks.section(_HUGE),
                blocks.fields(*["x" * 5_000] * 12),
                blocks.context(*["x" * 5_000] * 12),
                blocks.header("<" * 500),
                blocks.actions([_button()] * 30),
                blocks.divider(),
                None,
            ],
        )
    )


def test_empty_texts_are_never_sent(takes: Callable[[Message], None]):
    takes(
        blocks.message(
            " ",
            [blocks.section(""), blocks.fields(), blocks.context(), blocks.context(" "), blocks.header("")],
        )
    )


def test_the_fifty_first_block_is_replaced_by_a_word_about_it(takes: Callable[[Message], None]):
    message = blocks.message("Many", [blocks.section(str(number)) for number in range(60)])

    takes(message)
    assert len(message.blocks) == 50
    assert message.blocks[-1] == blocks.context(
        "The rest does not fit into one Slack message and is left out."
    )


def test_shortening_takes_from_the_longest_text_and_leaves_what_it_was_given():
    short, long = blocks.section("short"), blocks.section("x" * 3_000)

    message = blocks.message("Long", [short, *[long] * 5])

    assert message.blocks[0] == short
    assert long["text"]["text"] == "x" * 3_000


def test_elements_without_text_are_left_alone():
    picker = {"type": "static_select", "action_id": "pick", "options": []}

    assert blocks.message("Pick", [blocks.actions([picker])]).blocks == (blocks.actions([picker]),)


def test_bare_names_and_addresses_are_not_turned_into_links():
    assert blocks.section("#general")["text"]["verbatim"] is True


def _button() -> dict[str, object]:
    return {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
