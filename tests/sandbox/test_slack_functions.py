"""A step of Workflow Builder: the event that starts it, its token, and how the app ends it."""

from __future__ import annotations

import json
import re

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.sandbox.app import build
from bot.sandbox.config import SandboxConfig

INPUTS = {"video": "studioTour7Qm2x01", "language": "en", "channel": "C0DEMO"}


class Bench:
    def __init__(self, sandbox, http, heard):
        self.slack, self.http, self.heard, self.config = sandbox.slack, http, heard, sandbox.config
        self.clock = sandbox.clock

    def web(self, token=""):
        token = token or self.config.slack_bot_token
        return AsyncWebClient(token, base_url=f"{self.config.public_url}/api/", retry_handlers=[])

    async def post(self, path, **body):
        async with self.http.post(f"{self.config.public_url}/{path}", json=body) as reply:
            return reply.status, await reply.json()

    async def run(self, **inputs):
        _, told = await self.post("_sandbox/slack/run_step", user_id="U0ANA", inputs=INPUTS | inputs)
        return told["function_execution_id"], self.heard[-1]["event"]["bot_access_token"]

    async def refusal(self, call):
        with pytest.raises(SlackApiError) as caught:
            await call
        return caught.value.response

    def told(self):
        return [one.text for one in self.slack.workspace.seen_by("D0ANA", "U0ANA")]


@pytest.fixture
async def bench(served, free_port):
    heard = []

    async def hear(request: Request) -> PlainTextResponse:
        raw = await request.body()
        heard.append(json.loads(raw) if raw.startswith(b"{") else dict(request.headers))
        return PlainTextResponse("")

    bot = Starlette(routes=[Route("/slack/events", hear, methods=["POST"])])
    async with served(bot) as bot_url:
        public_url = f"http://127.0.0.1:{free_port}"
        app = build(SandboxConfig(public_url=public_url, bot_url=bot_url, limits=False, webhooks=False))
        async with served(app, port=free_port), aiohttp.ClientSession() as http:
            yield Bench(app.state.sandbox, http, heard)
            app.state.sandbox.end_streams()


async def test_a_run_reaches_the_bot_with_its_inputs_and_a_token_of_its_own(bench):
    run_id, token = await bench.run()
    event = bench.heard[-1]["event"]
    assert (event["type"], event["function"]["callback_id"]) == ("function_executed", "generate_captions")
    assert event["inputs"] == {**INPUTS, "requester": "U0ANA"}
    assert event["function_execution_id"] == run_id
    assert token.startswith("xwfp-")
    assert (await bench.web(token).auth_test())["team_id"] == "T0SANDBOX"
    assert (await bench.web(token).chat_postMessage(channel="C0DEMO", text="card"))["ok"]


async def test_a_run_is_ended_once_with_the_outputs_that_were_declared(bench):
    run_id, token = await bench.run()
    web = bench.web(token)
    wrong = [{}, {"job_id": 7}, {"job_id": "j1", "srt": "1"}, {"job_id": "j1", "units": True}, []]
    for outputs in wrong:
        refused = await bench.refusal(
            web.functions_completeSuccess(function_execution_id=run_id, outputs=outputs)
        )
        assert refused["error"] == "parameter_validation_failed"
    good = {"job_id": "j1", "language": "en", "units": 12}
    unknown = web.functions_completeSuccess(function_execution_id="Fx0", outputs=good)
    assert (await bench.refusal(unknown))["error"] == "function_execution_not_found"
    assert (await web.functions_completeSuccess(function_execution_id=run_id, outputs=good))["ok"]
    assert "is done" in bench.told()[-1]
    assert "units: 12" in bench.told()[-1]
    assert (await bench.refusal(web.auth_test()))["error"] == "token_revoked"
    again = bench.web().functions_completeError(function_execution_id=run_id, error="late")
    assert (await bench.refusal(again))["error"] == "execution_not_in_running_state"


