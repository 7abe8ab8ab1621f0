"""What people do reaches the bot as Slack would send it, and what the bot answers is what they see."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from urllib.parse import parse_qsl

import aiohttp
import pytest
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faults import Faults
from bot.sandbox.journal import Journal
from bot.sandbox.slack import api, control
from bot.sandbox.slack.model import Refusal
from bot.sandbox.slack.stand_in import Slack

BOT = "U0CAPTION"
PLAIN = {"type": "plain_text", "text": "T"}


async def until(condition):
    while not condition():  # noqa: ASYNC110 - what is waited for happens in another task, on a socket
        await asyncio.sleep(0.002)


class Receiver:
    """A bot that verifies signatures, remembers bodies and answers what it is told to."""

    def __init__(self, secret):
        self._verifier = SignatureVerifier(secret)
        self.bodies = []
        self.headers = []
        self.replies = []
        self.held = asyncio.Event()
        self.held.set()

    async def receive(self, request):
        raw = await request.body()
        assert self._verifier.is_valid_request(raw, dict(request.headers))
        text = raw.decode()
        if request.headers["content-type"] == "application/json":
            body = json.loads(text)
        else:
            form = dict(parse_qsl(text, keep_blank_values=True))
            body = json.loads(form["payload"]) if set(form) == {"payload"} else form
        self.bodies.append(body)
        self.headers.append(request.headers)
        await self.held.wait()
        return self.replies.pop(0) if self.replies else Response()

    @property
    def last(self):
        return self.bodies[-1]


class Bench:
    def __init__(self, slack, bot):
        self.slack, self.bot, self.people, self.clock = slack, bot, slack.people, slack.clock
        self.workspace, self.views = slack.workspace, slack.workspace.views
        self.web = AsyncWebClient(
            slack.config.slack_bot_token, base_url=f"{slack.config.public_url}/api/", retry_handlers=[]
        )

    def seen(self, person, channel="C0DEMO"):
        return [message.text for message in self.workspace.seen_by(channel, person)]

    async def silent(self, act):
        """Let `act` run while the bot says nothing for three seconds of the sandbox's clock."""
        self.bot.held.clear()
        heard = len(self.bot.bodies)
        task = asyncio.ensure_future(act)
        await until(lambda: len(self.bot.bodies) > heard)
        self.clock.advance(3.1)
        result = await task
        self.bot.held.set()
        return result


@pytest.fixture
async def bench(served):
    clock, box = SandboxClock(), {"app": Starlette()}
    bot = Receiver(SandboxConfig().slack_signing_secret)

    async def app(scope, receive, send):
        await box["app"](scope, receive, send)

    async with served(app) as url:
        config = dataclasses.replace(SandboxConfig(), public_url=url, bot_url=url, limits=False)
        slack = Slack(config, clock, Journal(clock.now), Faults())
        events = Route("/slack/events", bot.receive, methods=["POST"])
        box["app"] = Starlette(routes=[*api.routes(slack), *control.routes(slack), events])
        await slack.start()
        yield Bench(slack, bot)
        await slack.stop()
        await slack.stop()


def modal(*blocks, **more):
    return {"type": "modal", "title": PLAIN, "submit": PLAIN, "blocks": list(blocks), **more}


def field(block_id="name", element=None, **more):
    element = element or {"type": "plain_text_input", "action_id": "value"}
    return {"type": "input", "block_id": block_id, "label": PLAIN, "element": element, **more}


def option(value):
    return {"text": {"type": "plain_text", "text": value.title()}, "value": value}


def actions(*elements, block_id="row"):
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


BUTTON = {"type": "button", "action_id": "cancel", "text": PLAIN, "value": "j1"}
LANGUAGES = {"type": "multi_static_select", "action_id": "value", "options": [option("fr"), option("de")]}


async def test_a_command_arrives_whole_and_its_plain_ack_is_seen_by_one_person(bench):
    bench.bot.replies = [PlainTextResponse("working on it")]
    outcome = await bench.people.command("U0ANA", "C0PAYLOAD", "/caption", "abc payload=1 ç")
    assert (outcome.status, outcome.shown.text) == (200, "working on it")
    form = bench.bot.last
    assert (form["text"], form["channel_name"], form["user_name"]) == (
        "abc payload=1 ç",
        "payload-reviews",
        "ana",
    )
    assert (form["team_id"], form["api_app_id"], form["is_enterprise_install"]) == (
        "T0SANDBOX",
        "A0SANDBOX",
        "false",
    )
    assert {"trigger_id", "response_url", "team_domain", "command", "channel_id", "token"} <= set(form)
    assert bench.seen("U0BEN", "C0PAYLOAD") == []


