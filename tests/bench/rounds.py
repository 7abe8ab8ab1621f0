"""One round: a server is started and looked at, then started once more, loaded in every way, and stopped."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench import load, servers
from tests.bench.servers import Peer, Running
from tests.bench.traffic import Traffic, get, webhook
from tests.bench.vendors import Vendors
from tests.bench.wire import Client

READY: Final = get("/readyz")
ASKED_ABOUT: Final = "hist1000"

_RATE: Final = 50.0
_WITH_WORK_RATE: Final = 5.0
_BURST: Final = 300
_OPEN_CONNECTIONS: Final = 64
_QUIET_SECONDS: Final = 1.0
_SETTLE_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How long each part lasts. `seconds` is for a rate, `busy_seconds` for saturation."""

    seconds: float
    busy_seconds: float
    log: Path

    @property
    def webhooks(self) -> int:
        """How many running jobs one round needs."""
        return self.warming + self.steady + 2 * _BURST

    @property
    def warming(self) -> int:
        """How many webhooks come before those that are measured: the first of a life prepare statements."""
        return self.steady // 4

    @property
    def steady(self) -> int:
        """How many webhooks are measured at a rate."""
        return int(_RATE * self.seconds)


async def at_rest(peer: Peer, vendors: Vendors, plan: Plan, core: set[int]) -> dict[str, float]:
    """Start a server that has nothing to do, and return what that takes: seconds, CPU and memory.

    Raises:
        Unusable: when it does not start.
    """
    vendors.reset()
    server = await servers.start(peer, vendors, command=Traffic().command(), log=plan.log, core=core)
    try:
        cpu = server.cpu_seconds()
        await asyncio.sleep(_QUIET_SECONDS)
        return {
            "start_s": server.started_seconds,
            "start_cpu_s": cpu,
            "idle_mb": server.resident_mb(),
        }
    finally:
        await server.stop()


