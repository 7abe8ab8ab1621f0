"""Blocks and views are judged as strictly as by Slack, and every complaint points to its place."""

from __future__ import annotations

import pytest

from bot.sandbox.slack.block_kit import BLOCKS
from bot.sandbox.slack.blocks import checked_blocks, checked_view
from bot.sandbox.slack.model import Refusal


def plain(text="T"):
    return {"type": "plain_text", "text": text}


def mrkdwn(text="T"):
    return {"type": "mrkdwn", "text": text}


def section(**more):
    return {"type": "section", "text": mrkdwn(), **more}


def option(value="a", text="A"):
    return {"text": plain(text), "value": value}


def actions(*elements):
    return {"type": "actions", "elements": list(elements)}


def button(**more):
    return {"type": "button", "text": plain(), **more}


def select(**more):
    return {"type": "static_select", "action_id": "s", **more}


def field(element, **more):
    return {"type": "input", "label": plain(), "element": element, **more}


RICH = {
    "type": "rich_text",
    "elements": [
        {"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]},
        {"type": "rich_text_list", "style": "bullet", "elements": [], "indent": 1},
    ],
}
CARD = {"type": "card", "title": plain(), "body": mrkdwn(), "actions": [button()]}
TASK = {"type": "task_card", "task_id": "t", "title": "T", "status": "in_progress", "details": RICH}
TABLE = {
    "type": "table",
    "rows": [[{"type": "raw_text", "text": "x"}, RICH], [{"type": "raw_number", "value": 1}]],
    "column_settings": [{"align": "right", "is_wrapped": True}],
}


def complaints(judge, value):
    with pytest.raises(Refusal) as caught:
        judge(value)
    assert caught.value.code in {"invalid_blocks", "invalid_arguments"}
    return caught.value.extra["response_metadata"]["messages"]


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(section(accessory=button(style="danger", value="v")), id="section"),
        pytest.param({"type": "section", "fields": [plain(), mrkdwn()]}, id="fields"),
        pytest.param({"type": "header", "text": plain("x" * 150)}, id="header"),
        pytest.param({"type": "divider"}, id="divider"),
        pytest.param({"type": "image", "image_url": "https://x", "alt_text": "x"}, id="image"),
        pytest.param({"type": "context", "elements": [mrkdwn(), plain()]}, id="context"),
        pytest.param(actions(button(), select(options=[option()], initial_option=option())), id="actions"),
        pytest.param(
            actions({"type": "checkboxes", "options": [option()], "initial_options": [option()]}), id="boxes"
        ),
        pytest.param(actions(select(option_groups=[{"label": plain(), "options": [option()]}])), id="groups"),
        pytest.param(field({"type": "plain_text_input", "max_length": 10}), id="input"),
        pytest.param(RICH, id="rich text"),
        pytest.param({"type": "markdown", "text": "**x**"}, id="markdown"),
        pytest.param(TABLE, id="table"),
        pytest.param(TASK, id="task card"),
        pytest.param({"type": "plan", "title": "P", "tasks": [TASK]}, id="plan"),
        pytest.param(CARD, id="card"),
        pytest.param({"type": "carousel", "elements": [CARD]}, id="carousel"),
        pytest.param({"type": "container", "title": plain(), "child_blocks": [section()]}, id="container"),
        pytest.param(
            {
                "type": "context_actions",
                "elements": [{"type": "icon_button", "icon": "trash", "text": plain()}],
            },
            id="context actions",
        ),
    ],
)
def test_a_block_within_the_limits_is_taken_and_given_its_ids(block):
    (checked,) = checked_blocks([block])
    assert checked["block_id"]
    assert checked | {"block_id": ""} != block
    assert "block_id" not in block


def test_ids_of_the_app_stay_and_invented_ones_avoid_them():
    first, second = checked_blocks([section(block_id="b0001"), actions(button(action_id="mine"), button())])
    assert (first["block_id"], second["block_id"]) == ("b0001", "b0002")
    assert [one["action_id"] for one in second["elements"]] == ["mine", "b0002-1"]


