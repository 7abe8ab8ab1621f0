"""What people press, choose and search in reaches the bot with the place that it was done in."""

from __future__ import annotations

import aiohttp
import pytest
from starlette.responses import JSONResponse, Response

from bot.sandbox.slack.model import Refusal
from tests.sandbox.slack_people.bench import BOT, BUTTON, LANGUAGES, PLAIN, actions, field, modal, option


async def test_a_button_in_a_message_says_where_it_was_pressed(bench):
    message = bench.workspace.post("C0DEMO", BOT, "card", blocks=[actions(BUTTON)])
    reply = bench.workspace.post("C0DEMO", BOT, "r", blocks=[actions(BUTTON)], thread_ts=message.ts)
    outcome = await bench.people.press(
        "U0ANA", channel_id="C0DEMO", ts=reply.ts, block_id="row", action_id="cancel"
    )
    assert outcome.status == 200
    body = bench.bot.last
    assert body["actions"][0] | {"action_ts": ""} == {**BUTTON, "block_id": "row", "action_ts": ""}
    assert body["container"]["thread_ts"] == message.ts
    assert (body["channel"]["id"], body["message"]["ts"], body["user"]["id"]) == ("C0DEMO", reply.ts, "U0ANA")
    opened = await bench.web.views_open(trigger_id=body["trigger_id"], view=modal(field()))
    assert bench.views.top("U0ANA").id == opened["view"]["id"]
    async with aiohttp.ClientSession() as http:
        changed = {"text": "cancelled", "replace_original": True}
        async with http.post(body["response_url"], json=changed) as answer:
            assert answer.status == 200
    assert (reply.text, reply.blocks) == ("cancelled", [])


async def test_a_menu_in_a_message_sends_its_option_and_its_state(bench):
    menu = {"type": "overflow", "action_id": "more", "options": [option("copy")]}
    select = {"type": "static_select", "action_id": "pick", "options": [option("fr")]}
    message = bench.workspace.post("C0DEMO", BOT, "card", blocks=[actions(menu, select)])
    spot = {"channel_id": "C0DEMO", "ts": message.ts, "block_id": "row"}
    await bench.people.press("U0ANA", **spot, action_id="more", value="copy")
    assert bench.bot.last["actions"][0]["selected_option"] == option("copy")
    await bench.people.press("U0ANA", **spot, action_id="pick", value="fr")
    assert bench.bot.last["state"]["values"]["row"]["pick"]["selected_option"] == option("fr")
    for wrong, error in (
        ({"action_id": "no"}, "no_such_element"),
        ({"action_id": "pick", "value": "it"}, "no_such_option"),
    ):
        with pytest.raises(Refusal, match=error):
            await bench.people.press("U0ANA", **spot, **wrong)
    with pytest.raises(Refusal, match="message_not_found"):
        await bench.people.press("U0ANA", channel_id="C0DEMO", ts="1.0", block_id="row", action_id="more")


async def test_a_press_that_fails_shows_the_person_a_notice(bench):
    message = bench.workspace.post("C0DEMO", BOT, "card", blocks=[actions(BUTTON)])
    queue = bench.workspace.subscribe()
    bench.bot.replies = [Response(status_code=500)]
    await bench.people.press("U0ANA", channel_id="C0DEMO", ts=message.ts, block_id="row", action_id="cancel")
    assert "dispatch_failed" in queue.get_nowait().text
    spot = {"channel_id": "C0DEMO", "ts": message.ts, "block_id": "row", "action_id": "cancel"}
    assert (await bench.silent(bench.people.press("U0ANA", **spot))).timed_out
    assert "operation_timeout" in queue.get_nowait().text