class Round:
    """One life of one server under load; `figures` fills up as it goes."""

    def __init__(self, peer: Peer, vendors: Vendors, plan: Plan, markers: list[str]) -> None:
        self._peer = peer
        self._vendors = vendors
        self._plan = plan
        self._markers = markers
        self._traffic = Traffic()
        self.figures: dict[str, float] = {}

    async def run(self, core: set[int]) -> dict[str, float]:
        """Start, load and stop the server, and return the figures.

        Raises:
            Unusable: when it does not start.
        """
        self._vendors.reset()
        server = await servers.start(
            self._peer, self._vendors, command=self._traffic.command(), log=self._plan.log, core=core
        )
        client = Client(server.port, _OPEN_CONNECTIONS)
        try:
            await self._calm()
            await self._load(server, client)
            self.figures["busy_mb"] = server.resident_mb()
        finally:
            client.close()
            await server.stop()
        return self.figures

    async def _load(self, server: Running, client: Client) -> None:
        if self._peer.webhooks:
            await self._webhooks(server, client)
        if self._is_bot:
            await self._with_work(server, client)
        # From here on Mux asks to be left alone, so that only the doors are at work.
        self._vendors.mux_waits = True
        await self._rate("command", server, client, self._traffic.command)
        if self._peer.interactions:
            await self._rate("press", server, client, self._press)
            await self._rate("form", server, client, self._traffic.submission)
        if self._peer.webhooks:
            await self._commands_in_a_burst(client)
        await self._saturate(server)

    @property
    def _is_bot(self) -> bool:
        return self._peer.ready is not None

    def _press(self) -> bytes:
        return self._traffic.press(ASKED_ABOUT, f"{self._vendors.mux_url}/respond/1")

    async def _rate(
        self, name: str, server: Running, client: Client, make: Callable[[], bytes], rate: float = _RATE
    ) -> None:
        await load.at_rate(client, make, rate=rate, seconds=self._plan.seconds / 4)
        before = server.cpu_seconds()
        times = await load.at_rate(client, make, rate=rate, seconds=self._plan.seconds)
        cpu = server.cpu_seconds() - before
        self._note(name, times)
        self.figures[f"{name}_cpu_us"] = cpu / max(len(times.seconds), 1) * 1e6

    async def _with_work(self, server: Running, client: Client) -> None:
        """Send commands from many workspaces, so that Mux and Slack hear about each one right away."""
        spread = Traffic(teams=1000, channels=5000)
        await self._rate("worked", server, client, spread.command, _WITH_WORK_RATE)
        await self._calm()

    async def _saturate(self, server: Running) -> None:
        client = Client(server.port, load.CONNECTIONS)
        await load.saturated(client, self._traffic.command, seconds=self._plan.busy_seconds / 4)
        before = server.cpu_seconds()
        times = await load.saturated(client, self._traffic.command, seconds=self._plan.busy_seconds)
        client.close()
        self.figures["full_per_s"] = times.per_second
        self.figures["full_cpu_us"] = (server.cpu_seconds() - before) / max(len(times.seconds), 1) * 1e6
        self._refused(times)

    async def _webhooks(self, server: Running, client: Client) -> None:
        warming, steady = self._plan.warming, self._plan.steady
        await self._reported(client, self._markers[:warming])
        await self._calm()
        markers = self._markers[warming : warming + steady]
        before = server.cpu_seconds()
        times = await self._reported(client, markers)
        cpu = server.cpu_seconds() - before
        self._note("webhook", times)
        self.figures["webhook_cpu_us"] = cpu / steady * 1e6
        posted = self._vendors.posted_at
        due = zip(markers, times.due, strict=True)
        told = load.Times(seconds=[posted[marker] - at for marker, at in due if marker in posted])
        self.figures["post_p50_ms"] = told.ms(0.5)
        self.figures["post_p99_ms"] = told.ms(0.99)
        await self._calm()
        await self._webhook_burst(client, self._markers[warming + steady :][:_BURST])

    async def _reported(self, client: Client, markers: list[str]) -> load.Times:
        """Let Mux report one job after the other, and wait until each was told."""
        waiting = iter(markers)
        times = await load.at_rate(
            client, lambda: webhook(next(waiting)), rate=_RATE, seconds=len(markers) / _RATE
        )
        await self._told(markers)
        return times

    async def _webhook_burst(self, client: Client, markers: list[str]) -> None:
        requests = [webhook(marker) for marker in markers]
        began = time.perf_counter()
        times = await load.burst(client, requests)
        await self._told(markers)
        self.figures["burst_ack_p99_ms"] = times.ms(0.99)
        self._refused(times)
        ends = [self._vendors.posted_at[marker] for marker in markers if marker in self._vendors.posted_at]
        self.figures["burst_last_post_ms"] = (max(ends, default=began) - began) * 1000
        self.figures["lost"] = self.figures.get("lost", 0) + len(markers) - len(ends)
        self.figures["said_twice"] = self._vendors.repeated
        await self._calm()

    async def _commands_in_a_burst(self, client: Client) -> None:
        requests = [webhook(marker) for marker in self._markers[-_BURST:]]
        commands = asyncio.create_task(
            load.at_rate(client, self._traffic.command, rate=_RATE, seconds=max(self._plan.seconds / 2, 2.0))
        )
        await asyncio.sleep(0.5)
        reporting = Client(client.port, _OPEN_CONNECTIONS)
        self._refused(await load.burst(reporting, requests))
        times = await commands
        reporting.close()
        self._refused(times)
        self.figures["mixed_p50_ms"] = times.ms(0.5)
        self.figures["mixed_p99_ms"] = times.ms(0.99)
        self.figures["mixed_max_ms"] = times.ms(1.0)
        await self._calm()

    async def _told(self, markers: list[str]) -> None:
        """Wait until every marker was posted, or nothing was for a while."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        while time.monotonic() < deadline:
            if all(marker in self._vendors.posted_at for marker in markers):
                return
            await asyncio.sleep(0.005)

    async def _calm(self) -> None:
        """Wait until the server asks nobody for anything any more."""
        deadline, quiet_since, seen = time.monotonic() + _SETTLE_SECONDS, time.monotonic(), -1
        while time.monotonic() < min(deadline, quiet_since + _QUIET_SECONDS):
            total = self._vendors.calls.total()
            if total != seen:
                seen, quiet_since = total, time.monotonic()
            await asyncio.sleep(0.02)

    def _note(self, name: str, times: load.Times) -> None:
        for label, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
            self.figures[f"{name}_{label}_ms"] = times.ms(share)
        self._refused(times)

    def _refused(self, times: load.Times) -> None:
        self.figures["refused"] = self.figures.get("refused", 0) + times.refused
