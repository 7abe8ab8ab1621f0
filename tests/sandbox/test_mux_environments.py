"""Several Mux environments behind one address: a token opens one, and reaches nothing of the others."""

from __future__ import annotations

import hashlib
import hmac
import json

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.sandbox.app import build
from bot.sandbox.config import SandboxConfig
from tests.sandbox.waiting import until

CREATE = "/robots/v0/jobs/generate-premium-captions"
NORTH = ("northwind-token-id", "northwind-token-secret")
HOME = ("sandbox-token-id", "sandbox-token-secret")


class Bench:
    def __init__(self, url, sandbox, bot_url, heard):
        self.url, self.sandbox, self.bot_url, self.heard = url, sandbox, bot_url, heard
        self.http = httpx.AsyncClient(base_url=url)

    async def call(self, method, path, auth=HOME, **more):
        return await self.http.request(method, path, auth=auth, **more)

    async def whoami(self, auth):
        return (await self.call("GET", "/system/v1/whoami", auth)).json()["data"]

    async def start(self, auth, asset_id):
        body = {"parameters": {"asset_id": asset_id}}
        return await self.call("POST", CREATE, auth, json=body)

    def finished(self, job_id):
        northern = self.sandbox.estate.all[1]
        return northern.robots.jobs[job_id].status == "completed"

    def here(self, address):
        return address.replace(self.sandbox.config.public_url, self.url)


@pytest.fixture
async def bench(served):
    heard = []

    async def hear(request: Request) -> PlainTextResponse:
        heard.append((request.url.path, request.headers["mux-signature"], await request.body()))
        return PlainTextResponse("ok")

    bot = Starlette(routes=[Route("/{path:path}", hear, methods=["POST"])])
    async with served(bot) as bot_url:
        app = build(SandboxConfig(bot_url=bot_url, job_seconds=0.01, list_lag_seconds=0.0))
        async with served(app) as url:
            bench = Bench(url, app.state.sandbox, bot_url, heard)
            yield bench
            await bench.http.aclose()
            app.state.sandbox.end_streams()


async def test_a_token_says_which_environment_it_opens_and_with_which_permissions(bench):
    home, north = await bench.whoami(HOME), await bench.whoami(NORTH)
    assert (home["environment_id"], home["environment_name"]) == ("sandbx", "Sandbox")
    assert (north["environment_id"], north["environment_name"]) == ("nrthwd", "Northwind production")
    reader = await bench.whoami(("sandbox-reader-id", "sandbox-reader-secret"))
    assert (reader["permissions"], reader["access_token_name"]) == (["video:read", "system:read"], "reader")
    crossed = await bench.call("GET", "/system/v1/whoami", ("northwind-token-id", "sandbox-token-secret"))
    assert crossed.status_code == 401


async def test_nothing_of_one_environment_is_there_in_another(bench):
    mine = {one["id"] for one in (await bench.call("GET", "/video/v1/assets")).json()["data"]}
    theirs = {one["id"] for one in (await bench.call("GET", "/video/v1/assets", NORTH)).json()["data"]}
    assert mine
    assert theirs
    assert not mine & theirs
    asset_id = min(theirs)
    assert (await bench.call("GET", f"/video/v1/assets/{asset_id}")).status_code == 404
    assert (await bench.start(HOME, asset_id)).status_code == 422
    job = (await bench.start(NORTH, asset_id)).json()["data"]
    path = f"{CREATE}/{job['id']}"
    assert (await bench.call("GET", path)).status_code == 404
    assert (await bench.call("POST", f"/robots/v0/jobs/{job['id']}/cancel")).status_code == 404
    assert (await bench.call("GET", "/robots/v0/jobs")).json()["data"] == []
    await until(lambda: bench.finished(job["id"]))
    done = (await bench.call("GET", path, NORTH)).json()["data"]
    srt = await bench.http.get(bench.here(done["outputs"]["temporary_srt_url"]))
    assert "-->" in srt.text
    asset = (await bench.call("GET", f"/video/v1/assets/{asset_id}", NORTH)).json()["data"]
    playback_id = asset["playback_ids"][0]["id"]
    found = await bench.call("GET", f"/video/v1/playback-ids/{playback_id}", NORTH)
    assert found.json()["data"]["object"]["id"] == asset_id
    assert (await bench.call("GET", f"/video/v1/playback-ids/{playback_id}")).status_code == 404
    assert (await bench.http.get(f"/player/{playback_id}")).status_code == 200


async def test_events_go_to_the_addresses_of_their_environment_under_its_own_secret(bench):
    asset_id = (await bench.call("GET", "/video/v1/assets", NORTH)).json()["data"][0]["id"]
    await bench.start(NORTH, asset_id)
    address = {"address": f"{bench.bot_url}/mux/webhooks/north"}
    made = (await bench.call("POST", "/system/v1/webhooks", NORTH, json=address)).json()["data"]
    twice = await bench.call("POST", "/system/v1/webhooks", NORTH, json=address)
    assert twice.status_code == 400
    [listed] = (await bench.call("GET", "/system/v1/webhooks", NORTH)).json()["data"]
    assert "signing_secret" not in listed
    body = {"type": "video.asset.updated"}
    await bench.http.post("/_sandbox/mux/webhooks", params={"environment": "nrthwd"}, json=body)
    await until(lambda: any(json.loads(raw)["type"] == body["type"] for _, _, raw in bench.heard))
    assert {path for path, _, _ in bench.heard} == {"/mux/webhooks/north"}
    _, signature, raw = bench.heard[-1]
    stamp, mac = (part.partition("=")[2] for part in signature.split(","))
    expected = hmac.new(made["signing_secret"].encode(), f"{stamp}.".encode() + raw, hashlib.sha256)
    assert mac == expected.hexdigest()
    assert json.loads(raw)["environment"] == {"id": "nrthwd", "name": "Northwind production"}
    deleted = await bench.call("DELETE", f"/system/v1/webhooks/{made['id']}", NORTH)
    assert deleted.status_code == 204
    mine = (await bench.call("GET", "/system/v1/webhooks")).json()["data"]
    assert [one["address"] for one in mine] == [f"{bench.bot_url}/mux/webhooks"]


async def test_a_token_without_the_permission_is_told_so(bench):
    captioner = ("sandbox-captioner-id", "sandbox-captioner-secret")
    refused = await bench.call("POST", "/system/v1/webhooks", captioner, json={"address": "http://x/"})
    assert (refused.status_code, refused.json()["error"]["type"]) == (403, "insufficient_scope")
    refused = await bench.start(("sandbox-reader-id", "sandbox-reader-secret"), "studioTour7Qm2x01")
    assert (refused.status_code, refused.json()["error"]["type"]) == (403, "insufficient_scope")
    assert (await bench.start(captioner, "studioTour7Qm2x01")).status_code == 202


async def test_an_environment_whose_terms_nobody_accepted_says_where_that_is_done(bench):
    unsigned = ("unsigned-token-id", "unsigned-token-secret")
    asset_id = (await bench.call("GET", "/video/v1/assets", unsigned)).json()["data"][0]["id"]
    error = (await bench.start(unsigned, asset_id)).json()["error"]
    assert error["type"] == "forbidden"
    page = "https://dashboard.mux.com/organizations/sandbox/environments/unsgnd/robots/jobs"
    assert page in error["message"]
    accepted = {"terms_accepted": True}
    await bench.http.post("/_sandbox/mux/behaviour", params={"environment": "unsgnd"}, json=accepted)
    assert (await bench.start(unsigned, asset_id)).status_code == 202
