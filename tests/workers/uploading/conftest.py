"""What every test of uploads may ask for."""

from __future__ import annotations

from typing import Any

import pytest

from bot.store.database import Database
from tests.workers.uploading.world import FakeMux, FakeSlack, World


@pytest.fixture
def world(sqlite_store: Database, clock: Any) -> World:
    return World(sqlite_store, clock, FakeSlack(clock), FakeMux())
