"""What the Slack app asks for is what the code uses: no more, no less."""

from __future__ import annotations

import ast
import hashlib
import hmac
import json
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpx
import jsonschema
import pytest
import yaml
from slack_bolt import BoltResponse
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.routing import Route

from bot import settings as setting
from bot.clock import SystemClock
from bot.rules import grammar
from bot.sandbox.page.offers import Offers
from bot.store.database import Database
from bot.ui import buttons, caption_modal, form_messages, home, settings_modal
from handlers import shortcuts, slack
from handlers.app import build
from handlers.buttons import Buttons
from handlers.commands import Commands
from handlers.home import Home
from handlers.modals import Modals

ROOT: Final = Path(__file__).parents[1]
SCHEMA: Final = ROOT.parent / "shared" / "specs" / "slack-manifest.schema.2.0.0.json"
HOST: Final = "https://YOUR-HOST"
SIGNING_SECRET: Final = "made-up-signing-secret"

# Which scopes each method of the Web API needs, with the bot's use of it: conversations.open is called for
# single people only. https://docs.slack.dev/reference/methods
NEEDED: Final[dict[str, set[str]]] = {
    "auth.test": set(),
    "chat.delete": {"chat:write"},
    "chat.postEphemeral": {"chat:write"},
    "chat.getPermalink": set(),
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "views.open": set(),
    "views.publish": set(),
    "views.update": set(),
}
NEEDED_TO_READ_BACK: Final[dict[str, set[str]]] = {
    "conversations.history": {"channels:history", "groups:history", "im:history", "mpim:history"},
    "conversations.open": {"im:write"},
    "conversations.replies": {"channels:history", "groups:history", "im:history", "mpim:history"},
}
NEEDED_FOR_FILES: Final[dict[str, set[str]]] = {
    "files.info": {"files:read"},
    "files.getUploadURLExternal": {"files:write"},
    "files.completeUploadExternal": {"files:write"},
    "files.delete": {"files:write"},
}
NEEDED_FOR_PEOPLE: Final[dict[str, set[str]]] = {"users.info": {"users:read"}}


PRESSED: Final = (
    buttons.CANCEL,
    buttons.RETRY,
    buttons.REPLACE,
    buttons.FILES_ONLY,
    buttons.FILES,
    buttons.STATUS,
    buttons.LIST_PAGE,
    buttons.LIST_TOP,
)
HEARD_BY_THE_FORM: Final = (form_messages.AGAIN, form_messages.REOPEN, "caption_video", "caption_language")


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


def pressed(action_id: str) -> dict[str, Any]:
    return {"type": "block_actions", "actions": [{"type": "button", "action_id": action_id}]}


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


def always(value: Any) -> Any:
    """Return what gives the same for every workspace."""

    async def answer(_name: str) -> Any:
        return value

    return answer


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


def called_methods() -> set[str]:
    """Every name of a Web API method that the client's code holds."""
    pages = [(ROOT / "bot" / "slack" / name).read_text() for name in ("client.py", "files.py")]
    tree = ast.parse("\n".join(page.replace("from __future__ import annotations", "") for page in pages))
    families = r"(?:auth|bookmarks|canvases|chat|conversations|files|pins|reactions|team|users|views)"
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(rf"{families}\.[A-Za-z.]+", node.value)
    }