async def test_a_long_run_is_ended_with_the_app_s_own_token(bench):
    run_id, token = await bench.run()
    bench.clock.advance(901)
    late = bench.web(token).functions_completeError(function_execution_id=run_id, error="x")
    assert (await bench.refusal(late))["error"] == "token_expired"
    sentence = "The video <gone> was not found."
    assert (await bench.web().functions_completeError(function_execution_id=run_id, error=sentence))["ok"]
    assert "has failed.\nThe video &lt;gone&gt; was not found." in bench.told()[-1]
    async with bench.http.get(f"{bench.config.public_url}/_sandbox/slack/runs") as reply:
        [run] = (await reply.json())["runs"]
    assert (run["team"], run["state"], run["error"]) == ("T0SANDBOX", "failed", sentence)


async def test_what_workflow_builder_would_not_start_is_refused(bench):
    async def refused(**body):
        status, answer = await bench.post("_sandbox/slack/run_step", **body)
        assert status == 400
        return answer["error"]

    assert await refused(user_id="U0ANA", inputs={}) == "parameter_validation_failed"
    assert await refused(user_id="U0NOBODY", inputs=INPUTS) == "user_not_found"
    assert await refused(user_id="U0ANA", inputs=INPUTS, callback_id="other") == "function_not_found"
    assert await refused(user_id="U0NORA", inputs=INPUTS) == "app_not_installed"
    assert bench.heard == []


async def test_another_step_can_be_declared(bench):
    declared = {"count": {"type": "integer", "is_required": True}}
    said = {"callback_id": "count", "title": "Count", "inputs": declared, "outputs": {}}
    assert (await bench.post("_sandbox/slack/declare", **said))[0] == 200
    assert (await bench.post("_sandbox/slack/declare", **said | {"inputs": {"x": {}}}))[0] == 400
    body = {"user_id": "U0ANA", "callback_id": "count", "inputs": {"count": 3}}
    assert (await bench.post("_sandbox/slack/run_step", **body))[0] == 200
    run_id = bench.heard[-1]["event"]["function_execution_id"]
    assert (await bench.web().functions_completeSuccess(function_execution_id=run_id, outputs={}))["ok"]


async def test_the_page_runs_a_step(bench):
    async with bench.http.get(f"{bench.config.public_url}/?as=U0ANA") as reply:
        [name] = re.findall(r'data-shortcut="(sandbox:[^"]+)"', await reply.text())
    await bench.post("_page/shortcut", **{"as": "U0ANA", "name": name})
    view = bench.slack.workspace.views.top("U0ANA")
    answer = {"as": "U0ANA", "view": view.id}
    await bench.post("_page/submit", **answer, state={})
    assert set(view.errors) == {"video", "channel"}
    state = {
        "video": {"value": {"value": "studioTour7Qm2x01"}},
        "channel": {"value": {"options": [{"value": "C0DEMO"}]}},
    }
    await bench.post("_page/submit", **answer, state=state)
    assert bench.slack.workspace.views.top("U0ANA") is None
    expected = {"video": "studioTour7Qm2x01", "channel": "C0DEMO", "requester": "U0ANA"}
    assert bench.heard[-1]["event"]["inputs"] == expected


async def test_a_probe_comes_without_a_signature(bench):
    status, told = await bench.post("_sandbox/slack/ssl_check")
    assert (status, told["status"]) == (200, 200)
    assert "x-slack-signature" not in bench.heard[-1]


async def test_an_event_comes_again_on_demand_marked_as_a_further_attempt(bench):
    assert (await bench.post("_sandbox/slack/redeliver"))[1]["error"] == "no_event"
    await bench.post("_sandbox/slack/app_home_opened", user_id="U0ANA")
    await bench.post("_sandbox/slack/redeliver", number=2, reason="http_error")
    first, second = bench.heard
    assert first["event_id"] == second["event_id"]
    entry = bench.slack.journal.find("slack.request")[-1]
    assert entry.data["headers"] == {"X-Slack-Retry-Num": "2", "X-Slack-Retry-Reason": "http_error"}


async def test_people_of_other_companies_run_no_steps(bench):
    strangers = [one.id for one in bench.slack.workspace.people.values() if one.company is not None]
    body = {"user_id": strangers[0], "inputs": INPUTS}
    assert (await bench.post("_sandbox/slack/run_step", **body))[1]["error"] == "user_not_allowed"
