"""The doors over a real store, without workers: what comes in, and what is then on disk."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
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
from bot.rules.admission import Admission
from bot.store import schema
from bot.store.database import Database
from bot.workers.arrivals import Arrivals
from handlers import slack
from handlers.answering import Answering
from handlers.buttons import Buttons
from handlers.commands import Commands
from handlers.gate import Gate
from handlers.modals import Modals
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
class Told:
    """Stands in for Slack where private answers go; `error` is raised instead of hearing one."""

    answers: list[dict[str, Any]] = field(default_factory=list)
    views: list[dict[str, Any]] = field(default_factory=list)
    looked: int = 0
    error: Exception | None = None
    view_error: Exception | None = None

    async def respond(self, response_url: str, text: str, blocks: Any, **more: Any) -> None:
        if self.error is not None:
            raise self.error
        self.answers.append({"url": response_url, "text": text, "blocks": list(blocks), **more})

    async def post(self, token: str, channel: str, text: str, blocks: Any) -> None:
        self.answers.append({"token": token, "channel": channel, "text": text, "blocks": list(blocks)})

    async def views_open(self, token: str, trigger_id: str, view: Any) -> str:
        if self.view_error is not None:
            raise self.view_error
        self.views.append({**view, "trigger_id": trigger_id, "token": token})
        return f"V{len(self.views)}"

    async def views_update(self, token: str, view_id: str, view: Any, expected_hash: str = "") -> None:
        if self.view_error is not None:
            raise self.view_error
        self.views.append({**view, "id": view_id, "hash": expected_hash, "token": token})

    def look(self, _account: str) -> None:
        self.looked += 1


@dataclass
class Doors:
    """Sends signed requests to the doors and looks at what they left in the store."""

    http: httpx.AsyncClient
    store: Database
    told: Told
    seconds: Any = field(default_factory=itertools.count)

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

    async def press(
        self,
        action_id: str,
        value: str,
        *,
        user: str = "U1",
        channel: str = "C1",
        team: str = "T1",
        in_private: bool = False,
    ) -> dict[str, Any] | None:
        """Press a button and return the private answer that followed, None when there was none."""
        self.told.answers.clear()
        body = {
            "type": "block_actions",
            "team": {"id": team, "domain": "films"},
            "user": {"id": user, "username": "ana", "team_id": team},
            "channel": {"id": channel, "name": "films"},
            "container": {
                "type": "message",
                "message_ts": "1.1",
                "channel_id": channel,
                "is_ephemeral": in_private,
            },
            "response_url": "http://127.0.0.1/secret",
            "actions": [
                {"type": "button", "action_id": action_id, "block_id": f"job:{value}", "value": value}
            ],
        }
        response = await self.slack(
            urlencode({"payload": json.dumps(body)}).encode(), "application/x-www-form-urlencoded"
        )
        assert response.status_code == 200, response.text
        return self.told.answers[-1] if self.told.answers else None

    async def slack(self, raw: bytes, content_type: str, **headers: str) -> httpx.Response:
        # Slack signs anew whatever it sends, so two requests alike are two requests and no recording.
        timestamp = headers.pop("timestamp", str(int(NOW) - next(self.seconds) % 200))
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


async def token_of(team_id: str) -> str:
    return f"xoxb-{team_id}"


async def account_of(_team_id: str) -> str:
    return "default"


async def secrets_of(hook: str) -> tuple[str, tuple[str, ...]] | None:
    return None if hook else ("default", tuple(MUX_SECRETS))


@pytest.fixture
def admission() -> Admission:
    """Everybody may use the bot, as long as a test module does not say otherwise."""
    return Admission(guests=True, external=True)


@pytest.fixture
async def doors(tmp_path: Path, admission: Admission) -> AsyncIterator[Doors]:
    clock, metrics = StoppedClock(), Metrics()
    store = Database(f"sqlite+aiosqlite:///{tmp_path / 'doors.db'}", clock)
    await store.open()
    told = Told()
    modals = Modals(
        store=store,
        slack=told,  # type: ignore[arg-type]  # what it is told is all that a door needs
        token_of=token_of,
        account_of=account_of,
        poll_in_seconds=30.0,
        looked=told.look,
    )
    commands = Commands(store=store, modals=modals, account_of=account_of, poll_in_seconds=30.0)
    buttons = Buttons(
        store=store,
        slack=told,  # type: ignore[arg-type]  # only its private answers are heard
        account_of=account_of,
        poll_in_seconds=30.0,
    )
    bolt = slack.build(
        commands,
        buttons,
        modals,
        web=AsyncWebClient(base_url="http://127.0.0.1:9/"),
    )
    gate = Gate(admission=admission, modals=modals)
    answering = Answering(bolt.async_dispatch, metrics=metrics, gate=gate)
    from_slack = slack.SlackEndpoint(answering, signing_secret=SIGNING_SECRET, clock=clock)
    from_mux = MuxWebhooks(store, clock, metrics, Arrivals(store.bells), secrets_of=secrets_of)
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
        yield Doors(http, store, told)
    await store.close()
