"""The local Mux: its parts put together, and what drives it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faults import Faults
from bot.sandbox.faulty import Thrower
from bot.sandbox.journal import Journal
from bot.sandbox.media import Clip
from bot.sandbox.mux.agenda import Agenda
from bot.sandbox.mux.answers import refusal
from bot.sandbox.mux.captioning import Captioning
from bot.sandbox.mux.catalogue import initial_assets
from bot.sandbox.mux.editing import Editing
from bot.sandbox.mux.hostile import Hostile
from bot.sandbox.mux.keys import SigningKeys
from bot.sandbox.mux.library import Library
from bot.sandbox.mux.listening import Listener, Transcriber, local_transcriber
from bot.sandbox.mux.meter import Meter
from bot.sandbox.mux.model import Asset
from bot.sandbox.mux.robots import Robots
from bot.sandbox.mux.storage import Storage
from bot.sandbox.mux.uploads import Uploads
from bot.sandbox.mux.webhooks import Webhooks


class Mux:
    """One Mux environment in memory.

    `media` are the sandbox's own clips by name. State moves with `clock`: every call to the API first does
    what is due, `tick` does so on demand, and `running` does so by itself. Webhooks only leave from
    `running` and from `tick`. `transcriber` takes the place of this machine's recogniser,
    `assets` that of the usual catalogue.
    """

    def __init__(
        self,
        config: SandboxConfig,
        clock: SandboxClock,
        journal: Journal,
        faults: Faults,
        media: Mapping[str, Clip],
        *,
        transcriber: Transcriber | None = None,
        assets: Iterable[Asset] | None = None,
    ) -> None:
        self.config = config
        self.clock = clock
        self.journal = journal
        self.agenda = Agenda(clock)
        self.thrower = Thrower(faults=faults, journal=journal, clock=clock, refusal=refusal)
        self.webhooks = Webhooks(
            config=config, clock=clock, journal=journal, faults=faults, agenda=self.agenda
        )
        self.library = Library(
            initial_assets(media, clock.now()) if assets is None else assets,
            agenda=self.agenda,
            webhooks=self.webhooks,
            journal=journal,
        )
        self.uploads = Uploads(config.public_url, library=self.library, webhooks=self.webhooks)
        self.storage = Storage(config.public_url, clock)
        self.listener = Listener(transcriber or local_transcriber(config), clock)
        self.robots = Robots(
            config=config,
            clock=clock,
            journal=journal,
            agenda=self.agenda,
            webhooks=self.webhooks,
            workflows=(
                Captioning(library=self.library, storage=self.storage, listener=self.listener),
                Editing(library=self.library, storage=self.storage),
            ),
        )
        self.meter = Meter(clock)
        self.keys = SigningKeys()
        self.hostile = Hostile(clock, journal)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def opens(self, token_id: str) -> bool:
        """Say whether this is one of the environment's access tokens."""
        return any(token.id == token_id for token in self.config.mux_tokens)

    def holds(self, one: str) -> bool:
        """Say whether an asset, playback id, upload or stored file of this name is here."""
        return (
            one in self.library.assets
            or self.uploads.knows(one)
            or self.storage.holds(one)
            or any(one == playback.id for a in self.library.assets.values() for playback in a.playback_ids)
        )

    async def tick(self) -> None:
        """Do everything that is due by the clock: jobs, tracks, transcriptions, webhooks, retries."""
        while True:
            self.agenda.run_due()
            await self.listener.finish()
            self.agenda.run_due()
            if not self.webhooks.due:
                return
            due = [self.webhooks.due.popleft() for _ in range(len(self.webhooks.due))]
            await asyncio.gather(*(self.webhooks.send(delivery) for delivery in due))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep time moving while the context is open, and put everything away after it."""
        driver = asyncio.ensure_future(self._drive())
        try:
            yield
        finally:
            try:
                await _cancel({driver, *self._tasks})
            finally:
                await self.close()

    async def close(self) -> None:
        """Give up transcriptions, close connections, delete added files; needed after `tick` alone."""
        await self.listener.stop()
        await self.webhooks.close()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def upload_folder(self) -> Path:
        """Return the folder of added files, which lives until `close`."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="caption-bot-media-")
        return Path(self._folder.name)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` beside everything else; the stand-in owns the task."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Wait until nothing is done beside the answers any more: fetching files, sending webhooks."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def _drive(self) -> None:
        while True:
            self.agenda.run_due()
            while self.webhooks.due:
                self.spawn(self.webhooks.send(self.webhooks.due.popleft()))
            await self.agenda.until_due()


async def _cancel(tasks: set[asyncio.Future[None]]) -> None:
    """End `tasks`; one that had already failed by itself is a bug, and raised."""
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome
