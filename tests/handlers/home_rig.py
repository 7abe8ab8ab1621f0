"""A Home tab over a real store, and what people do there."""

from __future__ import annotations

import asyncio
from typing import Any

from slack_bolt.context.async_context import AsyncBoltContext

from bot.errors import NotConnected
from bot.services import environments
from bot.slack.values import Person
from bot.store.environments import Environment
from bot.workers.accounts import Connected
from handlers.home import Home
from handlers.modals import Modals
from handlers.replying import promised

MADE = Environment(
    account="m1", team_id="T1", environment_id="e1", environment_name="Production", organization_name="Films"
)


class Slack:
    """Hears what is published, opened and said."""

    def __init__(self) -> None:
        self.homes: list[dict[str, Any]] = []
        self.views: list[dict[str, Any]] = []
        self.posts: list[tuple[str, str]] = []
        self.admins: set[str] = set()
        self.error: Exception | None = None
        self.role_error: Exception | None = None

    async def views_publish(self, _token: str, user: str, view: Any) -> None:
        self._fail()
        self.homes.append({"user": user, **view})

    async def views_open(self, _token: str, _trigger: str, view: Any) -> str:
        self._fail()
        self.views.append(view)
        return "V1"

    async def views_update(self, _token: str, view_id: str, view: Any, _hash: str = "") -> None:
        self._fail()
        self.views.append({"id": view_id, **view})

    async def post(self, _token: str, channel: str, text: str, _blocks: Any) -> None:
        self._fail()
        self.posts.append((channel, text))

    async def person(self, _token: str, user_id: str) -> Person:
        if self.role_error is not None:
            raise self.role_error
        return Person(id=user_id, runs_workspace=user_id in self.admins)

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error


class Accounts:
    """Connects what it is told to connect."""

    def __init__(self, store) -> None:
        self.store = store
        self.error: Exception | None = None
        self.polled = ""
        self.wait = asyncio.Event()
        self.wait.set()

    async def connect(self, *, team_id: str, user_id: str, token_id: str, token_secret: str) -> Connected:
        await self.wait.wait()
        if self.error is not None:
            raise self.error
        new = Environment(
            **{
                **{name: getattr(MADE, name) for name in ("environment_id", "environment_name")},
                "account": "",
                "team_id": team_id,
                "token_id": token_id,
                "token_secret": token_secret,
                "connected_by": user_id,
            }
        )
        await self.store.transaction(environments.connect, new)
        return Connected(environment=MADE, polled=self.polled)

    async def disconnect(self, *, team_id: str, user_id: str) -> None:
        if self.error is not None:
            raise self.error
        await self.store.transaction(environments.disconnect, team_id=team_id, user_id=user_id)


class Ack:
    def __init__(self) -> None:
        self.said: dict[str, Any] | None = None

    async def __call__(self, **said: Any) -> None:
        self.said = said


class Rig:
    """A Home, and what people do there."""

    def __init__(self, store, *, several: bool = True) -> None:
        self.slack, self.accounts = Slack(), Accounts(store)

        async def account_of(_team_id: str) -> str:
            if not several:
                return "default"
            if await store.transaction(environments.of_team, "T1") is None:
                raise NotConnected
            return "m1"

        async def token_of(team_id: str) -> str:
            return f"xoxb-{team_id}"

        modals = Modals(
            store=store,
            slack=self.slack,
            token_of=token_of,
            account_of=account_of,
            poll_in_seconds=30.0,
            looked=lambda _account: None,
        )
        self.home = (
            Home(modals=modals, accounts=self.accounts)
            if several
            else Home(modals=modals, environment="Production of Films", polled="no webhook is set up")
        )

    async def opens(self, user="U1", **event) -> None:
        context = AsyncBoltContext()
        body = {"type": "event_callback", "authorizations": [{"team_id": "T1"}]}
        await self.home.opened(
            {"type": "app_home_opened", "user": user, "tab": "home", **event}, body, context
        )
        await self.follow(context)

    async def presses(self, action_id: str, user="U1") -> None:
        context, ack = AsyncBoltContext(), Ack()
        body = {
            "type": "block_actions",
            "team": {"id": "T1"},
            "user": {"id": user},
            "trigger_id": "t1",
            "actions": [{"action_id": action_id, "value": "home"}],
        }
        await self.home.pressed(ack, body, context)
        assert ack.said is not None
        await self.follow(context)

    async def sends(self, token_id="id-1", secret="secret-1", user="U1", *, late=False) -> dict[str, Any]:
        context, ack = AsyncBoltContext(), Ack()
        values = {
            "token_id": {"caption_token_id": {"value": token_id}},
            "token_secret": {"caption_token_secret": {"value": secret}},
        }
        body = {
            "type": "view_submission",
            "team": {"id": "T1"},
            "user": {"id": user},
            "view": {"id": "V1", "state": {"values": values}},
        }
        await self.home.submitted(ack, body, context)
        if late:
            self.accounts.wait.set()
        await self.follow(context)
        assert ack.said is not None
        return ack.said

    async def follow(self, context) -> None:
        work = promised(context)
        if work is not None:
            await work()
