"""Thousands of webhooks at once, one in three a repeat, to the real process."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import sqlite3
import statistics
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp

from bot.sandbox.config import SandboxConfig
from bot.sandbox.mux.webhooks import sign
from tests.faults import bot_process, sandbox_process
from tests.faults.bot_process import HOST
from tests.faults.control import Control
from tests.faults.findings import gather
from tests.faults.judge import Asked, judge
from tests.faults.processes import Child, FellOver
from tests.faults.real_bot import real_bot
from tests.faults.report import say
from tests.faults.sandbox_process import SandboxPlan
from tests.faults.stage import LIKE

_JOBS: Final = 40
_CHANNELS: Final = 10
_AT_ONCE: Final = 64
_MOST_MEGABYTES: Final = 200.0
_PATIENCE_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Acks:
    statuses: Counter[int]
    outcomes: Counter[str]
    seconds: list[float]
    took_seconds: float


async def run(webhooks: int, seed: int, folder: Path) -> bool:
    """Send the burst, print the figures, and say whether nothing was lost, doubled or too big."""
    port = bot_process.free_port()
    sandbox = Child(
        sandbox_process.run, SandboxPlan(bot_port=port, log_path=folder / "sandbox.log", webhooks=False)
    )
    try:
        url = await sandbox.first_word()
        async with Control(url, f"http://{HOST}:{port}") as control:
            kept = await _play(control, port, webhooks, random.Random(seed), folder)  # noqa: S311
        await sandbox.stop()
    finally:
        if sandbox.code is None:
            await sandbox.kill()
    return kept


async def _play(control: Control, port: int, webhooks: int, chance: random.Random, folder: Path) -> bool:
    database = folder / "burst.db"
    async with real_bot(
        control, port=port, database_url=f"sqlite+aiosqlite:///{database}", folder=folder
    ) as bot:
        asked = await _ask(control)
        bodies, distinct = _burst(await _events(control), webhooks, chance)
        idle = bot.peak_megabytes()
        acks = await _send(f"{control.bot_url}/mux/webhooks", bodies)
        started = time.monotonic()
        await _until_told(control)
        told_seconds = time.monotonic() - started
        verdict = judge(await gather(control, asked))
        peak = bot.peak_megabytes()
    rows = _inbox(database)
    # Cards may still say that Mux works, and files be on their way: both are paced, and not the point here.
    for paced in ("final cards", "files"):
        verdict.losses.pop(paced, None)
    kept = rows == {"done": distinct} and not verdict.doubles and not verdict.losses
    _tell(acks, kept=kept, rows=rows, distinct=distinct, told_seconds=told_seconds)
    say(f"resident {idle:.0f} MB before, at most {peak:.0f} MB (limit {_MOST_MEGABYTES:.0f})")
    say(*verdict.remarks[:5] if verdict.doubles or verdict.losses else ())
    return kept and acks.statuses == {200: webhooks} and peak < _MOST_MEGABYTES


async def _ask(control: Control) -> list[Asked]:
    """Have jobs made, which end at once and of which the bot hears nothing yet."""
    asked = []
    channels = [(await control.post("slack/channels", name=f"burst-{n}"))["id"] for n in range(_CHANNELS)]
    for number in range(_JOBS):
        asset = (await control.post("mux/assets", title=f"Burst {number}", like=LIKE))["id"]
        one = Asked(phrase=f"burst {number}", channel=channels[number % _CHANNELS], acked=True)
        shown = await control.type_command(
            "U0ANA", one.channel, f'{asset} en --no-upload --phrase "{one.phrase}"'
        )
        if shown is None:
            raise FellOver("the bot did not answer a command")
        asked.append(one)
    return asked


async def _events(control: Control) -> list[dict[str, Any]]:
    """Return the events of the jobs that this environment would have sent, once all jobs are over."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        events = [
            event
            for event in (await control.get("mux/webhooks"))["events"]
            if event["type"].startswith("robots.job.")
        ]
        if sum(event["type"].endswith(".completed") for event in events) == _JOBS:
            return events
        if time.monotonic() > deadline:
            raise FellOver("the jobs did not come to their end")
        await asyncio.sleep(0.2)


