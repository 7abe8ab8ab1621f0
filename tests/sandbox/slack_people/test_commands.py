"""Commands reach the bot as Slack would send them, and what the bot answers is what people see."""

from __future__ import annotations

import dataclasses

import aiohttp
import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.sandbox.slack.model import Refusal


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
