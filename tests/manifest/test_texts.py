"""Slack would take the manifest, and its texts are those of the bot."""

from __future__ import annotations

import json
import re
from typing import Final

import jsonschema
import pytest

from bot.rules import grammar
from bot.sandbox.page.offers import Offers
from handlers import shortcuts
from tests.manifest.declared import ROOT

SCHEMA: Final = ROOT.parent / "shared" / "specs" / "slack-manifest.schema.2.0.0.json"


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