def signed(form: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    body = urlencode(form).encode()
    at = str(int(time.time()))
    digest = hmac.new(SIGNING_SECRET.encode(), b"v0:%s:%s" % (at.encode(), body), hashlib.sha256).hexdigest()
    return body, {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": at,
        "x-slack-signature": f"v0={digest}",
    }


def test_slack_would_take_it(manifest):
    if not SCHEMA.exists():
        pytest.skip("the manifest schema of Slack is not beside this repository")
    jsonschema.validate(manifest, json.loads(SCHEMA.read_text()))


def test_every_text_is_within_slacks_limits(manifest):
    # https://docs.slack.dev/reference/app-manifest
    assert 1 <= len(manifest["display_information"]["name"]) <= 35
    assert 1 <= len(manifest["display_information"]["description"]) <= 140
    assert re.fullmatch("#[0-9a-f]{6}", manifest["display_information"]["background_color"])
    assert 1 <= len(manifest["features"]["bot_user"]["display_name"]) <= 80
    for command in manifest["features"]["slash_commands"]:
        assert re.fullmatch(r"/[a-z_-]{1,31}", command["command"])
        assert 1 <= len(command["description"]) <= 2000
        assert 1 <= len(command["usage_hint"]) <= 1000
        assert set(command) == {"command", "url", "description", "usage_hint", "should_escape"}
    assert set(manifest) == {"_metadata", "display_information", "features", "oauth_config", "settings"}


def test_every_command_is_described_as_its_help_does(manifest):
    usage = grammar.help_rows()[0]
    (command,) = manifest["features"]["slash_commands"]
    assert f"{command['command']} {command['usage_hint']}" == usage.syntax
    assert command["description"] == usage.meaning


def test_every_shortcut_is_within_slacks_limits(manifest):
    # https://docs.slack.dev/interactivity/implementing-shortcuts
    for shortcut in manifest["features"]["shortcuts"]:
        assert 1 <= len(shortcut["name"]) <= 24
        assert 1 <= len(shortcut["description"]) <= 150
        assert set(shortcut) == {"name", "type", "callback_id", "description"}
    assert {shortcut["callback_id"] for shortcut in manifest["features"]["shortcuts"]} == {
        shortcuts.GLOBAL,
        shortcuts.MESSAGE,
    }


def test_the_sandboxs_page_offers_the_same_shortcuts(manifest):
    offers = Offers()
    shown = {
        (kind, shortcut.callback_id, shortcut.label)
        for kind, offered in (("global", offers.global_shortcuts), ("message", offers.message_shortcuts))
        for shortcut in offered
    }
    declared = manifest["features"]["shortcuts"]
    assert shown == {(each["type"], each["callback_id"], each["name"]) for each in declared}


async def test_everything_that_can_be_pressed_sent_or_searched_in_is_heard_once(tmp_path):
    said = [
        *({"type": "block_actions", "actions": [{"action_id": each}]} for each in HEARD_BY_THE_FORM),
        *({"type": "block_suggestion", "action_id": each} for each in ("caption_video", "caption_language")),
        *(
            {"type": "view_submission", "view": {"type": "modal", "callback_id": each.CALLBACK_ID}}
            for each in (caption_modal, settings_modal, home)
        ),
        *(pressed(action_id) for action_id in (home.CAPTION, home.CONNECT, home.DISCONNECT)),
    ]
    bolt = bolt_app(tmp_path)
    for body in said:
        request = AsyncBoltRequest(body=body, mode="socket_mode")
        heard = [
            await listener.async_matches(req=request, resp=BoltResponse(status=200))
            for listener in bolt._async_listeners
        ]
        assert any(heard), body


async def test_every_listener_is_in_the_manifest_and_the_other_way_round(manifest, tmp_path):
    heard, unasked = await listening(manifest, tmp_path)
    assert all(len(listeners) == 1 for listeners in heard.values()), heard
    assert bool(unasked) <= interactive(manifest), "views, actions and options need interactivity"
    assert interactive(manifest) == bool(unasked or manifest["features"].get("shortcuts"))


async def test_every_command_is_answered_at_its_url(manifest, app):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as slack_itself:
        for command in manifest["features"]["slash_commands"]:
            form = {
                "command": command["command"],
                "text": "help",
                "team_id": "T1",
                "channel_id": "C1",
                "user_id": "U1",
                "trigger_id": "1.2.3",
            }
            body, headers = signed(form)
            answer = await slack_itself.post(command["url"].lower(), content=body, headers=headers)
            assert answer.status_code == 200
            assert command["command"] in answer.json()["text"]


async def test_every_url_is_a_route_that_takes_posts(manifest, app):
    routes = [route for route in app.router.routes if isinstance(route, Route)]
    posts = {route.path for route in routes if "POST" in (route.methods or ())}
    for url in request_urls(manifest):
        assert url.startswith(f"{HOST}/")
        assert urlsplit(url).path in posts
    assert "/slack/events" in {urlsplit(url).path for url in request_urls(manifest)}


def test_the_table_of_scopes_knows_every_method_that_the_client_calls():
    assert called_methods() == (
        set(NEEDED) | set(NEEDED_TO_READ_BACK) | set(NEEDED_FOR_FILES) | set(NEEDED_FOR_PEOPLE)
    )


def test_the_scopes_are_those_that_the_methods_need(manifest):
    scopes = manifest["oauth_config"]["scopes"]
    required = set().union(*NEEDED.values()) | {"commands"}
    optional = set().union(
        *NEEDED_TO_READ_BACK.values(), *NEEDED_FOR_FILES.values(), *NEEDED_FOR_PEOPLE.values()
    )
    assert set(scopes) == {"bot", "bot_optional"}
    assert sorted(scopes["bot_optional"]) == sorted(optional)
    assert sorted(scopes["bot"]) == sorted(required | optional)


def test_nothing_is_switched_on_that_is_not_handled(manifest):
    settings = manifest["settings"]
    assert set(manifest["features"]) <= {"app_home", "bot_user", "slash_commands", "shortcuts"}
    assert set(settings) <= {
        "event_subscriptions",
        "interactivity",
        "org_deploy_enabled",
        "socket_mode_enabled",
        "token_rotation_enabled",
    }
    assert not any(settings[name] for name in settings if name.endswith("_enabled"))
    assert manifest["features"]["app_home"]["home_tab_enabled"] == ("app_home_opened" in events(manifest))


def test_the_bot_may_write_to_people_directly(manifest):
    assert manifest["features"]["app_home"]["messages_tab_enabled"]