async def test_an_in_channel_ack_shows_the_command_to_everybody_and_an_empty_one_nothing(bench):
    bench.bot.replies = [JSONResponse({"response_type": "in_channel", "text": "hello"}), Response()]
    outcome = await bench.people.command("U0ANA", "C0DEMO", "/caption", "hello")
    assert (outcome.shown.command, outcome.shown.ephemeral_to) == ("/caption hello", None)
    assert (await bench.people.command("U0ANA", "C0DEMO", "/caption", "")).shown is None
    assert bench.seen("U0BEN") == ["hello"]


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        pytest.param(Response(status_code=500), "dispatch_failed", id="server error"),
        pytest.param(Response(status_code=404), "dispatch_failed", id="not found"),
        pytest.param(JSONResponse([1]), "invalid_command_response", id="a list"),
        pytest.param(Response("{", media_type="application/json"), "invalid_command_response", id="broken"),
        pytest.param(JSONResponse({"blocks": [{"type": "nope"}]}), "invalid_command_response", id="blocks"),
    ],
)
async def test_a_bad_ack_is_told_to_the_person(bench, reply, code):
    bench.bot.replies = [reply]
    outcome = await bench.people.command("U0ANA", "C0DEMO", "/caption", "x")
    assert outcome.shown.text == f'/caption failed with the error "{code}"'
    assert (outcome.shown.author, outcome.shown.ephemeral_to) == ("USLACKBOT", "U0ANA")


async def test_no_ack_within_three_seconds_is_a_time_out(bench):
    outcome = await bench.silent(bench.people.command("U0ANA", "C0DEMO", "/caption", "x"))
    assert (outcome.status, outcome.timed_out) == (None, True)
    assert "operation_timeout" in outcome.shown.text
    assert bench.slack.journal.find("slack.request", "command")[0].data["timed_out"] is True


async def test_a_bot_that_is_not_there_fails_the_dispatch(bench):
    bench.slack.config = dataclasses.replace(bench.slack.config, bot_url="http://127.0.0.1:9")
    outcome = await bench.people.command("U0ANA", "C0DEMO", "/caption", "x")
    assert (outcome.status, outcome.timed_out) == (None, False)
    assert "dispatch_failed" in outcome.shown.text


async def test_commands_stay_out_of_threads_and_of_channels_one_is_not_in(bench):
    outcome = await bench.people.command("U0ANA", "C0DEMO", "/caption", "x", thread_ts="1.000001")
    assert "not supported in threads" in outcome.shown.text
    bench.workspace.kick("C0DEMO", "U0BEN")
    for person, channel, error in (
        ("U0BEN", "C0DEMO", "not_in_channel"),
        ("U0NO", "C0DEMO", "user_not_found"),
        ("U0ANA", "C0NO", "channel_not_found"),
    ):
        with pytest.raises(Refusal, match=error):
            await bench.people.command(person, channel, "/caption", "x")
    bench.workspace.archive("C0DEMO")
    with pytest.raises(Refusal, match="is_archived"):
        await bench.people.command("U0ANA", "C0DEMO", "/caption", "x")
    assert bench.bot.bodies == []


async def test_a_response_url_works_where_the_bot_is_no_member(bench):
    await bench.people.command("U0ANA", "G0BOARD", "/caption", "x")
    form = bench.bot.last
    assert form["channel_name"] == "privategroup"
    async with (
        aiohttp.ClientSession() as http,
        http.post(form["response_url"], json={"text": "hi"}) as answer,
    ):
        assert answer.status == 200
    assert bench.seen("U0ANA", "G0BOARD") == ["hi"]


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


async def test_events_are_sent_again_until_they_are_acked(bench):
    bench.bot.replies = [Response(status_code=500), Response(status_code=500), Response(status_code=503)]
    await bench.people.event({"type": "app_uninstalled"})
    await until(lambda: len(bench.bot.bodies) == 2)
    for seconds, count in ((60, 3), (300, 4)):
        await asyncio.sleep(0.01)
        bench.clock.advance(seconds)
        await until(lambda count=count: len(bench.bot.bodies) == count)
    assert {body["event_id"] for body in bench.bot.bodies} == {bench.bot.last["event_id"]}
    retries = [headers.get("x-slack-retry-num") for headers in bench.bot.headers]
    assert retries == [None, "1", "2", "3"]
    assert bench.bot.headers[1]["x-slack-retry-reason"] == "http_error"


async def test_the_bot_can_forbid_retries_and_answers_the_challenge(bench):
    bench.bot.replies = [
        Response(status_code=500, headers={"x-slack-no-retry": "1"}),
        PlainTextResponse("hello"),
    ]
    await bench.people.event({"type": "app_uninstalled"})
    await asyncio.sleep(0.01)
    assert len(bench.bot.bodies) == 1
    assert await bench.people.verify_url("hello")
    assert not await bench.people.verify_url("hello")


async def test_an_event_that_reached_nobody_says_so_in_its_retry(bench):
    whole = bench.slack.config
    bench.slack.config = dataclasses.replace(whole, bot_url="http://127.0.0.1:9")
    await bench.people.event({"type": "app_uninstalled"})
    bench.slack.config = whole
    await until(lambda: bench.bot.bodies)
    assert bench.bot.headers[0]["x-slack-retry-reason"] == "connection_failed"
    await bench.silent(bench.people.event({"type": "app_uninstalled"}))
    await until(lambda: len(bench.bot.bodies) == 3)
    assert bench.bot.headers[2]["x-slack-retry-reason"] == "http_timeout"


