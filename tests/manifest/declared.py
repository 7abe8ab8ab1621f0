"""What the manifest declares, and what hears it in the bot."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

from slack_bolt import BoltResponse
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import SystemClock
from bot.store.database import Database
from handlers import slack
from handlers.buttons import Buttons
from handlers.commands import Commands
from handlers.home import Home
from handlers.modals import Modals
from tests.workers.working import always

ROOT: Final = Path(__file__).parents[2]
HOST: Final = "https://YOUR-HOST"
SIGNING_SECRET: Final = "made-up-signing-secret"


def commands(manifest) -> list[str]:
    return [each["command"] for each in manifest["features"]["slash_commands"]]


def events(manifest) -> list[str]:
    subscribed: list[str] = manifest["settings"].get("event_subscriptions", {}).get("bot_events", [])
    return subscribed


def interactive(manifest) -> bool:
    return bool(manifest["settings"].get("interactivity", {}).get("is_enabled"))


def probes(manifest) -> dict[str, dict[str, Any]]:
    """Return what Slack sends for each thing that the manifest declares by name."""
    kinds = {"global": "shortcut", "message": "message_action"}
    shortcuts = manifest["features"].get("shortcuts", [])
    return {
        **{command: {"command": command} for command in commands(manifest)},
        **{
            each["callback_id"]: {"type": kinds[each["type"]], "callback_id": each["callback_id"]}
            for each in shortcuts
        },
        **{event: {"type": "event_callback", "event": {"type": event}} for event in events(manifest)},
    }


def bolt_app(tmp_path) -> Any:
    store = Database(f"sqlite+aiosqlite:///{tmp_path / 'unused.db'}", SystemClock())
    modals = Modals(
        store=store,
        slack=None,  # type: ignore[arg-type]  # nothing is opened here
        token_of=always("xoxb-made-up"),
        account_of=always("default"),
        poll_in_seconds=30.0,
        looked=lambda _account: None,
    )
    return slack.build(
        Commands(store=store, modals=modals, account_of=always("default"), poll_in_seconds=30.0),
        Buttons(
            store=store,
            slack=None,  # type: ignore[arg-type]  # nothing is pressed here
            account_of=always("default"),
            poll_in_seconds=30.0,
        ),
        modals,
        web=AsyncWebClient(),
        home=Home(modals=modals),
    )


def is_catch_all(listener: Any) -> bool:
    """Say whether it hears every event, so that none is left unanswered."""
    return bool(listener.ack_function.__name__ == "_unheard")


async def listening(manifest, tmp_path) -> tuple[dict[str, set[Any]], set[Any]]:
    """Return which listeners hear each declared thing, and those that hear none of them."""
    bolt = bolt_app(tmp_path)
    heard: dict[str, set[Any]] = {}
    for name, body in probes(manifest).items():
        request = AsyncBoltRequest(body=body, mode="socket_mode")
        heard[name] = {
            listener
            for listener in bolt._async_listeners
            if not is_catch_all(listener)
            and await listener.async_matches(req=request, resp=BoltResponse(status=200))
        }
    ours = {listener for listener in bolt._async_listeners if not is_catch_all(listener)}
    return heard, ours.difference(*heard.values())


def request_urls(manifest) -> list[str]:
    found = re.findall(r"https://[^\s\"']+", json.dumps(manifest))
    assert found
    return found
