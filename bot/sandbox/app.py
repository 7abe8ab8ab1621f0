"""The whole sandbox as one ASGI app: Slack, Mux, the page, and what drives them.

Serve it with `uvicorn.Config(app, http=HangupProtocol)` (see `faulty.py`), or connections that a fault is to
close without an answer end in a 500. `app.state.sandbox` holds the parts; call its `end_streams` before the
server waits for its connections, or an open page holds up the shutdown.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware

from bot.sandbox import mux as mux_room
from bot.sandbox import shared_control
from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faults import Faults
from bot.sandbox.guard import Guard
from bot.sandbox.journal import Journal
from bot.sandbox.media import load_clips
from bot.sandbox.mux import Estate
from bot.sandbox.page.routes import page_of
from bot.sandbox.slack import api, control, control_app
from bot.sandbox.slack.stand_in import Slack


class Sandbox:
    """Workspaces and Mux environments that share a clock, a journal and the faults."""

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.clock = SandboxClock()
        self.journal = Journal(self.clock.now)
        self.faults = Faults()
        self.slack = Slack(config, self.clock, self.journal, self.faults)
        self.estate = Estate(config, self.clock, self.journal, self.faults, load_clips())
        self.mux = self.estate.first
        self.page = page_of(self.slack, self.estate)

    def app(self) -> Starlette:
        """Return the app; its lifespan lets time do its work."""
        app = Starlette(
            routes=[
                *api.routes(self.slack),
                *control.routes(self.slack),
                *control_app.routes(self.slack),
                *self.estate.routes(mux_room.routes),
                *self.estate.routes(mux_room.control_routes),
                *shared_control.routes(self.clock, self.journal, self.faults),
                *self.page.routes(),
            ],
            middleware=[Middleware(Guard, public_url=self.config.public_url)],
            lifespan=self._lifespan,
        )
        app.state.sandbox = self
        return app

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        del app
        await self.slack.start()
        try:
            async with self.estate.running():
                yield
        finally:
            self.end_streams()
            await self.slack.stop()

    def end_streams(self) -> None:
        """End what open pages listen to; safe to call twice."""
        self.page.close()


def build(config: SandboxConfig) -> Starlette:
    """Return the sandbox for a configuration; nothing runs before its lifespan does."""
    return Sandbox(config).app()
