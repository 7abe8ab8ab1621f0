"""Everything that is declared is heard, and everything that is heard is declared."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpx
from slack_bolt import BoltResponse
from slack_bolt.request.async_request import AsyncBoltRequest
from starlette.routing import Route

from bot.ui import buttons, caption_modal, form_messages, home, settings_modal
from tests.manifest.declared import (
    HOST,
    SIGNING_SECRET,
    bolt_app,
    events,
    interactive,
    listening,
    request_urls,
)

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


def pressed(action_id: str) -> dict[str, Any]:
    return {"type": "block_actions", "actions": [{"type": "button", "action_id": action_id}]}


def signed(form: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    body = urlencode(form).encode()
    at = str(int(time.time()))
    digest = hmac.new(SIGNING_SECRET.encode(), b"v0:%s:%s" % (at.encode(), body), hashlib.sha256).hexdigest()
    return body, {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": at,
        "x-slack-signature": f"v0={digest}",
    }


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