@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        pytest.param("x", "must provide an object [json-pointer:/blocks/0]", id="no object"),
        pytest.param({}, "missing required field: type [json-pointer:/blocks/0]", id="no type"),
        pytest.param({"type": "alert", "text": plain()}, "unsupported type: alert", id="alert in a message"),
        pytest.param({"type": "section"}, "missing required field: text", id="empty section"),
        pytest.param(section(colour="red"), "invalid additional property: colour", id="unknown field"),
        pytest.param(section(block_id="x" * 256), "less than 256 characters", id="long block id"),
        pytest.param(section(expand=1), "must provide a boolean", id="not a boolean"),
        pytest.param(section(fields=[plain()] * 11), "no more than 10 items allowed", id="11 fields"),
        pytest.param(section(fields=plain()), "must provide an array", id="fields no list"),
        pytest.param(section(accessory=field({})), "unsupported type: input", id="input as accessory"),
        pytest.param({"type": "header", "text": mrkdwn()}, "unsupported type: mrkdwn", id="header mrkdwn"),
        pytest.param(
            {"type": "header", "text": plain("x" * 151)},
            "less than 151 characters [json-pointer:/blocks/0/text/text]",
            id="long header",
        ),
        pytest.param({"type": "header", "text": plain(), "level": 9}, "between 1 and 6", id="header level"),
        pytest.param({"type": "header", "text": plain(), "level": "1"}, "an integer", id="level no number"),
        pytest.param({"type": "header", "text": plain("")}, "more than 0 characters", id="empty text"),
        pytest.param({"type": "header", "text": {**plain(), "text": 1}}, "provide a string", id="no string"),
        pytest.param({"type": "image", "alt_text": "x"}, "missing required field: image_url", id="no image"),
        pytest.param({"type": "context", "elements": []}, "no fewer than 1", id="empty context"),
        pytest.param({"type": "context", "elements": [plain()] * 11}, "no more than 10", id="11 in context"),
        pytest.param(actions(*[button()] * 26), "no more than 25 items", id="26 buttons"),
        pytest.param(actions(button(style="green")), "must be one of: primary, danger", id="style"),
        pytest.param(
            actions(button(action_id="a"), button(action_id="a")), '"a" already exists', id="same action id"
        ),
        pytest.param(actions(select()), "either options or option_groups", id="no options"),
        pytest.param(actions(select(options=[option("x" * 151)])), "less than 151", id="long value"),
        pytest.param(actions(select(options=[option("a", "x" * 76)])), "less than 76", id="long option"),
        pytest.param(
            actions(select(options=[option()], initial_option=option("z"))),
            "must match one of the options",
            id="initial option elsewhere",
        ),
        pytest.param(
            {"type": "container", "child_blocks": [section()]}, "missing required field: title", id="no title"
        ),
        pytest.param({"type": "table", "rows": [[]]}, "no fewer than 1 items", id="empty row"),
    ],
)
def test_what_slack_refuses_is_refused_with_a_pointer(block, complaint):
    found = complaints(checked_blocks, [block])
    assert any(complaint in one for one in found)
    assert all(one.startswith("[ERROR] ") and "[json-pointer:/blocks/0" in one for one in found)


def test_a_message_has_limits_of_its_own():
    assert checked_blocks(None) == []
    assert "no more than 50 items" in complaints(checked_blocks, [section()] * 51)[0]
    assert "only_one_table_allowed" in complaints(checked_blocks, [TABLE, TABLE])[0]
    twins = [section(block_id="x"), section(block_id="x")]
    assert "/blocks/1/block_id" in complaints(checked_blocks, twins)[0]
    long = [{"type": "section", "text": mrkdwn("x" * 2_500)}] * 5
    with pytest.raises(Refusal, match="msg_blocks_too_long"):
        checked_blocks(long)
    assert len(checked_blocks(long, most_characters=None)) == 5


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        pytest.param(
            {"title": plain("x" * 25)}, "less than 25 characters [json-pointer:/view/title/text]", id="title"
        ),
        pytest.param({"title": None}, "missing required field: title", id="no title"),
        pytest.param({"private_metadata": "x" * 3_001}, "less than 3001", id="private metadata"),
        pytest.param({"callback_id": "x" * 256}, "less than 256", id="callback id"),
        pytest.param({"blocks": [section()] * 101}, "no more than 100 items", id="101 blocks"),
        pytest.param({"blocks": [TABLE]}, "unsupported type: table", id="a table"),
        pytest.param(
            {"blocks": [field({"type": "plain_text_input"})], "submit": None}, "field: submit", id="no submit"
        ),
        pytest.param({"submit": plain("x" * 25)}, "less than 25 characters", id="submit"),
        pytest.param({"type": "workflow"}, "must be a modal or a home view", id="type"),
    ],
)
def test_a_view_has_limits_of_its_own(change, complaint):
    view = {"type": "modal", "title": plain(), "submit": plain(), "blocks": [section()], **change}
    assert any(complaint in one for one in complaints(checked_view, view))


def test_views_of_both_kinds_are_taken():
    alert = {"type": "alert", "text": mrkdwn(), "level": "warning"}
    modal = {"type": "modal", "title": plain(), "blocks": [alert]}
    assert checked_view(modal)["blocks"][0]["block_id"]
    assert checked_view({"type": "home", "blocks": []})["blocks"] == []
    assert "must be a modal" in complaints(checked_view, None)[0]
    home = {"type": "home", "blocks": [], "title": plain()}
    assert "invalid additional property: title" in complaints(checked_view, home)[0]


def test_a_view_of_more_than_250_kilobytes_is_refused():
    blocks = [{"type": "section", "text": mrkdwn("x" * 3_000)}] * 90
    with pytest.raises(Refusal, match="view_too_large"):
        checked_view({"type": "modal", "title": plain(), "blocks": blocks})


def test_every_block_knows_its_surfaces():
    assert set(BLOCKS) >= {"section", "alert", "table", "task_card", "plan", "container"}
