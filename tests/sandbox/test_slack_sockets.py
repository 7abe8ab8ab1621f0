"""Socket Mode: what Slack's own client sees of it, and what people see when it fails."""

from __future__ import annotations

import asyncio
import dataclasses

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette

from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faults import Fault, FaultKind, Faults
from bot.sandbox.journal import Journal
from bot.sandbox.slack import api, control, control_app
from bot.sandbox.slack.stand_in import Slack
from tests.sandbox.waiting import until


class Bench:
    def __init__(self, slack, http):
        self.slack, self.http, self.people, self.clock = slack, http, slack.people, slack.clock
        self.clients = []

    def web(self):
        return AsyncWebClient(base_url=f"{self.slack.config.public_url}/api/", retry_handlers=[])

    async def connect(self, payload=None, *, acks=True):
        """Connect Slack's own client, which answers every envelope alike."""
        client = SocketModeClient(self.slack.config.slack_app_token, web_client=self.web())
        client.seen = []

        async def listen(client, request):
            client.seen.append(request)
            if acks:
                response = SocketModeResponse(envelope_id=request.envelope_id, payload=payload)
                await client.send_socket_mode_response(response)

        client.socket_mode_request_listeners.append(listen)
        count = len(self.slack.sockets.lines)
        await client.connect()
        await until(lambda: len(self.slack.sockets.lines) == count + 1)
        self.clients.append(client)
        return client

    async def open(self, query=""):
        """Open a bare connection."""
        url = (await self.web().apps_connections_open(app_token=self.slack.config.slack_app_token))["url"]
        return await self.http.ws_connect(url + query)

    async def control(self, name, **body):
        async with self.http.post(
            f"{self.slack.config.public_url}/_sandbox/slack/{name}", json=body
        ) as reply:
            return reply.status, await reply.json()


@pytest.fixture
def config(free_port):
    return SandboxConfig(
        public_url=f"http://127.0.0.1:{free_port}", bot_url=f"http://127.0.0.1:{free_port}", limits=False
    )


@pytest.fixture
async def bench(served, config, free_port):
    clock = SandboxClock()
    slack = Slack(config, clock, Journal(clock.now), Faults())
    app = Starlette(routes=[*api.routes(slack), *control.routes(slack), *control_app.routes(slack)])
    async with served(app, port=free_port), aiohttp.ClientSession() as http:
        await slack.start()
        bench = Bench(slack, http)
        yield bench
        for client in bench.clients:
            await client.close()
        await slack.stop()


async def test_a_connection_needs_an_app_token_with_its_scope(bench, config):
    async def refused(token):
        with pytest.raises(SlackApiError) as caught:
            await bench.web().apps_connections_open(app_token=token)
        return caught.value.response

    assert (await refused("xapp-1-other"))["error"] == "invalid_auth"
    assert (await refused(config.slack_bot_token))["error"] == "not_allowed_token_type"
    bench.slack.config = dataclasses.replace(config, slack_app_scopes=("authorizations:read",))
    assert (await refused(config.slack_app_token))["needed"] == "connections:write"


async def test_an_address_opens_one_connection_soon_or_none(bench, config):
    url = (await bench.web().apps_connections_open(app_token=config.slack_app_token))["url"]
    async with bench.http.ws_connect(url) as line:
        hello = await line.receive_json()
        assert (hello["type"], hello["num_connections"]) == ("hello", 1)
        assert hello["debug_info"]["approximate_connection_time"] == 3_600
        assert hello["connection_info"] == {"app_id": "A0SANDBOX"}
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await bench.http.ws_connect(url)
    url = (await bench.web().apps_connections_open(app_token=config.slack_app_token))["url"]
    bench.clock.advance(31)
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await bench.http.ws_connect(url)


async def test_the_first_connection_ends_delivery_over_http(bench):
    assert (await bench.people.command("U0ANA", "C0DEMO", "/caption", "help")).status == 404
    client = await bench.connect({"text": "by socket"})
    outcome = await bench.people.command("U0ANA", "C0DEMO", "/caption", "help")
    assert (outcome.status, outcome.shown.text) == (200, "by socket")
    [request] = client.seen
    assert (request.type, request.accepts_response_payload) == ("slash_commands", True)
    assert (request.payload["command"], request.payload["text"]) == ("/caption", "help")
    await client.close()
    await until(lambda: not bench.slack.sockets.lines)
    gone = await bench.people.command("U0ANA", "C0DEMO", "/caption", "help")
    assert gone.status is None
    assert "dispatch_failed" in gone.shown.text


