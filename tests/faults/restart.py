"""A restart in order, as an upgrade does it, while people ask for captions."""

from __future__ import annotations

import asyncio
import time
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final

from tests.faults import bot_process, sandbox_process
from tests.faults.bot_process import HOST
from tests.faults.control import Control
from tests.faults.findings import gather
from tests.faults.judge import Asked, judge
from tests.faults.processes import Child, FellOver
from tests.faults.real_bot import RealBot, real_bot
from tests.faults.report import say
from tests.faults.sandbox_process import SandboxPlan
from tests.faults.stage import LIKE

_CHANNELS: Final = 10
_ACKS_BEFORE: Final = 3
"""After how many answers the bot is told to stop; the other commands are on their way then."""


async def run(commands: int, folder: Path, *, patience_seconds: float) -> bool:
    """Stop and start the bot amid so many commands; say whether each of them was done, and once."""
    port = bot_process.free_port()
    sandbox = Child(sandbox_process.run, SandboxPlan(bot_port=port, log_path=folder / "sandbox.log"))
    try:
        url = await sandbox.first_word()
        async with Control(url, f"http://{HOST}:{port}") as control:
            play = _Play(control, port, folder, patience_seconds)
            kept = await play.run(await _prepare(control, commands))
        await sandbox.stop()
    finally:
        if sandbox.code is None:
            await sandbox.kill()
    return kept


class _Play:
    """One restart: the commands before it, during it and after it, and what came of them."""

    def __init__(self, control: Control, port: int, folder: Path, patience_seconds: float) -> None:
        self._control = control
        self._port = port
        self._folder = folder
        self._patience_seconds = patience_seconds
        self._enough = asyncio.Event()
        self._answers = 0

    async def run(self, asked: list[Asked]) -> bool:
        """Return whether every command was done, and once."""
        stopped_seconds = await self._until_stopped(asked)
        answered = sum(one.acked for one in asked)
        began = time.monotonic()
        async with self._bot():
            ready_seconds = time.monotonic() - began
            for one in asked:
                # Slack told these people that the app did not answer, so they type it again.
                if not one.acked:
                    await self._type(one)
            await self._until_done()
            done_seconds = time.monotonic() - began
            verdict = judge(await gather(self._control, asked))
        kept = verdict.kept and verdict.jobs == len(asked) and all(one.acked for one in asked)
        say(
            "",
            f"restart amid {len(asked)} commands: {answered} answered, {len(asked) - answered} typed again",
            f"stopped after {stopped_seconds:.1f} s, ready again after {ready_seconds:.1f} s, "
            f"everything told and shared after {done_seconds:.0f} s",
            f"{verdict.jobs} jobs paid for {len(asked)} commands: "
            f"{'none lost, none twice' if kept else 'BROKEN'}",
            *verdict.remarks[:5],
        )
        return kept

    async def _until_stopped(self, asked: list[Asked]) -> float:
        """Let everybody type at once, stop the bot amid that, and return how long it took to stop."""
        async with asyncio.TaskGroup() as tasks:
            async with self._bot():
                for one in asked:
                    tasks.create_task(self._type(one))
                await self._enough.wait()
                told_at = time.monotonic()
            return time.monotonic() - told_at

    async def _type(self, one: Asked) -> None:
        asset = one.phrase.rpartition(" ")[2]
        text = f'{asset} en --phrase "{one.phrase}"'
        one.acked = await self._control.type_command("U0ANA", one.channel, text) is not None
        self._answers += one.acked
        if self._answers >= _ACKS_BEFORE:
            self._enough.set()

    def _bot(self) -> AbstractAsyncContextManager[RealBot]:
        return real_bot(
            self._control,
            port=self._port,
            database_url=f"sqlite+aiosqlite:///{self._folder / 'restart.db'}",
            folder=self._folder,
        )

    async def _until_done(self) -> None:
        deadline = time.monotonic() + self._patience_seconds
        while time.monotonic() < deadline:
            state = await self._control.readiness()
            if state is not None and not state.get("jobs") and state.get("effects") == 0:
                return
            await asyncio.sleep(0.25)
        raise FellOver(f"not everything was done: {await self._control.readiness()}")


async def _prepare(control: Control, commands: int) -> list[Asked]:
    channels = [(await control.post("slack/channels", name=f"restart-{n}"))["id"] for n in range(_CHANNELS)]
    asked = []
    for number in range(commands):
        asset = await control.post("mux/assets", id=_asset(number), title=f"Restart {number}", like=LIKE)
        asked.append(Asked(phrase=f"restart {asset['id']}", channel=channels[number % _CHANNELS]))
    return asked


def _asset(number: int) -> str:
    return f"restartAsset{number:05d}"
