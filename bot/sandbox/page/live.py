"""The stream that keeps one open page up to date: Server-Sent Events.

A stream begins with everything, so a page that slept or lost its line misses nothing by connecting again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from typing import Any

from bot.sandbox.page.snapshot import Difference, Snapshot
from bot.sandbox.slack.model import Change
from bot.sandbox.slack.workspace import Workspace

HEARTBEAT_SECONDS = 10.0
# What Mux's side changes is not in the workspace's changes, so the page looks by itself as well.
LOOK_SECONDS = 1.0
# A card that changes ten times in a row is drawn once.
_GATHER_SECONDS = 0.02


class Live:
    """Streams for any number of pages, until it is closed."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        look_seconds: float = LOOK_SECONDS,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
    ) -> None:
        self._workspace = workspace
        self._look_seconds = look_seconds
        self._heartbeat_seconds = heartbeat_seconds
        self._closing = asyncio.Event()

    def close(self) -> None:
        """End every stream, or a server that waits for its connections would never stop."""
        self._closing.set()

    async def stream(
        self, viewer: str, draw: Callable[[], Snapshot], *, heard: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Yield events for one page; `heard` is the last event id that a returning page has seen."""
        queue = self._workspace.subscribe()
        told = Difference()
        silent_seconds = 0.0
        try:
            missed = self._workspace.changes.since(heard) if heard is not None else None
            for change in missed or []:
                if event := _toast(change, viewer):
                    yield event
            while not self._closing.is_set():
                now = draw()
                news = told.since(now)
                if news:
                    yield _event("state", news | _where(now), self._workspace.changes.seq)
                    silent_seconds = 0.0
                changes = await self._next(queue)
                for change in changes:
                    if event := _toast(change, viewer):
                        yield event
                silent_seconds += 0 if changes else self._look_seconds
                if silent_seconds >= self._heartbeat_seconds:
                    yield _event("beat", {}, self._workspace.changes.seq)
                    silent_seconds = 0.0
        finally:
            self._workspace.changes.unsubscribe(queue)

    async def _next(self, queue: asyncio.Queue[Change]) -> list[Change]:
        """Return what changed, gathered over a moment; nothing after a while without changes."""
        try:
            changes = [await asyncio.wait_for(queue.get(), self._look_seconds)]
        except TimeoutError:
            return []
        await asyncio.sleep(_GATHER_SECONDS)
        while not queue.empty():
            changes.append(queue.get_nowait())
        return changes


def _where(now: Snapshot) -> dict[str, Any]:
    return {"place": now.place, "thread": now.thread}


def _toast(change: Change, viewer: str) -> bytes | None:
    if change.kind != "toast" or change.user != viewer:
        return None
    return _event("toast", {"text": change.text}, change.seq)


def _event(name: str, data: dict[str, Any], seq: int) -> bytes:
    return f"event: {name}\nid: {seq}\ndata: {json.dumps(data)}\n\n".encode()
