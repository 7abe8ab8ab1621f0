"""Whoever pastes one of the sandbox's blocks has a bot with settings that work."""

from __future__ import annotations

import pytest

from bot import settings as setting
from bot.sandbox.config import SandboxConfig
from handlers import sandbox_guide

CONFIG = SandboxConfig(public_url="http://127.0.0.1:3030", bot_url="http://127.0.0.1:3000")


def loaded(tmp_path, *blocks):
    file = tmp_path / ".env"
    file.write_text("\n".join(line for block in blocks for line in block(CONFIG)), encoding="utf-8")
    return setting.load(file)


@pytest.mark.parametrize(
    ("block", "by_socket", "several"),
    [
        pytest.param(sandbox_guide.by_http, False, False, id="HTTP"),
        pytest.param(sandbox_guide.by_socket, True, False, id="socket"),
        pytest.param(sandbox_guide.several, False, True, id="OAuth"),
    ],
)
def test_each_block_is_a_whole_configuration(tmp_path, block, by_socket, several):
    settings = loaded(tmp_path, sandbox_guide.everybody, block)
    assert (settings.by_socket, settings.several_workspaces) == (by_socket, several)
    assert settings.slack_api_url == "http://127.0.0.1:3030/api/"
    assert settings.slack_authorize_url == "http://127.0.0.1:3030/oauth/v2/authorize"
    assert settings.mux_base_url == "http://127.0.0.1:3030"
    assert settings.allow_private_hosts


def test_everything_that_can_be_opened_is_named_once():
    text = sandbox_guide.guide(CONFIG)
    for team in CONFIG.teams:
        assert text.count(f"{team.name} {team.id}") == 1
    assert text.count("Harbor Group E0HARBOR") == 1
    for environment in CONFIG.mux_environments:
        for token in environment.tokens:
            assert f"{environment.name}: {token.id}, {token.secret}" in text
    assert "http://127.0.0.1:3000/slack/install" in text
    settings = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert all("=" in line for line in settings)
