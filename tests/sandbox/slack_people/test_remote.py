"""Another process can let people act, and change and read the workspace."""

from __future__ import annotations

import aiohttp
import pytest
from starlette.responses import PlainTextResponse

from tests.sandbox.slack_people.bench import BOT, field, modal


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
