"""Every call: whose token it carries, how its arguments are given, how often it may come and how it fails."""

from __future__ import annotations

import json

import aiohttp
import pytest

from bot.sandbox.faults import Fault, FaultKind
from tests.sandbox.slack_api.bench import BOT, SECTION


async def test_a_token_is_who_it_says_and_shows_its_scopes(bench):
    answer = await bench.web.auth_test()
    assert (answer["user_id"], answer["team_id"]) == (BOT, "T0SANDBOX")
    assert answer.headers["x-oauth-scopes"].startswith("commands,chat:write")
    assert (await bench.web.api_test(foo="bar"))["args"] == {"foo": "bar"}


async def test_wrong_tokens_methods_and_scopes_are_refused(bench):
    assert await bench.error(bench.web.auth_test(token="xoxb-other")) == "invalid_auth"
    app = bench.core.config.slack_app_token
    posted = bench.web.chat_postMessage(channel="C0DEMO", text="hi", token=app)
    assert await bench.error(posted) == "not_allowed_token_type"
    told = await bench.web.auth_test(token=app)
    assert (told["app_id"], told.headers["x-oauth-scopes"]) == ("A0SANDBOX", "connections:write")
    assert await bench.error(bench.web.api_call("chat.shout")) == "unknown_method"
    assert await bench.error(bench.web.api_test(error="boom")) == "boom"
    async with aiohttp.ClientSession() as http, http.post(f"{bench.url}/api/auth.test") as answer:
        assert (await answer.json())["error"] == "not_authed"
    refusal = await bench.refusal(bench.web.users_info(user="U0ANA"))
    assert (refusal["error"], refusal["needed"]) == ("missing_scope", "users:read")
    assert refusal["provided"].startswith("commands")
    assert await bench.error(bench.web.conversations_info(channel="C0DEMO")) == "missing_scope"


async def test_every_way_of_sending_arguments_is_understood(bench):
    token = {"Authorization": "Bearer xoxb-sandbox-0000000000"}
    url = f"{bench.url}/api/chat.postMessage"
    form = {"channel": "C0DEMO", "blocks": json.dumps([SECTION]), "token": "xoxb-sandbox-0000000000"}
    parts = aiohttp.FormData([("channel", "C0DEMO"), ("text", "ç")], default_to_multipart=True)
    async with aiohttp.ClientSession() as http:
        for call in (
            http.post(url, data=form),
            http.post(url, json={"channel": "C0DEMO", "text": "json"}, headers=token),
            http.post(url, params={"channel": "C0DEMO", "text": "query"}, headers=token),
            http.get(url, params={"channel": "C0DEMO", "text": "get"}, headers=token),
            http.post(url, data=parts, headers=token),
        ):
            async with call as answer:
                assert (await answer.json())["ok"] is True
        broken = {"content-type": "application/json", **token}
        for body, error in ((b"{", "invalid_json"), (b"[]", "json_not_object")):
            async with http.post(url, data=body, headers=broken) as answer:
                assert (await answer.json())["error"] == error
        async with http.post(url, data=b"\xff", headers={"content-type": "x/form", **token}) as answer:
            assert (await answer.json())["error"] == "invalid_form_data"
    assert {message.text for message in bench.workspace.history("C0DEMO")} == {
        "",
        "json",
        "query",
        "get",
        "ç",
    }


@pytest.mark.parametrize("bench", [{"limits": True}], indirect=True)
async def test_posting_faster_than_one_a_second_in_a_channel_is_told_to_wait(bench):
    for _ in range(4):
        await bench.web.chat_postMessage(channel="U0ANA", text="x")
    refusal = await bench.refusal(bench.web.chat_postMessage(channel="D0ANA", text="x"))
    assert (refusal.status_code, refusal["error"], refusal.headers["Retry-After"]) == (
        429,
        "ratelimited",
        "1",
    )
    await bench.web.chat_postMessage(channel="C0DEMO", text="another channel")
    bench.clock.advance(1)
    await bench.web.chat_postMessage(channel="D0ANA", text="x")
    assert [entry.name for entry in bench.journal.find("slack.limited")] == ["chat.postMessage"]


@pytest.mark.parametrize("bench", [{"limits": True}], indirect=True)
async def test_a_method_has_its_tier_s_rate(bench):
    sent = await bench.web.chat_postMessage(channel="C0DEMO", text="x")
    for _ in range(10):
        await bench.web.chat_update(channel="C0DEMO", ts=sent["ts"], text="y")
    refusal = await bench.refusal(bench.web.chat_update(channel="C0DEMO", ts=sent["ts"], text="y"))
    assert refusal.headers["Retry-After"] == "2"


async def test_faults_strike_before_or_after_the_effect(bench):
    def order(kind, **more):
        bench.faults.add(Fault(kind=kind, target="slack:chat.postMessage", **more))

    def posts():
        return len(bench.workspace.history("C0DEMO"))

    def post():
        return bench.web.chat_postMessage(channel="C0DEMO", text="x")

    order(FaultKind.RATE_LIMITED, seconds=7)
    assert (await bench.refusal(post())).headers["Retry-After"] == "7"
    order(FaultKind.REFUSE, code="fatal_error")
    assert await bench.error(post()) == "fatal_error"
    order(FaultKind.ERROR_BEFORE, status=503)
    assert ((await bench.refusal(post())).status_code, posts()) == (503, 0)
    order(FaultKind.ERROR_AFTER, code="internal_error")
    assert (await bench.error(post()), posts()) == ("internal_error", 1)
    order(FaultKind.DROP_AFTER)
    with pytest.raises(aiohttp.ClientError):
        await post()
    assert posts() == 2
    calls = bench.journal.find("slack.call", "chat.postMessage")
    assert [entry.data["error"] for entry in calls] == ["fault", "fault", "fault", "", ""]


async def test_a_session_exists_only_between_start_and_stop(bench):
    with pytest.raises(RuntimeError):
        _ = bench.core.session
    await bench.core.start()
    assert not bench.core.session.closed
