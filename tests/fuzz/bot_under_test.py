"""The real app as it is wired, with vendors that cannot be reached, and everything that it logs."""

from __future__ import annotations

import io
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx

from bot import log
from bot import settings as setting
from bot.vault import new_key
from handlers.app import build
from tests.fuzz.attack import SIGNING_SECRET, WEBHOOK_SECRET

SECRETS: Final = (
    SIGNING_SECRET,
    WEBHOOK_SECRET,
    "xoxb-SECRET-token",
    "SECRET-mux-token",
    "SECRET-of-the-client",
    new_key(),
)
_NOBODY: Final = "http://127.0.0.1:1"
_ONE: Final = {
    "slack_bot_token": SECRETS[2],
    "mux_token_id": "made-up",
    "mux_token_secret": SECRETS[3],
    "mux_webhook_secret": WEBHOOK_SECRET,
}
_SEVERAL: Final = {
    "slack_client_id": "1.2",
    "slack_client_secret": SECRETS[4],
    "encryption_keys": SECRETS[5],
    "public_url": "https://bot.test",
}


@asynccontextmanager
async def running(
    folder: Path, *, several: bool = False
) -> AsyncIterator[tuple[httpx.AsyncClient, io.StringIO]]:
    """Run the app on a fresh store, for one workspace or for `several`; yield a client of it, and its log."""
    settings = setting.load(
        None,
        slack_signing_secret=SIGNING_SECRET,
        slack_api_url=f"{_NOBODY}/api/",
        mux_base_url=_NOBODY,
        database_url=f"sqlite+aiosqlite:///{folder / 'fuzz.db'}",
        **(_SEVERAL if several else _ONE),
    )
    written = io.StringIO()
    log.configure(json=True, level="DEBUG")
    root = logging.getLogger()
    handler = logging.StreamHandler(written)
    handler.setFormatter(root.handlers[0].formatter)
    before = root.handlers[:]
    root.handlers[:] = [handler]
    app = build(settings)
    try:
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
                yield http, written
    finally:
        root.handlers[:] = before
