"""The doors of a channel's settings: opened by a command, sent, and in force from then on."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from bot.errors import SlackRefused
from bot.rules.channel import ChannelOptions, SettingsForm
from bot.services import channel_settings
from bot.ui import settings_modal
from handlers.modals import apology

ASSET = "As5et1dAs5et1dAs5et1d"


async def send(doors: Any, *, phrases: str, user: str = "U1") -> dict[str, Any]:
    view = settings_modal.build(SettingsForm(channel_id="C1"))
    values = {
        "language": {"caption_language": {"selected_option": {"value": "de"}}},
        "phrases": {"caption_phrases": {"value": phrases}},
        "extras": {"caption_extras": {"selected_options": [{"value": "speakers"}]}},
    }
    body = {
        "type": "view_submission",
        "team": {"id": "T1", "domain": "films"},
        "user": {"id": user, "username": "ana", "team_id": "T1"},
        "view": {**view, "id": "V1", "team_id": "T1", "state": {"values": values}},
    }
    raw = urlencode({"payload": json.dumps(body)}).encode()
    response = await doors.slack(raw, "application/x-www-form-urlencoded")
    assert response.status_code == 200, response.text
    return dict(response.json())


def shown(part: Any) -> str:
    return json.dumps(part, ensure_ascii=False)


async def test_the_command_opens_the_form_with_what_is_set(doors) -> None:
    await send(doors, phrases="Mux\nHLS")
    response = await doors.command("settings", trigger_id="9.9.9")
    assert (response.status_code, response.content) == (200, b"")
    (view,) = doors.told.views
    assert (view["callback_id"], view["trigger_id"], view["token"]) == ("settings_modal", "9.9.9", "xoxb-T1")
    assert json.loads(view["private_metadata"]) == {"channel": "C1"}
    assert "Mux\\nHLS" in shown(view)
    assert "Last changed by <@U1>" in shown(view)


async def test_a_form_that_did_not_open_is_told_privately(doors) -> None:
    doors.told.view_error = SlackRefused("expired_trigger_id", method="views.open")
    await doors.command("settings")
    (answer,) = doors.told.answers
    assert "nothing was changed" in answer["text"]


async def test_saved_settings_are_in_force_for_commands_and_the_form(doors) -> None:
    answer = await send(doors, phrases="Mux\nHLS")
    assert answer["response_action"] == "update"
    assert "Saved for this channel." in shown(answer)
    here = await doors.command(ASSET)
    assert "2 phrases of this channel were added." in here.json()["text"]
    assert "2 phrases of this channel were added." in shown(here.json()["blocks"])
    there = await doors.command(ASSET, channel_id="C2", trigger_id="other")
    assert "of this channel" not in there.json()["text"]
    several = await doors.command(f"{ASSET} {ASSET}2 en")
    assert "2 phrases of this channel were added." in several.json()["text"]
    await doors.command("")
    (view,) = doors.told.views
    assert "Mux\\nHLS" in shown(view)
    assert '"value": "de"' in shown(view)


async def test_a_mistake_stays_in_the_form_at_its_field(doors) -> None:
    answer = await send(doors, phrases="Mux\n" + "x" * 51)
    assert answer["response_action"] == "errors"
    assert list(answer["errors"]) == ["phrases"]
    found = await doors.store.transaction(channel_settings.read, team_id="T1", channel_id="C1")
    assert found.options == ChannelOptions()


async def test_the_same_form_twice_changes_nothing_more(doors) -> None:
    await send(doors, phrases="Mux")
    again = await send(doors, phrases="Mux", user="U2")
    assert "Nothing was changed" in shown(again)


async def test_words_behind_the_command_are_refused(doors) -> None:
    response = await doors.command("settings please")
    assert "one word too many" in response.json()["text"]
    assert doors.told.views == []


def test_our_own_mistake_is_said_where_slack_shows_it() -> None:
    view = {"callback_id": settings_modal.CALLBACK_ID, "blocks": []}
    answer = apology({"type": "view_submission", "view": view}, "ref1")
    assert answer is not None
    assert list(answer["errors"]) == ["language"]