def bolt_receiver(config, heard):
    """A bot written with Bolt as its documentation says; what it hears it appends to `heard`."""
    bolt = AsyncApp(
        client=AsyncWebClient(config.slack_bot_token, base_url=f"{config.public_url}/api/"),
        signing_secret=config.slack_signing_secret,
    )

    async def on_command(ack, command):
        heard.append(command["text"])
        await ack("ok")

    async def on_button(ack, action, respond):
        await ack()
        heard.append(action["value"])
        await respond("pressed", replace_original=False)

    async def on_view(ack, view):
        heard.append(view["state"]["values"]["name"]["value"]["value"])
        await ack(response_action="errors", errors={"name": "Bolt says no."})

    async def on_home(event):
        heard.append(event["user"])

    bolt.command("/caption")(on_command)
    bolt.action("cancel")(on_button)
    bolt.view("caption_modal")(on_view)
    bolt.event("app_home_opened")(on_home)
    handler = AsyncSlackRequestHandler(bolt)
    return Starlette(routes=[Route("/slack/events", handler.handle, methods=["POST"])])


async def test_bolt_itself_verifies_and_understands_what_people_do(served, bench):
    """Bolt's HTTP parser drops forms with the word payload in them, so this command has none."""
    config, heard = bench.slack.config, []
    message = bench.workspace.post("C0DEMO", BOT, "card", blocks=[actions(BUTTON)])
    view = bench.views.open("U0ANA", modal(field(), callback_id="caption_modal"))
    async with served(bolt_receiver(config, heard)) as url:
        bench.slack.config = dataclasses.replace(config, bot_url=url)
        outcome = await bench.people.command("U0ANA", "C0DEMO", "/caption", "abc --lang fr")
        assert outcome.shown.text == "ok"
        await bench.people.press(
            "U0ANA", channel_id="C0DEMO", ts=message.ts, block_id="row", action_id="cancel"
        )
        submitted = await bench.people.submit("U0ANA", view.id, {"name": {"value": "Film"}})
        assert submitted.errors == {"name": "Bolt says no."}
        assert (await bench.people.app_home_opened("U0ANA")).status == 200
        await until(lambda: "pressed" in bench.seen("U0ANA") and len(heard) == 4)
    assert sorted(heard) == ["Film", "U0ANA", "abc --lang fr", "j1"]


@pytest.fixture
async def remote(bench):
    base = f"{bench.slack.config.public_url}/_sandbox/slack"
    async with aiohttp.ClientSession(base_url=f"{base}/") as http:
        yield http


async def post(remote, act, /, **body):
    async with remote.post(act, json=body) as answer:
        return answer.status, await answer.json()


async def test_another_process_can_let_people_act(bench, remote):
    bench.bot.replies = [PlainTextResponse("seen")]
    sent = {"user_id": "U0ANA", "channel_id": "C0DEMO", "command": "/caption", "text": "x"}
    status, outcome = await post(remote, "command", **sent)
    assert (status, outcome["shown"]["text"]) == (200, "seen")
    assert await post(remote, "command", **(sent | {"user_id": "U0NO"})) == (400, {"error": "user_not_found"})
    assert (await post(remote, "command", user_id="U0ANA", colour="red"))[0] == 400
    assert (await post(remote, "verify_url", challenge="c")) == (200, {"result": False})
    async with remote.post("archive", data={"channel_id": "C0DEMO"}) as answer:
        assert answer.status == 415
    for raw in (b"{", b"[]"):
        async with remote.post("archive", data=raw, headers={"content-type": "application/json"}) as answer:
            assert answer.status == 400


async def test_another_process_can_change_and_read_the_workspace(bench, remote):
    _, channel = await post(remote, "channels", name="films", private=True, bot=False)
    assert (channel["kind"], BOT in channel["members"]) == ("private", False)
    assert BOT in (await post(remote, "channels", name="open"))[1]["members"]
    for act, more in (("invite", {}), ("kick", {}), ("rename", {"name": "films-2"}), ("archive", {})):
        assert await post(remote, act, channel_id=channel["id"], **more) == (200, {"result": None})
    _, said = await post(remote, "say", user_id="U0ANA", channel_id="C0DEMO", text="hi")
    assert (await post(remote, "delete", channel_id="C0DEMO", ts=said["ts"]))[0] == 200
    assert (await post(remote, "delete", channel_id="C0DEMO", ts=said["ts"]))[0] == 400
    view = bench.views.open("U0ANA", modal(field()))
    bench.views.publish("U0ANA", {"type": "home", "blocks": []})
    async with remote.get("state") as answer:
        state = await answer.json()
    assert state["views"]["U0ANA"][0]["id"] == view.id
    assert next(one for one in state["channels"] if one["id"] == channel["id"])["archived"]
    async with remote.get("state?channel=C0DEMO") as answer:
        messages = (await answer.json())["channels"][0]["messages"]
    assert [(message["text"], message["deleted"]) for message in messages] == [("hi", True)]
