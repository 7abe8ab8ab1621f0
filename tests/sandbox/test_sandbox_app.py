"""The whole sandbox is one app, which other sites' pages cannot drive."""

from __future__ import annotations

import dataclasses

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.app import build
from bot.sandbox.config import SandboxConfig


@pytest.fixture
async def app(free_port):
    config = SandboxConfig(
        public_url=f"http://127.0.0.1:{free_port}", bot_url=f"http://127.0.0.1:{free_port}"
    )
    return build(config)


@pytest.fixture
async def http(served, app):
    async with served(app) as url, aiohttp.ClientSession(base_url=url) as session:
        yield session
        app.state.sandbox.end_streams()


async def answer(call):
    async with call as reply:
        return reply.status, await reply.json()


async def test_slack_mux_the_page_and_the_controls_are_all_there(http, app):
    sandbox = app.state.sandbox
    url = str(http._base_url).rstrip("/")
    assert (await AsyncWebClient(sandbox.config.slack_bot_token, base_url=f"{url}/api/").auth_test())["ok"]
    assert (await answer(http.get("/_sandbox/health")))[1]["ok"] is True
    assert "channels" in (await answer(http.get("/_sandbox/slack/state")))[1]
    assert "assets" in (await answer(http.get("/_sandbox/mux/assets")))[1]
    async with http.get("/") as page:
        assert (page.status, page.content_type) == (200, "text/html")
    async with http.get("/robots/v0/jobs") as mux:
        assert mux.status == 401


async def test_the_journal_can_be_read_on_from_where_one_was(http):
    said = {"user_id": "U0ANA", "channel_id": "C0DEMO", "text": "one"}
    await answer(http.post("/_sandbox/slack/say", json=said))
    _, first = await answer(http.get("/_sandbox/journal?kind=slack.effect&name=message.posted"))
    assert [entry["data"]["text"] for entry in first["entries"]] == ["one"]
    await answer(http.post("/_sandbox/slack/say", json=said | {"text": "two"}))
    _, more = await answer(http.get(f"/_sandbox/journal?kind=slack.effect&since={first['last']}"))
    assert [entry["data"]["text"] for entry in more["entries"]] == ["two"]
    _, nothing = await answer(http.get(f"/_sandbox/journal?since={more['last']}"))
    assert (nothing["entries"], nothing["last"], nothing["dropped"]) == ([], more["last"], 0)
    assert (await answer(http.get("/_sandbox/journal?since=then")))[0] == 400


async def test_time_can_be_pushed_forward_only(http, app):
    before = app.state.sandbox.clock.now()
    assert (await answer(http.post("/_sandbox/clock", json={"advance_seconds": 3_600})))[0] == 200
    assert app.state.sandbox.clock.now() >= before + 3_600
    for wrong in (-1, "soon", True, None):
        assert (await answer(http.post("/_sandbox/clock", json={"advance_seconds": wrong})))[0] == 400


async def test_faults_are_ordered_counted_and_withdrawn(http, app):
    order = {"kind": "refuse", "target": "slack:auth.test", "code": "fatal_error", "times": None}
    _, listed = await answer(http.post("/_sandbox/faults", json=order))
    assert listed["orders"][0]["kind"] == "refuse"
    token = {"Authorization": f"Bearer {app.state.sandbox.config.slack_bot_token}"}
    assert (await answer(http.post("/api/auth.test", headers=token)))[1]["error"] == "fatal_error"
    assert (await answer(http.get("/_sandbox/faults")))[1]["thrown"] == {"refuse": 1}
    assert (await answer(http.delete("/_sandbox/faults")))[1]["orders"] == []
    assert (await answer(http.post("/api/auth.test", headers=token)))[1]["ok"] is True


@pytest.mark.parametrize(
    "order",
    [
        pytest.param({"kind": "explode", "target": "*"}, id="kind"),
        pytest.param({"kind": "refuse"}, id="no target"),
        pytest.param({"kind": "refuse", "target": "*", "colour": "red"}, id="unknown"),
        pytest.param({"kind": "refuse", "target": "*", "seconds": "long"}, id="not a number"),
        pytest.param({"kind": "refuse", "target": "*", "status": True}, id="a boolean"),
    ],
)
async def test_a_fault_that_makes_no_sense_is_refused(http, order):
    assert (await answer(http.post("/_sandbox/faults", json=order)))[0] == 400


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        pytest.param("/_sandbox/clock", {"Origin": "https://evil.example"}, 403, id="foreign origin"),
        pytest.param("/_sandbox/clock", {"Origin": "null"}, 403, id="opaque origin"),
        pytest.param("/_sandbox/clock", {"Host": "evil.example"}, 403, id="foreign host"),
        pytest.param("/_sandbox/clock", {"Content-Type": "text/plain"}, 415, id="simple type"),
        pytest.param("/_sandbox/mux/tick", {"Content-Type": "text/plain"}, 415, id="simple type at Mux"),
        pytest.param("/_page/say", {"Content-Type": "text/plain"}, 415, id="simple type on the page"),
        pytest.param("/_sandbox/clock", {"Content-Type": "text/x-unknown"}, 415, id="not JSON"),
    ],
)
async def test_other_sites_cannot_drive_the_sandbox(http, app, path, headers, status):
    before = app.state.sandbox.journal.find()
    sent = {"Content-Type": "application/json", **headers}
    async with http.post(path, data=b'{"advance_seconds": 1}', headers=sent) as reply:
        assert reply.status == status
    assert app.state.sandbox.journal.find() == before


async def test_the_page_s_own_origin_may(http):
    own = {"Origin": str(http._base_url).rstrip("/")}
    assert (await answer(http.post("/_sandbox/clock", json={"advance_seconds": 1}, headers=own)))[0] == 200
    async with http.get("/", headers={"Host": "evil.example"}) as page:
        assert page.status == 403


async def test_a_configured_public_host_may_too(served):
    config = dataclasses.replace(SandboxConfig(), public_url="http://captions.test:3030")
    headers = {"Host": "captions.test:3030"}
    async with (
        served(build(config)) as url,
        aiohttp.ClientSession(base_url=url) as http,
        http.get("/_sandbox/health", headers=headers) as reply,
    ):
        assert reply.status == 200
