"""What every test of looking at videos may ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.mux.client import MuxClient, connect
from bot.rules.pacing import Timing
from bot.store.database import Database
from bot.workers.submit import Submit
from tests.workers.prepare.world import Library, Texts, World
from tests.workers.working import always


@pytest.fixture
async def world(sqlite_store: Database, clock: Any) -> AsyncIterator[World]:
    mux = Library()
    async with connect("https://mux.test", "id", "secret", transport=httpx.MockTransport(mux)) as http:
        client = MuxClient(http, total_seconds=2.0, now=clock.now)
        texts = Texts()
        submit = Submit(sqlite_store, always(client), clock, timing=Timing(), jitter=lambda: 0.5, texts=texts)
        yield World(sqlite_store, clock, mux, client, submit, texts)
