"""What the Web API and the people share: the workspace, its limits, and the line to the bot."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import aiohttp

from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faults import Faults
from bot.sandbox.journal import Journal
from bot.sandbox.slack.app import App
from bot.sandbox.slack.functions import Functions
from bot.sandbox.slack.limits import Limits
from bot.sandbox.slack.response_urls import ResponseUrls
from bot.sandbox.slack.triggers import Triggers
from bot.sandbox.slack.uploads import Uploads
from bot.sandbox.slack.workspace import Workspace


class Reporter(Protocol):
    """Whoever tells the bot what Slack has to tell it."""

    async def report(self, event: dict[str, Any], place: str) -> None:
        """Send an event about this workspace, or about the organization `place`."""


class Core:
    """Holds one workspace's parts; between `start` and `stop` it can send requests to the bot.

    `app` is what it shares with other workspaces, something of its own unless given.
    """

    def __init__(
        self,
        config: SandboxConfig,
        clock: SandboxClock,
        journal: Journal,
        faults: Faults,
        app: App | None = None,
    ) -> None:
        self.config = config
        self.clock = clock
        self.journal = journal
        self.faults = faults
        self.app = app or App(config, clock, journal, faults)
        self.ids = self.app.ids
        self.sockets = self.app.sockets
        self.workspace = Workspace(config, clock, journal, self.ids)
        self.limits = Limits()
        self.triggers = Triggers(clock)
        self.response_urls = ResponseUrls(self.workspace)
        self.uploads = Uploads(self.workspace)
        self.functions = Functions(self.workspace, self.app)
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.reporter: Reporter | None = None
        self.app.joined(self)

    @property
    def scopes(self) -> tuple[str, ...]:
        """Return what the app was granted here; nothing where it is not installed."""
        installation = self.app.installation(self)
        return tuple(installation.scopes) if installation else ()

    @property
    def installed(self) -> bool:
        """Say whether the app is in this workspace."""
        return self.app.installation(self) is not None

    @property
    def org_wide(self) -> bool:
        """Say whether it is here because its organization has it."""
        installation = self.app.installation(self)
        return installation is not None and installation.place != self.config.team_id

    def knows(self, one: str) -> bool:
        """Say whether this is an id of something in this workspace, or a trigger id that it issued."""
        return self.workspace.knows(one) or self.triggers.knows(one)

    def report(self, event: dict[str, Any], *, place: str = "") -> None:
        """Tell the bot of something soon; `place` is the organization that it is about, if one is."""
        reporter = self.reporter
        if reporter is not None:
            self.later(0, lambda: reporter.report(event, place))

    async def start(self) -> None:
        """Open the line to the bot."""
        # Acks are timed on the sandbox's clock (see sender.py), so the session has no time-out of its own.
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))

    async def stop(self) -> None:
        """Give up what is still under way and close the line; safe to call twice."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """Return the HTTP session towards the bot.

        Raises:
            RuntimeError: before `start` and after `stop`.
        """
        if self._session is None:
            raise RuntimeError("the stand-in for Slack has not been started")
        return self._session

    def later(self, seconds: float, act: Callable[[], Awaitable[None]]) -> None:
        """Run `act` once `seconds` have passed on the sandbox's clock."""

        async def wait() -> None:
            await self.clock.sleep(seconds)
            await act()

        task = asyncio.get_running_loop().create_task(wait())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
