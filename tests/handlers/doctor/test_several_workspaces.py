"""The doctor where the app is in several workspaces."""

from __future__ import annotations

import re
from typing import Any

from bot.clock import SystemClock
from bot.rules.diagnosis.finding import Level
from bot.services import environments, workspaces
from bot.settings import Settings
from bot.store.database import Database
from bot.store.environments import Environment
from bot.store.installations import Installation
from bot.vault import Vault, new_key
from handlers.checks import vendors
from tests.handlers.doctor.town import Town, typed


async def two_tenants(town: Town) -> dict[str, Any]:
    """Install the app in two workspaces, one of which has connected Mux; return the settings for that."""
    key = new_key()
    vault, config = Vault([key]), town.config
    store = Database(town.settings.database_url, SystemClock())
    await store.open()
    for place, token, expires_in in (
        ("T0SANDBOX", config.slack_bot_token, None),
        ("T0NORTH", "xoxb-over", 1e-6),
    ):
        new = Installation(place=place, name=place.title(), installer_id="U0BEN", token=vault.seal(token))
        await store.transaction(workspaces.install, new, expires_in=expires_in)
    made = await store.transaction(
        environments.connect,
        Environment(
            account="",
            team_id="T0SANDBOX",
            environment_id="sandbx",
            token_id=vault.seal(config.mux_token_id),
            token_secret=vault.seal(config.mux_token_secret),
            connected_by="U0BEN",
        ),
    )
    assert made is not None
    await store.transaction(
        environments.told_by_webhook, made.account, webhook_id="w1", webhook_secret=vault.seal("hook-secret")
    )
    await store.close()
    return {
        "slack_bot_token": "",
        "slack_client_id": config.slack_client_id,
        "slack_client_secret": config.slack_client_secret,
        "encryption_keys": (key,),
        "mux_token_id": "",
        "mux_webhook_secret": (),
    }


async def test_several_workspaces_are_looked_at_side_by_side_by_their_names(town):
    changes = await two_tenants(town)
    given = Settings.model_validate({**town.settings.model_dump(), **changes})
    await town.run_bot(**{name: getattr(given, name) for name in changes})

    found = await town.examined(**changes)

    assert [each.code for each in found if each.level is Level.PROBLEM] == ["webhook_absent"]
    checks = {each.check for each in found if each.level is Level.OK}
    assert {"Slack token (T0Sandbox)", "Mux Robots (T0SANDBOX)", "OAuth credentials"} <= checks
    assert {"Encryption keys", "Install page", "Mux's way in", "Slack's way in"} <= checks
    # A token that is over is renewed by the bot alone.
    assert not any("T0North" in each.check for each in found)
    assert not [each for each in found if "/mux/webhooks/" in each.said and "/..." not in each.said]


async def test_whoever_installed_the_app_learns_of_their_own_workspace_alone(town):
    changes = await two_tenants(town)
    given = Settings.model_validate({**town.settings.model_dump(), **changes})
    await town.run_bot(**{name: getattr(given, name) for name in changes})

    _, then = await typed(town, "U0BEN")

    assert "Slack token" in then
    assert "Mux Robots" in then
    assert not {"T0NORTH", "Database", "Public address"} & set(re.findall(r"[A-Z][A-Za-z0-9]+", then))


async def test_many_workspaces_are_counted_and_not_all_asked():
    assert vendors.too_many(10, 10) == []
    assert "10 of 12 were looked at" in vendors.too_many(12, 10)[0].said