async def test_the_payload_of_an_ack_counts_only_where_it_is_asked_for(bench):
    await bench.connect({"text": "hello"})
    assert (await bench.people.shortcut("U0ANA", "caption_video")).status == 200
    assert (await bench.people.app_home_opened("U0ANA")).status == 200
    assert not bench.slack.workspace.seen_by("C0DEMO", "U0ANA")


async def test_an_envelope_goes_to_one_connection_of_several(bench):
    first, second = await bench.connect(), await bench.connect()
    for number in range(4):
        await bench.people.event({"type": "link_shared", "number": number})
    assert len(first.seen) == len(second.seen) == 2
    numbers = [one.payload["event"]["number"] for one in (*first.seen, *second.seen)]
    assert sorted(numbers) == [0, 1, 2, 3]
    assert len({one.envelope_id for one in (*first.seen, *second.seen)}) == 4


async def test_an_ack_counts_on_whichever_connection_it_comes(bench):
    first, second = await bench.open(), await bench.open()
    for line in (first, second):
        await line.receive_json()
    told = asyncio.ensure_future(bench.people.event({"type": "link_shared"}))
    receiving = [asyncio.ensure_future(line.receive_json()) for line in (first, second)]
    [got], [idle] = await asyncio.wait(receiving, return_when=asyncio.FIRST_COMPLETED)
    other = second if got is receiving[0] else first
    await other.send_json({"envelope_id": got.result()["envelope_id"]})
    assert (await told).status == 200
    idle.cancel()
    await asyncio.gather(idle, return_exceptions=True)


async def test_no_ack_within_three_seconds_shows_and_only_events_come_again(bench):
    client = await bench.connect(acks=False)
    typed = asyncio.ensure_future(bench.people.command("U0ANA", "C0DEMO", "/caption", ""))
    await until(lambda: client.seen)
    bench.clock.advance(3.1)
    outcome = await typed
    assert outcome.timed_out
    assert "operation_timeout" in outcome.shown.text
    event = asyncio.ensure_future(bench.people.event({"type": "link_shared"}))
    await until(lambda: len(client.seen) == 2)
    requests = bench.slack.journal
    for seconds, seen in ((0.1, 3), (60.1, 4), (300.1, 5)):
        bench.clock.advance(3.1)
        await until(lambda seen=seen: len(requests.find("slack.request", "link_shared")) == seen - 2)
        bench.clock.advance(seconds)
        await until(lambda seen=seen: len(client.seen) == seen)
    assert (await event).timed_out
    events = client.seen[1:]
    assert [one.retry_attempt for one in events] == [0, 1, 2, 3]
    assert [one.retry_reason for one in events] == ["", "timeout", "timeout", "timeout"]
    assert len({one.payload["event_id"] for one in events}) == 1


async def test_noise_late_acks_and_second_acks_change_nothing(bench):
    async with await bench.open() as line:
        await line.receive_json()
        await line.send_str("no json")
        await line.send_bytes(b"\x00")
        await line.send_json(["a list"])
        await line.send_json({"envelope_id": "unknown"})
        told = asyncio.ensure_future(bench.people.event({"type": "link_shared"}))
        envelope = await line.receive_json()
        await line.send_json({"envelope_id": envelope["envelope_id"]})
        await line.send_json({"envelope_id": envelope["envelope_id"]})
        assert (await told).status == 200


async def test_a_warning_is_followed_by_the_end_and_the_client_comes_back(bench):
    client = await bench.connect()
    [old] = bench.slack.sockets.lines
    status, shown = await bench.control("disconnect", reason="warning")
    assert (status, shown["on"]) == (200, True)
    await until(lambda: bench.slack.sockets.lines and bench.slack.sockets.lines[-1] is not old)
    await bench.people.event({"type": "link_shared"})
    assert len(client.seen) == 1