async def test_an_action_in_a_modal_carries_the_view_its_hash_and_what_was_typed(bench):
    view = bench.views.open(
        "U0ANA", modal(field(), field("lang", LANGUAGES, dispatch_action=True), actions(BUTTON))
    )
    quiet = await bench.people.press(
        "U0ANA", view_id=view.id, block_id="name", action_id="value", value="Ana"
    )
    assert (quiet.sent, bench.bot.bodies) == (False, [])
    await bench.people.press("U0ANA", view_id=view.id, block_id="lang", action_id="value", value=["de"])
    body = bench.bot.last
    assert (body["container"], body["view"]["hash"]) == ({"type": "view", "view_id": view.id}, view.hash)
    assert body["view"]["state"]["values"]["name"]["value"]["value"] == "Ana"
    assert body["actions"][0]["selected_options"] == [option("de")]
    assert "response_url" not in body
    await bench.people.press("U0ANA", view_id=view.id, block_id="row", action_id="cancel")
    assert bench.bot.last["actions"][0]["value"] == "j1"
    with pytest.raises(Refusal, match="view_not_found"):
        await bench.people.press("U0BEN", view_id=view.id, block_id="row", action_id="cancel")


async def test_a_home_tab_s_buttons_carry_the_home_view(bench):
    view = bench.views.publish("U0ANA", {"type": "home", "blocks": [actions(BUTTON)]})
    await bench.people.app_home_opened("U0ANA")
    event = bench.bot.last
    assert (event["type"], event["event"]["tab"], event["event"]["view"]["id"]) == (
        "event_callback",
        "home",
        view.id,
    )
    assert event["authorizations"][0]["user_id"] == BOT
    await bench.people.press("U0ANA", view_id=view.id, block_id="row", action_id="cancel")
    assert bench.bot.last["view"]["type"] == "home"
    await bench.people.app_home_opened("U0BEN", "messages")
    assert "view" not in bench.bot.last["event"]


async def test_options_on_demand_are_asked_for_and_checked(bench):
    asset = {"type": "external_select", "action_id": "value", "min_query_length": 1}
    view = bench.views.open("U0ANA", modal(field("asset", asset)))
    spot = {"view_id": view.id, "block_id": "asset", "action_id": "value"}
    assert await bench.people.suggest("U0ANA", **spot, query="") == []
    assert bench.bot.bodies == []
    groups = [{"label": PLAIN, "options": [option("b")]}]
    bench.bot.replies = [
        JSONResponse({"options": [option("a")]}),
        JSONResponse({"option_groups": groups}),
        JSONResponse({"options": [option("x" * 151)]}),
        JSONResponse({}),
        Response(status_code=500),
    ]
    found = [await bench.people.suggest("U0ANA", **spot, query="stu") for _ in range(5)]
    assert found == [[option("a")], [option("b")], [], [], []]
    assert (bench.bot.last["type"], bench.bot.last["value"]) == ("block_suggestion", "stu")
    assert bench.bot.last["view"]["id"] == view.id


async def test_shortcuts_carry_a_trigger_and_a_message_s_its_message(bench):
    message = bench.people.say("U0ANA", "C0DEMO", "watch https://stream.mux.com/a.m3u8")
    quiet = bench.workspace.post("C0DEMO", BOT, "psst", ephemeral_to="U0ANA")
    await bench.people.shortcut("U0ANA", "caption_video")
    assert (bench.bot.last["type"], "channel" in bench.bot.last) == ("shortcut", False)
    await bench.people.shortcut("U0ANA", "caption_message", channel_id="C0DEMO", ts=message.ts)
    body = bench.bot.last
    assert (body["type"], body["message"]["text"], body["message_ts"]) == (
        "message_action",
        message.text,
        message.ts,
    )
    async with aiohttp.ClientSession() as http:
        answer = {"text": "on it", "thread_ts": message.ts, "response_type": "in_channel"}
        async with http.post(body["response_url"], json=answer) as reply:
            assert reply.status == 200
    assert [one.text for one in bench.workspace.replies("C0DEMO", message.ts)][1:] == ["on it"]
    with pytest.raises(Refusal, match="message_not_found"):
        await bench.people.shortcut("U0ANA", "caption_message", channel_id="C0DEMO", ts=quiet.ts)
