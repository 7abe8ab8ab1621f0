from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.clock import SandboxClock
from bot.sandbox.faults import Fault, FaultKind, Faults
from bot.sandbox.faulty import Thrower
from bot.sandbox.journal import Journal
from tests.sandbox.waiting import until


@dataclass
class Standin:
    """One call, `thing:do`, whose effect is counted."""

    clock: SandboxClock = field(default_factory=SandboxClock)
    faults: Faults = field(default_factory=Faults)
    effects: int = 0

    def __post_init__(self) -> None:
        self.journal = Journal(self.clock.now)
        self.thrower = Thrower(
            faults=self.faults, journal=self.journal, clock=self.clock, refusal=self._refusal
        )
        self.app = Starlette(routes=[Route("/do", self._do, methods=["POST"])])

    def _refusal(self, fault: Fault) -> Response:
        if fault.kind is FaultKind.RATE_LIMITED:
            return JSONResponse({}, 429, {"Retry-After": str(int(fault.seconds))})
        return JSONResponse({"code": fault.code}, fault.status)

    async def _do(self, request: Request) -> Response:
        await request.body()
        return await self.thrower.answer("thing:do", self._effect)

    async def _effect(self) -> Response:
        self.effects += 1
        return JSONResponse({"effects": self.effects})

    def throw(self, kind: FaultKind, **more: object) -> None:
        self.faults.add(Fault(kind=kind, target="thing:*", **more))  # type: ignore[arg-type]


@pytest.fixture
def standin() -> Standin:
    return Standin()


async def test_without_a_fault_the_effect_answers(standin: Standin, served) -> None:
    async with served(standin.app) as url, httpx.AsyncClient(base_url=url) as client:
        assert (await client.post("/do")).json() == {"effects": 1}
    assert standin.journal.find("fault") == []


@pytest.mark.parametrize(
    ("kind", "status", "effects"),
    [
        (FaultKind.RATE_LIMITED, 429, 0),
        (FaultKind.ERROR_BEFORE, 503, 0),
        (FaultKind.ERROR_AFTER, 503, 1),
        (FaultKind.REFUSE, 503, 0),
        (FaultKind.DELAY, 200, 1),
        (FaultKind.LOSE, 200, 1),
    ],
)
async def test_a_fault_with_an_answer_decides_status_and_effect(
    standin: Standin, served, kind: FaultKind, status: int, effects: int
) -> None:
    standin.throw(kind, status=503, seconds=0.01)
    async with served(standin.app) as url, httpx.AsyncClient(base_url=url) as client:
        answer = await client.post("/do")
    assert (answer.status_code, standin.effects) == (status, effects)
    assert [entry.data["fault"] for entry in standin.journal.find("fault", "thing:do")] == [kind.value]


@pytest.mark.parametrize(
    ("kind", "effects"),
    [
        (FaultKind.DROP_BEFORE, 0),
        (FaultKind.DROP_AFTER, 1),
        (FaultKind.TIMEOUT_BEFORE, 0),
        (FaultKind.TIMEOUT_AFTER, 1),
    ],
)
async def test_a_closed_connection_carries_no_status_line(
    standin: Standin, served, kind: FaultKind, effects: int
) -> None:
    standin.throw(kind, seconds=0.02)
    async with served(standin.app) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(b"POST /do HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi")
        assert await reader.read() == b""
        writer.close()
    assert standin.effects == effects


async def test_the_next_call_after_a_closed_connection_is_answered(standin: Standin, served) -> None:
    standin.throw(FaultKind.DROP_BEFORE)
    async with served(standin.app) as url, httpx.AsyncClient(base_url=url) as client:
        with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
            await client.post("/do")
        assert (await client.post("/do")).status_code == 200


async def test_a_client_that_gives_up_ends_the_silence(standin: Standin, served) -> None:
    standin.throw(FaultKind.TIMEOUT_AFTER, seconds=3600)
    patience = httpx.Timeout(10, read=0.5)
    async with served(standin.app) as url, httpx.AsyncClient(base_url=url, timeout=patience) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.post("/do")
    assert standin.effects == 1


async def test_a_late_effect_comes_after_the_connection_is_gone(standin: Standin, served) -> None:
    standin.throw(FaultKind.LATE, seconds=3600)
    async with served(standin.app) as url, httpx.AsyncClient(base_url=url) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.post("/do")
        assert standin.effects == 0
        standin.clock.advance(3601)
        await until(lambda: standin.effects == 1)


@pytest.mark.parametrize("kind", [FaultKind.DROP_AFTER, FaultKind.LATE])
async def test_an_in_process_client_sees_an_exception_instead(standin: Standin, kind: FaultKind) -> None:
    standin.throw(kind, seconds=0.01)
    transport = httpx.ASGITransport(standin.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://mux.test") as client:
        with pytest.raises(ConnectionAbortedError):
            await client.post("/do")
    assert standin.effects == 1


async def test_time_only_moves_forward() -> None:
    with pytest.raises(ValueError, match="forward"):
        SandboxClock().advance(-1)
