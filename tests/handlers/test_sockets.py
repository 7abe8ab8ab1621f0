"""Socket Mode over a real WebSocket on loopback, against a stand-in that sends and hears raw frames."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import aiohttp
import pytest
from slack_bolt import BoltResponse
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.errors import OperatorError
from bot.metrics import Metrics
from bot.slack import apps
from bot.slack.calls import web_client
from handlers import serving
from handlers.answering import Answering
from handlers.sockets import SlackSocket
from tests.handlers.socket_ends import Listener, Slack


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened


@pytest.fixture
async def vendor(stack: AsyncExitStack) -> Slack:
    slack = Slack()
    sock = stack.enter_context(serving.listen("127.0.0.1", 0))
    slack.url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    app = Starlette(
        routes=[
            Route("/api/apps.connections.open", slack.connections, methods=["POST"]),
            WebSocketRoute("/link/", slack.link),
        ]
    )
    await stack.enter_async_context(serving.serving(app, sock, protocol=HttpToolsProtocol))
    return slack


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
async def make(vendor: Slack, listener: Listener, stack: AsyncExitStack) -> Callable[[], SlackSocket]:
    session = await stack.enter_async_context(aiohttp.ClientSession())

    def made() -> SlackSocket:
        socket = SlackSocket(
            Answering(listener.dispatch, metrics=Metrics(socket=True)),
            app_token="xapp-1",
            apps=apps.connect(f"{vendor.url}/api/", session),
            web=web_client(f"{vendor.url}/api/", session),
            ping_seconds=0.05,
            connect_seconds=0.5,
        )
        stack.push_async_callback(socket.close)
        return socket

    return made


async def eventually(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 - what is waited for knows no events
            await asyncio.sleep(0.005)


async def until_it_says(socket: SlackSocket, problem: str) -> None:
    """Wait until a socket's own side has seen what the other one did; no problem: that all is well."""
    async with asyncio.timeout(5):
        while True:
            said = await socket.problem()
            if problem in said if problem else not said:
                return
            await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("invalid_auth", "copy the app-level token"),
        ("not_allowed_token_type", "connections:write"),
        ("forbidden_team", "install it again"),
    ],
)
async def test_a_refused_app_token_stops_the_start_at_once_and_says_what_to_do(make, vendor, code, said):
    vendor.refusal = code

    with pytest.raises(OperatorError, match=said) as caught:
        await make().open()

    assert f"SLACK_APP_TOKEN ({code})" in str(caught.value)
    assert "xapp-1" not in str(caught.value)
    assert vendor.asked == 1


async def test_a_slack_that_is_not_there_stops_the_start(make, vendor):
    vendor.refusal = "internal_error"

    with pytest.raises(OperatorError, match="was not reached to open a socket"):
        await make().open()


async def test_an_address_that_nobody_answers_stops_the_start_without_being_shown(make, vendor, caplog):
    vendor.deaf = True

    with pytest.raises(OperatorError, match="does not answer") as caught:
        await make().open()

    assert "ticket" not in f"{caught.value} {caplog.text}"


async def test_an_envelope_is_acked_with_what_the_listener_says_and_then_the_rest_follows(
    make, vendor, listener
):
    await make().open()
    await vendor.send("e1", retry_attempt=2, retry_reason="timeout")

    assert await vendor.ack() == {"envelope_id": "e1", "payload": {"text": "done"}}
    await asyncio.wait_for(listener.followed.wait(), 5)
    assert listener.asked[0].headers["x-slack-retry-num"] == ["2"]
    assert listener.asked[0].headers["x-slack-retry-reason"] == ["timeout"]


@pytest.mark.parametrize(
    ("response", "envelope"),
    [
        (BoltResponse(status=200, body={"text": "done"}), {"accepts_response_payload": False}),
        (BoltResponse(status=200, body=""), {}),
        (BoltResponse(status=200, body="[1]", headers={"content-type": ["application/json"]}), {}),
        (BoltResponse(status=404, body="nobody listens"), {}),
        (BoltResponse(status=200, body={"text": "done"}), {"payload": "not an object"}),
    ],
)
async def test_every_envelope_is_acked_and_says_nothing_where_nothing_may_be_said(
    make, vendor, listener, response, envelope
):
    listener.response = response
    await make().open()
    await vendor.send("e1", **envelope)

    assert await vendor.ack() == {"envelope_id": "e1"}


async def test_plain_text_becomes_a_message(make, vendor, listener):
    listener.response = BoltResponse(status=200, body="as text")
    await make().open()
    await vendor.send("e1")

    assert await vendor.ack() == {"envelope_id": "e1", "payload": {"text": "as text"}}


async def test_an_envelope_is_acked_even_when_its_listener_breaks(make, vendor, listener):
    listener.error = RuntimeError("broken")
    await make().open()
    await vendor.send("e1")

    assert await vendor.ack() == {"envelope_id": "e1"}


async def test_a_stop_answers_what_it_has_and_takes_nothing_new(make, vendor, listener):
    listener.wait.clear()
    socket = make()
    await socket.open()
    await vendor.send("e1")
    await eventually(lambda: len(listener.asked) == 1)

    closing = asyncio.create_task(socket.close())
    await asyncio.sleep(0.02)
    await vendor.send("e2")
    await asyncio.sleep(0.02)
    listener.wait.set()
    await closing

    assert (await vendor.ack())["envelope_id"] == "e1"
    assert vendor.heard.empty()
    assert len(listener.asked) == 1


async def test_when_slack_asks_for_it_a_new_connection_is_opened(make, vendor):
    socket = make()
    await socket.open()
    await vendor.open[-1].send_json({"type": "disconnect", "reason": "refresh_requested"})
    await eventually(lambda: vendor.opened == 2)
    await vendor.send("e1")

    assert (await vendor.ack())["envelope_id"] == "e1"
    await until_it_says(socket, "")


async def test_a_connection_that_is_gone_is_no_longer_ready_until_the_next_one_stands(make, vendor):
    socket = make()
    assert "not connected" in await socket.problem()
    await socket.open()
    await until_it_says(socket, "")
    assert (await socket.health()).quiet_seconds < 5

    vendor.refusal = "internal_error"
    await vendor.open[-1].close()
    await until_it_says(socket, "not connected")

    vendor.refusal = ""
    await until_it_says(socket, "")
    assert vendor.opened == 2


async def test_an_answer_to_a_connection_that_broke_is_lost_and_nothing_else(make, vendor, listener):
    listener.wait.clear()
    socket = make()
    await socket.open()
    vendor.refusal = "internal_error"
    await vendor.send("e1")
    await eventually(lambda: len(listener.asked) == 1)
    await vendor.open[-1].close()
    await eventually(lambda: not vendor.open)
    listener.wait.set()

    await asyncio.wait_for(listener.followed.wait(), 5)