def _burst(events: list[dict[str, Any]], webhooks: int, chance: random.Random) -> tuple[list[bytes], int]:
    """Return the raw bodies in any order, and how many of them are events of their own."""
    repeats = webhooks // 3
    distinct = [
        _envelope(events[number % len(events)], number < len(events)) for number in range(webhooks - repeats)
    ]
    bodies = [*distinct, *(chance.choice(distinct) for _ in range(repeats))]
    chance.shuffle(bodies)
    return bodies, len(distinct)


def _envelope(event: dict[str, Any], original: bool) -> bytes:
    return json.dumps(
        {
            "type": event["type"],
            "id": event["id"] if original else f"evt_{secrets.token_hex(11)}",
            "created_at": "2026-01-01T00:00:00.000Z",
            "object": {"type": "robots.job", "id": "again"},
            "environment": {"name": "Sandbox", "id": "sandbx"},
            "data": event["data"],
            "attempts": [],
        }
    ).encode()


async def _send(url: str, bodies: list[bytes]) -> _Acks:
    secret = SandboxConfig().mux_webhook_secret
    queue = [(body, sign(secret, body, int(time.time()))) for body in bodies]
    statuses: Counter[int] = Counter()
    outcomes: Counter[str] = Counter()
    seconds: list[float] = []

    async def sender(http: aiohttp.ClientSession) -> None:
        while queue:
            body, signature = queue.pop()
            headers = {"content-type": "application/json", "mux-signature": signature}
            began = time.perf_counter()
            async with http.post(url, data=body, headers=headers) as answer:
                said = await answer.json()
            seconds.append(time.perf_counter() - began)
            statuses[answer.status] += 1
            outcomes[str(said.get("status"))] += 1

    started = time.perf_counter()
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=_AT_ONCE)) as http,
        asyncio.TaskGroup() as tasks,
    ):
        for _ in range(_AT_ONCE):
            tasks.create_task(sender(http))
    took = time.perf_counter() - started
    return _Acks(statuses=statuses, outcomes=outcomes, seconds=sorted(seconds), took_seconds=took)


async def _until_told(control: Control) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        state = await control.readiness()
        posted = (await control.get("journal", kind="slack.effect", name="message.posted"))["entries"]
        results = sum(
            (((entry["data"]["metadata"] or {}).get("event_payload")) or {}).get("kind") == "result"
            for entry in posted
        )
        if state is not None and state["inbox"] == 0 and not state["jobs"] and results >= _JOBS:
            # What would be said twice is said by then, at the pace of a channel.
            await asyncio.sleep(5.0)
            return
        await asyncio.sleep(0.5)
    raise FellOver("not every result was told")


def _inbox(database: Path) -> dict[str, int]:
    """Return the rows of the inbox by state."""
    names = {0: "new", 1: "done", 2: "ignored", 3: "dead"}
    connection = sqlite3.connect(database)
    try:
        rows = connection.execute("SELECT state, count(*) FROM inbox GROUP BY state").fetchall()
    finally:
        connection.close()
    return {names[state]: count for state, count in rows}


def _tell(acks: _Acks, *, kept: bool, rows: dict[str, int], distinct: int, told_seconds: float) -> None:
    count = len(acks.seconds)
    quantiles = statistics.quantiles(acks.seconds, n=100)
    say(
        "",
        f"burst of {count} webhooks, {count - distinct} of them repeats, {_AT_ONCE} at once",
        f"answers {dict(acks.statuses)}, {dict(acks.outcomes)}",
        f"in {acks.took_seconds:.1f} s ({count / acks.took_seconds:.0f} a second), ack "
        f"p50 {quantiles[49] * 1000:.0f} ms, p99 {quantiles[98] * 1000:.0f} ms, "
        f"max {acks.seconds[-1] * 1000:.0f} ms",
        f"inbox {rows} of {distinct} events; every result told {told_seconds:.1f} s after the last ack",
        "none lost, none said twice" if kept else "LOST OR SAID TWICE",
    )
