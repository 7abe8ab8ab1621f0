"""Requests over real connections: what arrives, and what a broken one is taken for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from bot.errors import MuxRefused, NotReached, OutcomeUnknown
from bot.mux.asking import connect
from bot.mux.client import MuxClient
from bot.mux.transport import Quick, choose
from bot.rules.request import CaptionRequest

REQUEST = CaptionRequest(asset_id="a1")
LIMITS = httpx.Limits(max_connections=2)
JOB = b'{"data": {"id": "r1", "workflow": "generate-premium-captions", "status": "pending"}}'

Behaviour = Callable[["Server", asyncio.StreamWriter], Awaitable[bool]]


class Server:
    """A server on loopback that counts requests; `behave` answers one and says whether to go on."""

    def __init__(self) -> None:
        self.heads: list[str] = []
        self.bodies: list[bytes] = []
        self.connections = 0
        self.behave: Behaviour = answers
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                lengths = [
                    line.split(":")[1]
                    for line in head.split("\r\n")
                    if line.lower().startswith("content-length")
                ]
                self.heads.append(head)
                self.bodies.append(await reader.readexactly(int(lengths[0])) if lengths else b"")
                if not await self.behave(self, writer):
                    break
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()


def with_status(status: int, body: bytes) -> Behaviour:
    async def behave(_server: Server, writer: asyncio.StreamWriter) -> bool:
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        return True

    return behave


answers = with_status(200, JOB)


async def hangs_up(_server: Server, _writer: asyncio.StreamWriter) -> bool:
    return False


async def breaks_off(_server: Server, writer: asyncio.StreamWriter) -> bool:
    writer.write(b"HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\n{")
    return False


async def answers_once(server: Server, writer: asyncio.StreamWriter) -> bool:
    return await answers(server, writer) if len(server.heads) == 1 else False


async def says_nothing(_server: Server, _writer: asyncio.StreamWriter) -> bool:
    await asyncio.sleep(1)
    return False


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    here = Server()
    listening = await asyncio.start_server(here.serve, "127.0.0.1", 0)
    here.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    yield here
    listening.close()


@pytest.fixture
async def http(server) -> AsyncIterator[httpx.AsyncClient]:
    async with connect(server.url, "id", "secret", transport=Quick(LIMITS)) as client:
        yield client


async def test_requests_arrive_as_httpx_writes_them_and_share_a_connection(server, http):
    mux = MuxClient(http)
    await mux.create(REQUEST, "stamp")
    await mux.get("odd/%2Fid")
    head, *_ = server.heads
    assert head.startswith("POST /robots/v0/jobs/generate-premium-captions HTTP/1.1\r\n")
    lines = {line.partition(": ")[0].lower(): line.partition(": ")[2] for line in head.split("\r\n")}
    assert lines["authorization"].startswith("Basic ")
    assert lines["user-agent"].startswith("caption-bot/")
    assert lines["content-type"] == "application/json"
    assert b"stamp" in server.bodies[0]
    assert server.heads[1].startswith("GET /robots/v0/jobs/generate-premium-captions/odd%2F%252Fid HTTP/1.1")
    assert server.connections == 1


async def test_a_refusal_comes_out_as_one(server, http):
    server.behave = with_status(404, b"{}")
    with pytest.raises(MuxRefused):
        await MuxClient(http).get("r1")


async def test_a_closed_port_certainly_took_nothing():
    async with connect("http://127.0.0.1:1", "id", "secret", transport=Quick(LIMITS)) as http:
        with pytest.raises(NotReached):
            await MuxClient(http).create(REQUEST, "p")


@pytest.mark.parametrize("behave", [hangs_up, breaks_off])
async def test_a_create_whose_connection_broke_is_unknown_and_not_repeated(server, http, behave):
    server.behave = behave
    with pytest.raises(OutcomeUnknown):
        await MuxClient(http).create(REQUEST, "p")
    assert len(server.heads) == 1


async def test_a_create_on_a_connection_that_dies_with_it_is_not_repeated(server, http):
    server.behave = answers_once
    await MuxClient(http).get("r1")
    with pytest.raises(OutcomeUnknown):
        await MuxClient(http).create(REQUEST, "p")
    assert [head.split()[0] for head in server.heads] == ["GET", "POST"]


async def test_silence_is_an_unknown_outcome(server):
    server.behave = says_nothing
    async with connect(server.url, "id", "secret", timeout_seconds=0.5, transport=Quick(LIMITS)) as http:
        with pytest.raises(OutcomeUnknown, match="ReadTimeout"):
            await MuxClient(http).create(REQUEST, "p")


async def test_an_address_that_is_none_took_nothing():
    async with httpx.AsyncClient(transport=Quick(LIMITS)) as http:
        with pytest.raises(httpx.UnsupportedProtocol):
            await http.get("ftp://127.0.0.1/")


async def test_the_bytes_of_a_file_go_over_the_transport_that_never_repeats_a_put(server, http):
    async def pieces() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"

    server.behave = hangs_up
    with pytest.raises(OutcomeUnknown):
        await MuxClient(http).upload(f"{server.url}/up", pieces(), length=6, media_type="video/mp4")
    assert server.bodies == [b"onetwo"]


@pytest.mark.parametrize(
    ("proxies", "bypassed", "direct"),
    [
        ({}, False, True),
        ({"http": "http://proxy:1"}, False, True),
        ({"https": "http://proxy:1"}, False, False),
        ({"all": "http://proxy:1"}, False, False),
        ({"https": "http://proxy:1"}, True, True),
    ],
)
def test_a_proxy_of_the_environment_is_left_to_httpx(proxies, bypassed, direct):
    chosen = choose("https://api.mux.test", LIMITS, proxies=lambda: proxies, bypassed=lambda _host: bypassed)
    assert isinstance(chosen, Quick) is direct
