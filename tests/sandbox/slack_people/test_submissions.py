"""A form is sent with all that was typed, and the bot's answer decides what becomes of it."""

from __future__ import annotations

import pytest
from starlette.responses import JSONResponse

from bot.sandbox.slack.model import Refusal
from tests.sandbox.slack_people.bench import LANGUAGES, PLAIN, field, modal, option


async def test_a_submission_holds_the_typed_state_of_every_input(bench):
    destination = {
        "type": "conversations_select",
        "action_id": "value",
        "response_url_enabled": True,
    }
    view = bench.views.open(
        "U0ANA",
        modal(
            field(),
            field("note", optional=True),
            field("lang", LANGUAGES),
            field("where", destination),
            callback_id="caption_modal",
            private_metadata="secret",
        ),
    )
    outcome = await bench.people.submit(
        "U0ANA",
        view.id,
        {"name": {"value": "Film"}, "lang": {"value": ["fr"]}, "where": {"value": "C0DEMO"}},
    )
    assert (outcome.status, outcome.open_view, outcome.errors) == (200, None, {})
    body = bench.bot.last
    sent = body["view"]
    assert sent["state"]["values"] == {
        "name": {"value": {"type": "plain_text_input", "value": "Film"}},
        "note": {"value": {"type": "plain_text_input", "value": None}},
        "lang": {"value": {"type": "multi_static_select", "selected_options": [option("fr")]}},
        "where": {"value": {"type": "conversations_select", "selected_conversation": "C0DEMO"}},
    }
    assert (sent["callback_id"], sent["private_metadata"]) == ("caption_modal", "secret")
    assert body["response_urls"][0]["channel_id"] == "C0DEMO"


@pytest.mark.parametrize(
    ("element", "value"),
    [
        pytest.param({"type": "plain_text_input"}, "", id="empty"),
        pytest.param({"type": "plain_text_input", "min_length": 3}, "ab", id="short"),
        pytest.param({"type": "plain_text_input", "max_length": 3}, "abcd", id="long"),
        pytest.param({"type": "url_text_input"}, "mux", id="not a link"),
        pytest.param({"type": "url_text_input"}, "http://[", id="broken link"),
        pytest.param({"type": "email_text_input"}, "ana", id="not an address"),
        pytest.param({"type": "number_input", "is_decimal_allowed": False}, "1.5", id="not whole"),
        pytest.param(
            {"type": "number_input", "is_decimal_allowed": True, "min_value": "1"}, "0.5", id="small"
        ),
        pytest.param({"type": "number_input", "is_decimal_allowed": False, "max_value": "9"}, "10", id="big"),
        pytest.param({"type": "static_select", "options": [option("fr")]}, None, id="nothing chosen"),
    ],
)
async def test_slack_s_own_complaints_come_before_the_bot_hears_of_it(bench, element, value):
    view = bench.views.open("U0ANA", modal(field(element={**element, "action_id": "value"})))
    outcome = await bench.people.submit("U0ANA", view.id, {"name": {"value": value}})
    assert (outcome.sent, set(outcome.errors), outcome.open_view) == (False, {"name"}, view.id)
    assert bench.bot.bodies == []


@pytest.mark.parametrize(
    ("element", "value"),
    [
        pytest.param({"type": "number_input", "is_decimal_allowed": True}, "1.5", id="number"),
        pytest.param({"type": "url_text_input"}, "https://mux.com", id="link"),
        pytest.param({"type": "email_text_input"}, "a@b.pt", id="address"),
        pytest.param({"type": "external_select"}, {"text": PLAIN, "value": "a1"}, id="option on demand"),
        pytest.param({"type": "plain_text_input"}, {"type": "plain_text_input", "value": "x"}, id="typed"),
    ],
)
async def test_what_slack_accepts_is_submitted(bench, element, value):
    view = bench.views.open("U0ANA", modal(field(element={**element, "action_id": "value"})))
    assert (await bench.people.submit("U0ANA", view.id, {"name": {"value": value}})).status == 200


async def test_errors_update_push_and_clear_do_what_they_say(bench):
    view = bench.views.open("U0ANA", modal(field("name", optional=True)))

    async def answered(content):
        bench.bot.replies = [JSONResponse(content)]
        return await bench.people.submit("U0ANA", bench.views.top("U0ANA").id)

    outcome = await answered({"response_action": "errors", "errors": {"name": "No such asset."}})
    assert (outcome.errors, outcome.open_view) == ({"name": "No such asset."}, view.id)
    outcome = await answered({"response_action": "update", "view": modal(field("next", optional=True))})
    assert (outcome.errors, outcome.open_view, view.blocks[0]["block_id"]) == ({}, view.id, "next")
    outcome = await answered({"response_action": "push", "view": modal(field("third", optional=True))})
    assert [one.id for one in bench.views.stack("U0ANA")] == [view.id, outcome.open_view]
    assert (await bench.people.submit("U0ANA", outcome.open_view)).open_view == view.id
    assert (await answered({"response_action": "clear"})).open_view is None


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"response_action": "errors", "errors": {"unknown": "x"}}, id="unknown block"),
        pytest.param({"response_action": "errors", "errors": {}}, id="no errors"),
        pytest.param({"response_action": "errors", "errors": {"name": 1}}, id="no sentence"),
        pytest.param({"response_action": "dance"}, id="unknown action"),
        pytest.param({"response_action": "update", "view": modal({"type": "nope"})}, id="bad blocks"),
        pytest.param({"response_action": "push", "view": {"type": "home", "blocks": []}}, id="a home tab"),
    ],
)
async def test_an_answer_that_makes_no_sense_leaves_the_modal_open(bench, content):
    view = bench.views.open("U0ANA", modal(field("name", optional=True)))
    bench.bot.replies = [JSONResponse(content)]
    outcome = await bench.people.submit("U0ANA", view.id)
    assert (outcome.trouble != "", outcome.open_view, outcome.errors) == (True, view.id, {})


async def test_a_late_answer_to_a_submission_leaves_the_modal_open(bench):
    view = bench.views.open("U0ANA", modal(field("name", optional=True)))
    outcome = await bench.silent(bench.people.submit("U0ANA", view.id))
    assert (outcome.timed_out, outcome.open_view) == (True, view.id)
    bench.views.push("U0ANA", {"type": "modal", "title": PLAIN, "blocks": []})
    for view_id, error in ((view.id, "view_not_found"), (bench.views.top("U0ANA").id, "no_submit")):
        with pytest.raises(Refusal, match=error):
            await bench.people.submit("U0ANA", view_id)


async def test_a_closed_view_is_told_only_when_asked_for(bench):
    root = bench.views.open("U0ANA", modal(field(), notify_on_close=True))
    second = bench.views.push("U0ANA", modal(field()))
    assert (await bench.people.close("U0ANA", second.id)).sent is False
    bench.views.push("U0ANA", modal(field()))
    await bench.people.close("U0ANA", bench.views.top("U0ANA").id, clear=True)
    body = bench.bot.last
    assert (body["type"], body["view"]["id"], body["is_cleared"]) == ("view_closed", root.id, True)
    single = bench.views.open("U0ANA", modal(field(), notify_on_close=True))
    await bench.people.close("U0ANA", single.id)
    assert bench.bot.last["is_cleared"] is False
