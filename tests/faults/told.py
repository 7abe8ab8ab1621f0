"""Many jobs that finish at the same moment, under Slack's own limits: how long until everybody knows."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from bot.rules.pacing import Rate, Timing
from bot.sandbox.slack.limits import (
    POST_BURST,
    POSTS_PER_SECOND,
    WORKSPACE_POST_BURST,
    WORKSPACE_POSTS_PER_MINUTE,
)
from tests.faults import bot_process, sandbox_process
from tests.faults.bot_process import HOST, BotPlan
from tests.faults.control import Control
from tests.faults.processes import Child, FellOver
from tests.faults.real_bot import real_bot
from tests.faults.report import say
from tests.faults.sandbox_process import SandboxPlan
from tests.faults.stage import LIKE

MOST_TIMES_THE_LIMIT: Final = 1.1
_JOB_SECONDS: Final = 1_000_000.0
_STEP_SECONDS: Final = 5.0
"""How far the sandbox's clock is pushed at a time while the cards are posted, which limits would delay."""
_CATCH_UP_SECONDS: Final = 12.0
_PATIENCE_SECONDS: Final = 300.0

# Nothing is ambiguous here, so the spans of the protocol stay as they are; only the pace is not kept.
_HASTE: Final = replace(
    Timing(),
    post_spacing=0.0,
    edit_spacing=0.0,
    posts=Rate(spacing=0.001, burst=50),
    reads=Rate(spacing=0.001, burst=50),
)


async def run(jobs: int, channels: int, folder: Path) -> bool:
    """Let all jobs finish at once, print how long it took to say so, and whether that is near the limit."""
    port = bot_process.free_port()
    sandbox = Child(
        sandbox_process.run,
        SandboxPlan(bot_port=port, log_path=folder / "sandbox.log", job_seconds=_JOB_SECONDS, limits=True),
    )
    try:
        url = await sandbox.first_word()
        async with Control(url, f"http://{HOST}:{port}") as control:
            kept = await _play(control, port, jobs, channels, folder)
        await sandbox.stop()
    finally:
        if sandbox.code is None:
            await sandbox.kill()
    return kept


async def _play(control: Control, port: int, jobs: int, channels: int, folder: Path) -> bool:
    database_url = f"sqlite+aiosqlite:///{folder / 'told.db'}"
    await _prepare(control, port, database_url=database_url, jobs=jobs, channels=channels, folder=folder)
    async with real_bot(control, port=port, database_url=database_url, folder=folder) as bot:
        # A start asks Mux about every unfinished job; that is not what is measured.
        await asyncio.sleep(_CATCH_UP_SECONDS)
        since = (await control.get("journal", kind="slack.call"))["last"]
        began = (await control.post("clock", advance_seconds=_JOB_SECONDS))["now"]
        told = await _told(control, jobs, since)
        limited = Counter(
            entry["name"]
            for entry in (await control.get("journal", kind="slack.limited", since=str(since)))["entries"]
        )
        peak = bot.peak_megabytes()
    delays = sorted(at - began for at in told.values()) or [0.0]
    seconds = delays[-1]
    allowed = allowed_seconds(jobs, channels)
    say(
        "",
        f"{jobs} jobs that finish at once in {channels} channels, under the sandbox's limits",
        f"all told in {seconds:.1f} s; the limits allow {allowed:.1f} s; ratio {seconds / allowed:.3f} "
        f"(at most {MOST_TIMES_THE_LIMIT})",
        f"the first after {delays[0]:.1f} s, a tenth after {delays[len(delays) // 10]:.1f} s, "
        f"half after {delays[len(delays) // 2]:.1f} s",
        f"429s of our making: {limited.total()} {dict(limited) or ''}; resident at most {peak:.0f} MB",
    )
    return len(told) == jobs and seconds <= MOST_TIMES_THE_LIMIT * allowed and not limited


def allowed_seconds(jobs: int, channels: int) -> float:
    """Return how long the sandbox's limits make the last of that many posts wait."""
    in_a_channel = (-(-jobs // channels) - POST_BURST) / POSTS_PER_SECOND
    in_the_workspace = (jobs - WORKSPACE_POST_BURST) / (WORKSPACE_POSTS_PER_MINUTE / 60)
    return max(in_a_channel, in_the_workspace)


async def _prepare(
    control: Control, port: int, *, database_url: str, jobs: int, channels: int, folder: Path
) -> None:
    """Have every job worked on by Mux and every card say so, in a hurry."""
    bot = Child(
        bot_process.run,
        BotPlan(
            port=port,
            sandbox_url=control.sandbox_url,
            database_url=database_url,
            log_path=folder / "bot.log",
            timing=_HASTE,
        ),
    )
    try:
        await bot.first_word()
        places = [
            (await control.post("slack/channels", name=f"told-{number}"))["id"] for number in range(channels)
        ]
        for number in range(jobs):
            asset = (await control.post("mux/assets", title=f"Talk {number}", like=LIKE))["id"]
            if await control.type_command("U0ANA", places[number % channels], f"{asset} en") is None:
                raise FellOver("the bot did not answer a command")
        await _until_quiet(control, {"pending": jobs})
        await control.post("clock", advance_seconds=_JOB_SECONDS / 2)
        await _until_quiet(control, {"processing": jobs})
        await bot.stop()
    finally:
        if bot.code is None:
            await bot.kill()


async def _until_quiet(control: Control, jobs: dict[str, int]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        await control.post("clock", advance_seconds=_STEP_SECONDS)
        state = await control.readiness()
        quiet = state is not None and state["effects"] == 0 and state["inbox"] == 0
        if quiet and state is not None and state["jobs"] == jobs:
            return
        await asyncio.sleep(0.05)
    raise FellOver(f"the cards were not all posted: {await control.readiness()}")


async def _told(control: Control, jobs: int, since: int) -> dict[str, float]:
    """Return when each job's result was posted, by our id of the job."""
    told: dict[str, float] = {}
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while len(told) < jobs and time.monotonic() < deadline:
        await asyncio.sleep(1.0)
        news: dict[str, Any] = await control.get(
            "journal", kind="slack.effect", name="message.posted", since=str(since)
        )
        since = news["last"]
        for entry in news["entries"]:
            payload = ((entry["data"]["metadata"] or {}).get("event_payload")) or {}
            if payload.get("kind") == "result":
                told[payload["job"]] = entry["at"]
    return told