async def test_a_connection_that_is_not_left_is_closed(bench):
    async with await bench.open("&debug_reconnects=true") as line:
        assert (await line.receive_json())["debug_info"]["approximate_connection_time"] == 360
        bench.clock.advance(351)
        assert (await line.receive_json())["reason"] == "warning"
        bench.clock.advance(11)
        assert (await line.receive_json())["reason"] == "refresh_requested"
        await until(lambda: bench.slack.sockets.lines[0].leaving)
        assert (await bench.people.event({"type": "link_shared"})).status is None
        bench.clock.advance(2)
        assert (await line.receive()).type is aiohttp.WSMsgType.CLOSE


async def test_socket_mode_can_be_switched_off_and_back(bench):
    async with await bench.open() as line:
        await line.receive_json()
        status, shown = await bench.control("socket_mode", on=False)
        assert (status, shown["on"]) == (200, False)
        assert (await line.receive_json())["reason"] == "link_disabled"
        assert (await line.receive()).type is aiohttp.WSMsgType.CLOSE
    async with await bench.open() as line:
        assert (await line.receive_json())["reason"] == "link_disabled"
    assert (await bench.people.event({"type": "link_shared"})).status == 404
    assert (await bench.control("socket_mode", on="maybe"))[0] == 400
    await bench.control("socket_mode", on=True)
    assert (await bench.people.event({"type": "link_shared"})).status is None


async def test_an_eleventh_connection_is_one_too_many(bench):
    lines = [await bench.open() for _ in range(11)]
    greetings = [await line.receive_json() for line in lines]
    assert [one["num_connections"] for one in greetings[:10]] == list(range(1, 11))
    assert greetings[10]["reason"] == "too_many_websockets"
    for line in lines:
        await line.close()


async def test_connections_are_listed_and_dropped_by_remote_control(bench):
    assert (await bench.control("drop"))[1]["error"] == "no_such_connection"
    async with await bench.open() as line:
        await line.receive_json()
        url = f"{bench.slack.config.public_url}/_sandbox/slack/sockets"
        async with bench.http.get(url) as reply:
            [shown] = (await reply.json())["connections"]
        assert (shown["leaving"], shown["envelopes"]) == (False, 0)
        assert (await bench.control("disconnect", reason="boredom"))[1]["error"] == "unknown_reason"
        await bench.control("drop", connection=shown["id"])
        assert (await line.receive()).type is aiohttp.WSMsgType.CLOSE
    await until(lambda: not bench.slack.sockets.lines)
    names = [entry.name for entry in bench.slack.journal.find("slack.socket")]
    assert names == ["opened", "closed"]


async def test_envelopes_are_lost_doubled_late_or_cut_off_on_demand(bench):
    def throw(kind, target, seconds=0.0):
        bench.slack.faults.add(Fault(kind=kind, target=target, seconds=seconds))

    client = await bench.connect()
    throw(FaultKind.LOSE, "socket:slash_commands")
    lost = asyncio.ensure_future(bench.people.command("U0ANA", "C0DEMO", "/caption", ""))
    await until(lambda: bench.slack.journal.find("fault"))
    bench.clock.advance(3.1)
    assert (await lost).timed_out
    assert client.seen == []
    throw(FaultKind.DUPLICATE, "socket:events_api")
    assert (await bench.people.event({"type": "link_shared"})).status == 200
    await until(lambda: len(client.seen) == 2)
    assert client.seen[0].envelope_id == client.seen[1].envelope_id
    throw(FaultKind.DELAY, "socket:interactive", seconds=0.01)
    assert (await bench.people.shortcut("U0ANA", "caption_video")).status == 200
    await client.close()
    await until(lambda: not bench.slack.sockets.lines)
    async with await bench.open() as line:
        await line.receive_json()
        throw(FaultKind.DROP_AFTER, "socket:events_api")
        told = asyncio.ensure_future(bench.people.event({"type": "link_shared"}))
        assert (await line.receive_json())["type"] == "events_api"
        assert (await line.receive()).type is aiohttp.WSMsgType.CLOSE
    bench.clock.advance(3.1)
    assert (await told).timed_out
