"""The doors over a real store, without workers: what comes in, and what is then on disk."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.routing import Route

from bot.metrics import Metrics
from bot.mux import wire
from bot.store import schema
from bot.store.database import Database
from handlers import slack
from handlers.commands import Commands
from handlers.ops import Ops
from handlers.webhooks import MuxWebhooks

SIGNING_SECRET = "signing-secret"
MUX_SECRETS = ("old-secret", "new-secret")
NOW = 1_790_000_000.0


class StoppedClock:
    """A clock that stands still, so that every signature is fresh."""

    def now(self) -> float:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(f"a door waited for {seconds} s")


@dataclass
class Doors:
    """Sends signed requests to the doors and looks at what they left in the store."""

    http: httpx.AsyncClient
    store: Database

    async def command(self, text: str, **fields: str) -> httpx.Response:
        form = {
            "command": "/caption",
            "text": text,
            "team_id": "T1",
            "channel_id": "C1",
            "channel_name": "films",
            "user_id": "U1",
            "user_name": "ana",
            "trigger_id": f"trigger-{len(text)}-{hash(text)}",
            "response_url": "http://127.0.0.1/never",
            **fields,
        }
        return await self.slack(urlencode(form).encode(), "application/x-www-form-urlencoded")

    async def slack(self, raw: bytes, content_type: str, **headers: str) -> httpx.Response:
        timestamp = headers.pop("timestamp", str(int(NOW)))
        base = b"v0:" + timestamp.encode() + b":" + raw
        signature = "v0=" + hmac.new(SIGNING_SECRET.encode(), base, hashlib.sha256).hexdigest()
        return await self.http.post(
            "/slack/events",
            content=raw,
            headers={
                "content-type": content_type,
                "x-slack-request-timestamp": timestamp,
                "x-slack-signature": headers.pop("signature", signature),
                **headers,
            },
        )

    async def webhook(self, event: Any, *, secret: str = MUX_SECRETS[0], at: float = NOW) -> httpx.Response:
        raw = event if isinstance(event, bytes) else json.dumps(event).encode()
        return await self.http.post(
            "/mux/webhooks", content=raw, headers={"mux-signature": wire.sign(raw, secret, at=int(at))}
        )

    async def counts(self) -> dict[str, int]:
        """How many rows each table has."""

        def count(tx: Any) -> dict[str, int]:
            return {
                table.name: tx.conn.execute(select(func.count()).select_from(table)).scalar_one()
                for table in schema.metadata.sorted_tables
            }

        return await self.store.transaction(count)


@pytest.fixture
async def doors(tmp_path: Path) -> AsyncIterator[Doors]:
    clock, metrics = StoppedClock(), Metrics()
    store = Database(f"sqlite+aiosqlite:///{tmp_path / 'doors.db'}", clock)
    await store.open()
    commands = Commands(store=store, mux_account="default", poll_in_seconds=30.0)
    bolt = slack.build(commands, web=AsyncWebClient(base_url="http://127.0.0.1:9/"), bot_token="xoxb-1")
    from_slack = slack.SlackEndpoint(
        bolt.async_dispatch, signing_secret=SIGNING_SECRET, clock=clock, metrics=metrics
    )
    from_mux = MuxWebhooks(store, clock, metrics, secrets=MUX_SECRETS, mux_account="default")
    ops = Ops(store=store, clock=clock, metrics=metrics, loops=())
    app = Starlette(
        routes=[
            Route("/slack/events", from_slack.receive, methods=["POST"]),
            Route("/mux/webhooks", from_mux.receive, methods=["POST"]),
            Route("/healthz", ops.healthz),
            Route("/readyz", ops.readyz),
            Route("/metrics", ops.scrape),
        ]
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
        yield Doors(http, store)
    await store.close()
