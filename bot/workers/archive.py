"""Deals with what finished jobs leave behind: files to keep, tracks to wait for, files to share."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable

from bot.clock import Clock
from bot.mux.accounts import MuxOf
from bot.mux.fetching import Files
from bot.rules.effects import Kind
from bot.rules.pacing import Timing
from bot.services import claiming
from bot.slack.client import SlackClient
from bot.slack.files import SlackFiles
from bot.slack.tokens import TokenOf
from bot.store.database import Database
from bot.workers.keeping import Keeping
from bot.workers.sharing import Sharing


class Archive:
    """Takes one effect at a time; several loops may share one of these.

    `public_url` is where people reach our own links, empty where they cannot; `token_of` gives a workspace's
    bot token.
    """

    bell = "archive"

    def __init__(
        self,
        store: Database,
        clock: Clock,
        *,
        slack: SlackClient,
        uploads: SlackFiles,
        mux_of: MuxOf,
        files: Files,
        token_of: TokenOf,
        timing: Timing,
        public_url: str,
        jitter: Callable[[], float] = random.random,
        reached: Callable[[str], None] = lambda _boundary: None,
    ) -> None:
        self._store = store
        self._timing = timing
        self._reached = reached
        self._keeping = Keeping(store, mux_of, files, jitter=jitter, reached=reached)
        self._sharing = Sharing(
            store,
            slack,
            uploads,
            clock,
            token_of=token_of,
            timing=timing,
            public_url=public_url,
            jitter=jitter,
            reached=reached,
        )

    async def step(self) -> int:
        """Deal with one effect; 0 when none is due."""
        taken = await self._store.transaction(
            claiming.claim, self.bell, owner=secrets.token_hex(8), timing=self._timing
        )
        if taken is None:
            return 0
        self._reached("archive.claimed")
        if taken.effect.kind is Kind.SHARE:
            await self._sharing.perform(taken)
        elif taken.effect.kind is Kind.TRACK:
            await self._keeping.look(taken)
        else:
            await self._keeping.fetch(taken)
        self._reached("archive.finished")
        return 1

    async def due_in(self) -> float | None:
        """Return the seconds until the next effect may be claimed."""
        return await self._store.transaction(claiming.due_in, self.bell)
