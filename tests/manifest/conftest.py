"""The manifest, and the real app as it is wired."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import yaml
from starlette.applications import Starlette

from bot import settings as setting
from handlers.app import build
from tests.manifest.declared import ROOT, SIGNING_SECRET


@pytest.fixture(scope="session")
def manifest() -> Any:
    return yaml.safe_load((ROOT / "manifest.yml").read_text())


@pytest.fixture
async def app(tmp_path) -> AsyncIterator[Starlette]:
    """The real app as it is wired, with a Slack and a Mux that cannot be reached."""
    settings = setting.load(
        None,
        slack_bot_token="xoxb-made-up",
        slack_signing_secret=SIGNING_SECRET,
        slack_api_url="http://127.0.0.1:1/api/",
        mux_token_id="made-up",
        mux_token_secret="made-up",
        mux_base_url="http://127.0.0.1:1",
        database_url=f"sqlite+aiosqlite:///{tmp_path / 'caption-bot.db'}",
    )
    app = build(settings)
    async with app.router.lifespan_context(app):
        yield app
