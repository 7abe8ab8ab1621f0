"""Every manifest that the command prints is one that Slack takes, and asks for no more than it needs."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
import yaml
from click.testing import CliRunner

from bot.sandbox.slack.functions import GENERATE
from handlers import cli
from handlers.manifest import REQUIRED, SCOPES, Feature, Wish, text

ROOT: Final = Path(__file__).parents[2]
SCHEMA: Final = ROOT.parent / "shared" / "specs" / "slack-manifest.schema.2.0.0.json"
HOST: Final = "https://captions.example.com"
SUBSETS: Final = [
    frozenset(chosen)
    for size in range(len(Feature) + 1)
    for chosen in itertools.combinations(tuple(Feature), size)
]
WISHES: Final = [
    Wish(public_url=HOST, socket=socket, oauth=oauth, features=features)
    for socket, oauth, features in itertools.product((False, True), (False, True), SUBSETS)
] + [
    Wish(public_url=HOST, socket=socket, oauth=oauth, workflow_step=True)
    for socket, oauth in itertools.product((False, True), (False, True))
]


def named(wish: Wish) -> str:
    step = ["step"] if wish.workflow_step else []
    parts = (
        "socket" if wish.socket else "http",
        *(["oauth"] if wish.oauth else []),
        *step,
        *sorted(wish.features),
    )
    return "+".join(parts)


def read(wish: Wish) -> Any:
    return yaml.safe_load(text(wish))


def printed(*arguments: str) -> Any:
    return CliRunner().invoke(cli.app, ["manifest", *arguments])


def test_the_file_in_the_repository_is_what_the_command_prints():
    assert printed().output == (ROOT / "manifest.yml").read_text()


@pytest.mark.parametrize("wish", WISHES, ids=named)
def test_slack_would_take_it(wish):
    if not SCHEMA.exists():
        pytest.skip("the manifest schema of Slack is not beside this repository")
    jsonschema.validate(read(wish), json.loads(SCHEMA.read_text()))


@pytest.mark.parametrize("wish", WISHES, ids=named)
def test_in_socket_mode_no_address_is_named_and_over_http_every_address_is_ours(wish):
    addresses = [word for word in json.dumps(read(wish)).split('"') if word.startswith("http")]
    assert all(each.startswith(f"{HOST}/slack/") for each in addresses)
    # People who install the app come in a browser, however Slack does.
    installed_at = [f"{HOST}/slack/oauth_redirect"] if wish.oauth else []
    assert (addresses == installed_at) == wish.socket
    assert read(wish)["settings"]["socket_mode_enabled"] == wish.socket


@pytest.mark.parametrize("wish", WISHES, ids=named)
def test_only_the_scopes_of_the_features_that_are_on_are_asked_for(wish):
    scopes = read(wish)["oauth_config"]["scopes"]
    optional = {scope for feature in wish.features for scope in SCOPES[feature]}
    assert set(scopes["bot"]) == {*REQUIRED, *optional}
    assert len(scopes["bot"]) == len(set(scopes["bot"]))
    assert set(scopes.get("bot_optional", ())) == optional


@pytest.mark.parametrize("wish", WISHES, ids=named)
def test_an_app_for_several_workspaces_hears_of_its_removal(wish):
    manifest = read(wish)
    heard = manifest["settings"].get("event_subscriptions", {}).get("bot_events", [])
    assert {"app_uninstalled", "tokens_revoked"}.issubset(heard) == wish.oauth
    redirects = manifest["oauth_config"].get("redirect_urls", [])
    assert redirects == ([f"{HOST}/slack/oauth_redirect"] if wish.oauth else [])


def test_only_an_app_with_a_step_has_a_function_and_hears_of_its_runs():
    plain, with_step = (read(Wish(public_url=HOST, workflow_step=wanted)) for wanted in (False, True))
    assert "functions" not in plain
    assert "function_executed" not in plain["settings"]["event_subscriptions"]["bot_events"]
    settings = with_step["settings"]
    assert "function_executed" in settings["event_subscriptions"]["bot_events"]
    assert (settings["org_deploy_enabled"], settings["function_runtime"]) == (True, "remote")
    assert printed("--workflow-step", "--public-url", HOST).output == text(
        Wish(public_url=HOST, workflow_step=True)
    )


def test_the_sandbox_plays_the_very_step_that_is_declared():
    [(callback_id, declared)] = read(Wish(workflow_step=True))["functions"].items()
    assert (callback_id, declared["title"]) == (GENERATE.callback_id, GENERATE.title)
    for kind, played in (("input_parameters", GENERATE.inputs), ("output_parameters", GENERATE.outputs)):
        properties, required = declared[kind]["properties"], declared[kind]["required"]
        shown = [(name, one["type"], one["title"], name in required) for name, one in properties.items()]
        assert shown == [(one.name, one.type, one.title, one.required) for one in played]


def test_the_command_takes_every_wish():
    asked = ["--public-url", f"{HOST}/", "--socket", "--oauth", "--without", "read-back"]
    expected = Wish(
        public_url=HOST, socket=True, oauth=True, features=frozenset(Feature) - {Feature.READ_BACK}
    )
    assert printed(*asked).output == text(expected)


def test_an_address_that_slack_would_refuse_is_refused_with_the_reason():
    refused = printed("--public-url", "http://captions.example.com")
    assert refused.exit_code == 2
    assert "--public-url must start with https://" in refused.output


def test_the_page_about_connecting_explains_every_scope():
    page = (ROOT / "docs" / "connect.md").read_text()
    table = page.partition("## What each scope is for")[2].partition("\n## ")[0]
    rows = [line.split("|") for line in table.splitlines() if line.startswith("| `")]
    explained = {scope: row for row in rows for scope in re.findall("`([^`]+)`", row[1])}
    assert set(explained) == {*REQUIRED, *(scope for scopes in SCOPES.values() for scope in scopes)}
    for feature, scopes in SCOPES.items():
        for scope in scopes:
            assert f"`--without {feature.value}`" in explained[scope][4]
