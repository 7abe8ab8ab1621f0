"""Events are sent until they are acked, and signed so that Bolt itself takes them."""

from __future__ import annotations

import asyncio
import dataclasses

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.sandbox.slack_people.bench import BOT, BUTTON, actions, field, modal
from tests.sandbox.waiting import until


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
