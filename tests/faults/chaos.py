"""People who ask for captions while everything goes wrong and the bot is killed again and again."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.faults import bot_process, moving, sandbox_process
from tests.faults.bot_process import BOUNDARIES, HOST, BotPlan
from tests.faults.control import Control
from tests.faults.findings import gather, left, public_id, thrown
from tests.faults.judge import Asked, Evidence
from tests.faults.moving import Move
from tests.faults.orders import orders
from tests.faults.processes import Child, FellOver
from tests.faults.sandbox_process import SandboxPlan
from tests.faults.stage import JOBS_AN_ASSET, furnish

PEOPLE: Final = ("U0ANA", "U0BEN")
AT_ONCE: Final = 6
"""How many people type at the same time."""
CANCELLED: Final = 8
"""Every so many jobs are cancelled by whoever asked for them."""
AT_RANDOM: Final = "at a random moment"
_WORST: Final = ("submit.created", "delivery.posted")
_BOUNDARY_SECONDS: Final = 2.0
"""How long a life may last without passing the boundary that it was to end at."""
_LONGEST_LIFE_SECONDS: Final = 1.4
_ATTEMPTS: Final = 1_000
"""How often a person types the same thing again before the run is called a failure."""
_LATEST_PAID_SECONDS: Final = 20.0
_MOST: Final = 0.75
"""The share of jobs that are waited for before the faults end; some are cancelled before they are paid."""
_STOPS: Final = 0.06
"""The share of lives that end in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaosPlan:
    """One run.

    `patience_seconds` is how long after the last fault everything may take to come to rest. `job_seconds` is
    how long Mux takes: a job that is over can be paid a second time without a 409. `move_to` is where
    the store is taken half-way, if it is: an empty PostgreSQL.
    """

    jobs: int
    kills: int
    seed: int
    database_url: str
    folder: Path
    move_to: str = ""
    replicas: int = 1
    mutation: str = "none"
    job_seconds: float = 1.5
    patience_seconds: float = 240.0


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What a run did to the bot, and what the sandbox saw of it."""

    kills: Counter[str]
    stops: int
    evidence: Evidence
    thrown: Counter[tuple[str, str]]
    replayed: int
    rest_seconds: float
    wall_seconds: float
    moves: list[Move]
    unrest: str = ""


@dataclass(slots=True)
class Chaos:
    """Everything that one run holds."""

    plan: ChaosPlan
    port: int = field(default_factory=bot_process.free_port)
    kills: Counter[str] = field(default_factory=Counter)
    stops: int = 0
    moves: list[Move] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    _tried: Counter[str] = field(default_factory=Counter)
    _sent: int = 0
    _answered: int = 0
    _all_answered: asyncio.Event = field(default_factory=asyncio.Event)
    _random: random.Random = field(init=False)
    _control: Control = field(init=False)
    _living: list[Child] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.plan.seed)  # noqa: S311 - repeatable, not secret

    async def run(self) -> Outcome:
        """Play the whole run; whatever happens, no process is left.

        Raises:
            FellOver: when the bot ended without having been killed.
        """
        started = time.monotonic()
        sandbox = Child(
            sandbox_process.run,
            SandboxPlan(
                bot_port=self.port,
                log_path=self.plan.folder / "sandbox.log",
                seed=self.plan.seed,
                job_seconds=self.plan.job_seconds,
            ),
        )
        self._living.append(sandbox)
        try:
            url = await sandbox.first_word()
            async with Control(url, f"http://{HOST}:{self.port}") as self._control:
                outcome = await self._play()
            await sandbox.stop()
        finally:
            for child in self._living:
                if child.code is None:
                    await child.kill()
        outcome.wall_seconds = time.monotonic() - started
        return outcome

    async def _play(self) -> Outcome:
        channels, assets = await furnish(self._control, self.plan.jobs)
        for order in orders():
            await self._control.post("faults", **order)
        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(self._ask(channels, assets))
            for _ in range(self.plan.replicas):
                tasks.create_task(self._die_and_rise())
        return await self._come_to_rest()

    # People

    async def _ask(self, channels: list[str], assets: list[str]) -> None:
        while self._sent < self.plan.jobs:
            if not self._is_time():
                await asyncio.sleep(0.02)
                continue
            number, self._sent = self._sent, self._sent + 1
            channel, asset = self._random.choice(channels), assets[number // JOBS_AN_ASSET]
            await self._ask_until_answered(number, channel, asset)

    def _is_time(self) -> bool:
        """Spread the commands over the kills."""
        share = 1.0 if self._done_killing() else self.kills.total() / self.plan.kills
        return self._sent < self.plan.jobs * share + AT_ONCE

    async def _ask_until_answered(self, number: int, channel: str, asset: str) -> None:
        for attempt in range(_ATTEMPTS):
            phrase = f"take {number} try {attempt}"
            asked = Asked(phrase=phrase, channel=channel)
            self.asked.append(asked)
            person = self._random.choice(PEOPLE)
            text = f'{asset} en --no-upload --phrase "{phrase}"'
            shown = await self._control.type_command(person, channel, text)
            if shown is not None and shown["text"].startswith("Captioning "):
                asked.acked = True
                if number % CANCELLED == CANCELLED - 1:
                    await self._cancel(asked, person, public_id(shown))
                self._answered += 1
                if self._answered == self.plan.jobs:
                    self._all_answered.set()
                return
            await asyncio.sleep(self._random.uniform(0.05, 0.3))
        raise FellOver("the bot never answered a command")

    async def _cancel(self, asked: Asked, person: str, name: str) -> None:
        """Stop the job at a random moment of its life."""
        asked.cancelled = name
        await asyncio.sleep(self._random.uniform(0.0, 2.0))
        for _ in range(_ATTEMPTS):
            if await self._control.type_command(person, asked.channel, f"cancel {name}") is not None:
                return
            await asyncio.sleep(self._random.uniform(0.05, 0.3))
        raise FellOver("the bot never answered a cancel")

    # The bot

    def _done_killing(self) -> bool:
        return self.kills.total() >= self.plan.kills

    def _start(self, die_at: str = "") -> Child:
        child = Child(
            bot_process.run,
            BotPlan(
                port=self.port,
                sandbox_url=self._control.sandbox_url,
                database_url=self.plan.move_to if self.moves else self.plan.database_url,
                log_path=self.plan.folder / "bot.log",
                mutation=self.plan.mutation,
                die_at=die_at,
                passes=self._random.choice((1, 1, 1, 2)),
            ),
        )
        self._living.append(child)
        return child

    async def _die_and_rise(self) -> None:
        while not self._done_killing() or self._has_to_move():
            if self._is_half_way():
                await self._move()
            elif self._random.random() < _STOPS:
                child = self._start()
                await asyncio.sleep(self._random.uniform(0.3, _LONGEST_LIFE_SECONDS))
                await child.stop()
                self.stops += 1
            elif self._random.random() < 0.4:
                longest = _LONGEST_LIFE_SECONDS * self.plan.replicas
                await self._live(self._start(), self._random.uniform(0.1, longest), AT_RANDOM)
            else:
                boundary = min(BOUNDARIES, key=lambda name: (self._tried[name], self._random.random()))
                self._tried[boundary] += 1
                await self._live(self._start(boundary), _BOUNDARY_SECONDS * self.plan.replicas, boundary)
            self._living[:] = [child for child in self._living if child.code is None]
            await asyncio.sleep(self._random.uniform(0.0, 0.2))
        last = self._start()
        await self._all_answered.wait()
        await self._until_most_were_paid()
        await last.kill()

    async def _until_most_were_paid(self) -> None:
        """Let the requests that cost money meet the faults too, on a machine that is behind with them."""
        deadline, paid = time.monotonic() + _LATEST_PAID_SECONDS, 0
        while paid < self.plan.jobs * _MOST and time.monotonic() < deadline:
            await asyncio.sleep(0.2)
            paid = len((await self._control.get("journal", kind="mux.effect", name="job.created"))["entries"])

    def _has_to_move(self) -> bool:
        return bool(self.plan.move_to) and not self.moves

    def _is_half_way(self) -> bool:
        half_killed = self.kills.total() * 2 >= self.plan.kills
        return self._has_to_move() and half_killed and self._sent * 2 >= self.plan.jobs

    async def _move(self) -> None:
        """Kill the bot when a vendor did what its store knows nothing of, and take the store away then."""
        boundary = self._random.choice(_WORST)
        await self._live(self._start(boundary), _BOUNDARY_SECONDS, boundary)
        unfinished = moving.unfinished(self.plan.database_url)
        if unfinished.all_kinds:
            so_far = {"jobs_asked": self._sent, "jobs_answered": self._answered, "kills": self.kills.total()}
            moved = await moving.move(self.plan.database_url, self.plan.move_to)
            self.moves.append(Move(unfinished=unfinished, moved=moved, **so_far))

    async def _live(self, child: Child, seconds: float, boundary: str) -> None:
        if not await child.ended(seconds):
            await child.kill()
            self.kills[AT_RANDOM] += 1
        elif child.code == -9:
            self.kills[boundary] += 1
        else:
            raise FellOver(f"the bot ended by itself with {child.code}; see {self.plan.folder / 'bot.log'}")

    # The end

    async def _come_to_rest(self) -> Outcome:
        await self._control.clear_faults()
        started = time.monotonic()
        bots = [self._start() for _ in range(self.plan.replicas)]
        for bot in bots:
            await bot.first_word()
        unrest = await self._rest()
        rest_seconds = time.monotonic() - started
        # Every webhook of the whole run once more: none may change anything.
        replayed = await self._control.post("mux/webhooks/replay")
        await asyncio.sleep(min(20.0, 1.0 + len(replayed["replayed"]) / 250))
        unrest = unrest or await self._rest()
        for bot in bots:
            await bot.stop()
        return Outcome(
            kills=self.kills,
            stops=self.stops,
            evidence=await gather(self._control, self.asked),
            thrown=thrown(await self._control.get("journal", kind="fault")),
            replayed=len(replayed["replayed"]),
            rest_seconds=rest_seconds,
            wall_seconds=0.0,
            moves=self.moves,
            unrest=unrest,
        )

    async def _rest(self) -> str:
        """Wait until nothing is left to do; return what is, when patience ends."""
        deadline = time.monotonic() + self.plan.patience_seconds
        while True:
            state = await self._control.readiness()
            waiting = "the bot does not answer" if state is None else left(state)
            if not waiting:
                return ""
            if time.monotonic() > deadline:
                return waiting
            await asyncio.sleep(0.2)
