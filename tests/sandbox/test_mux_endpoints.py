"""Webhook endpoints at the local Mux: made, listed, turned off, and each with a secret of its own."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

import jsonschema
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox.config import SandboxConfig
from bot.sandbox.faults import FaultKind
from bot.sandbox.mux import catalogue

HOOKS = "/system/v1/webhooks"
SPEC = Path(__file__).parents[3] / "shared" / "specs" / "mux-robots-openapi.json"
ADDRESS = "https://captions.example/mux/webhooks"


async def test_the_bots_own_endpoint_is_there_from_the_start(site) -> None:
    listed = (await site.client.get(HOOKS)).json()
    (row,) = listed["data"]
    assert row["address"] == f"{site.mux.config.bot_url}/mux/webhooks"
    assert (listed["total_row_count"], row["enabled"], "signing_secret" in row) == (1, True, False)


async def test_an_endpoint_shows_its_secret_once(site) -> None:
    answer = await site.client.post(HOOKS, json={"address": ADDRESS})
    made = answer.json()["data"]
    assert answer.status_code == 201
    secret = made.pop("signing_secret")
    assert len(secret) == 32
    assert (await site.client.get(f"{HOOKS}/{made['id']}")).json()["data"] == made
    listed = (await site.client.get(HOOKS, params={"limit": 1})).json()["data"]
    assert listed == [made]
    assert (await site.client.post(HOOKS, json={"address": ADDRESS})).status_code == 400
    if SPEC.exists():
        whole = json.loads(SPEC.read_text(encoding="utf-8"))
        schema = {**whole, "$ref": "#/components/schemas/WebhookResponse"}
        jsonschema.Draft202012Validator(schema).validate(answer.json())


async def test_an_endpoint_is_moved_turned_off_and_removed(site) -> None:
    made = (await site.client.post(HOOKS, json={"address": ADDRESS})).json()["data"]
    path = f"{HOOKS}/{made['id']}"
    moved = await site.client.patch(path, json={"address": f"{ADDRESS}/2", "enabled": False})
    assert (moved.json()["data"]["address"], moved.json()["data"]["enabled"]) == (f"{ADDRESS}/2", False)
    taken = f"{site.mux.config.bot_url}/mux/webhooks"
    for wrong in ({}, {"secret": "x"}, {"enabled": "no"}, {"address": taken}, {"address": "x"}, []):
        assert (await site.client.patch(path, json=wrong)).status_code == 400
    assert (await site.client.patch(path, json={"address": f"{ADDRESS}/2"})).status_code == 200
    assert (await site.client.delete(path)).status_code == 204
    for method in ("GET", "DELETE"):
        assert (await site.client.request(method, path)).status_code == 404
    for odd in ({"address": 7}, {"address": "ftp://x/"}, {"address": "http://[x/"}, {}):
        assert (await site.client.post(HOOKS, json=odd)).status_code == 400


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_endpoints_want_the_system_scope(mux_site, token, method) -> None:
    async with mux_site(token("video:*", "robots:*")) as site:
        assert (await site.client.request(method, HOOKS, json={"address": ADDRESS})).status_code == 403


async def test_every_endpoint_gets_every_event_with_its_own_signature(served, mux_site) -> None:
    got: dict[str, list[tuple[bytes, str]]] = {"a": [], "b": []}

    async def take(request: Request) -> Response:
        kept = got[request.path_params["name"]]
        kept.append((await request.body(), request.headers["mux-signature"]))
        return Response(status_code=500 if request.path_params["name"] == "b" and len(kept) == 1 else 200)

    routes = [Route("/{name}", take, methods=["POST"])]
    async with served(Starlette(routes=routes)) as url, mux_site(SandboxConfig()) as site:
        (own,) = (await site.client.get(HOOKS)).json()["data"]
        await site.client.delete(f"{HOOKS}/{own['id']}")
        made = [
            (await site.client.post(HOOKS, json={"address": f"{url}/{name}"})).json()["data"] for name in "ab"
        ]
        site.throw(FaultKind.DUPLICATE, "webhook:*", seconds=5)
        await site.client.post("/_sandbox/mux/behaviour", json={"job_seconds": 1_000})
        await site.start(catalogue.STUDIO_TOUR)
        for _ in range(3):
            await site.pass_time(6)
        await site.client.delete(f"{HOOKS}/{made[1]['id']}")
        await site.client.post("/_sandbox/mux/webhooks", json={"type": "video.asset.updated"})
        await site.pass_time(1)
    assert [len(got["a"]), len(got["b"])] == [3, 3]
    for endpoint, name in zip(made, "ab", strict=True):
        for body, signature in got[name]:
            at, _, mac = signature.removeprefix("t=").partition(",v1=")
            secret = endpoint["signing_secret"].encode()
            assert mac == hmac.new(secret, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    attempts = [len(json.loads(body)["attempts"]) for body, _ in got["b"]]
    assert attempts == [0, 1, 2]


async def test_what_is_on_its_way_to_a_removed_endpoint_is_not_sent(served, mux_site) -> None:
    got: list[bytes] = []

    async def take(request: Request) -> Response:
        got.append(await request.body())
        return Response(status_code=500)

    routes = [Route("/mux/webhooks", take, methods=["POST"])]
    async with served(Starlette(routes=routes)) as url, mux_site(SandboxConfig(bot_url=url)) as site:
        await site.client.post("/_sandbox/mux/webhooks", json={"type": "video.asset.updated"})
        await site.pass_time(0)
        (own,) = (await site.client.get(HOOKS)).json()["data"]
        await site.client.delete(f"{HOOKS}/{own['id']}")
        await site.pass_time(60)
    assert len(got) == 1
