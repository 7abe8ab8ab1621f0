"""The keys that tokens are encrypted with: made, changed, and nothing opened without them."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from bot.errors import OperatorError
from bot.services import environments, workspaces
from bot.store.database import Database
from bot.store.environments import Environment
from bot.store.installations import Installation
from bot.vault import Vault, new_key
from handlers import cli

OTHERS = {
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "client-secret",
    "SLACK_SIGNING_SECRET": "signing-secret",
    "PUBLIC_URL": "https://bot.test",
}


def keys(*words: str, **environment: str):
    return CliRunner().invoke(cli.app, ["keys", *words], env=environment)


@pytest.fixture
async def filled(sqlite_url, clock):
    """Return the URL of a store with two sealed tokens and a sealed environment, and the key of them."""
    key = new_key()
    vault = Vault([key])
    store = Database(sqlite_url, clock)
    await store.open()
    await store.transaction(
        workspaces.install,
        Installation(place="T1", token=vault.seal("xoxb-1"), refresh_token=vault.seal("xoxe-1")),
        expires_in=None,
    )
    await store.transaction(
        environments.connect,
        Environment(
            account="",
            team_id="T1",
            environment_id="e1",
            token_id=vault.seal("id-1"),
            token_secret=vault.seal("secret-1"),
            connected_by="U1",
        ),
    )
    await store.close()
    return sqlite_url, key


def test_a_new_key_is_printed_each_time():
    first, second = keys("new").stdout.strip(), keys("new").stdout.strip()

    assert first != second
    assert Vault([first]).open(Vault([first]).seal("text")) == "text"


async def test_after_a_rotation_the_new_key_alone_opens_everything(filled, clock, monkeypatch):
    url, old = filled
    fresh = new_key()
    for name, value in OTHERS.items():
        monkeypatch.setenv(name, value)

    done = await _in_thread(keys, "rotate", DATABASE_URL=url, ENCRYPTION_KEYS=f"{fresh},{old}")
    assert done.exit_code == 0, done.output
    assert "4 tokens and secrets" in done.output
    again = await _in_thread(keys, "rotate", DATABASE_URL=url, ENCRYPTION_KEYS=fresh)
    assert again.exit_code == 0, again.output

    store = Database(url, clock)
    await store.open()
    held = await store.transaction(workspaces.held, "T1")
    found = await store.transaction(environments.of_team, "T1")
    await store.close()
    assert Vault([fresh]).open(held.installation.token) == "xoxb-1"
    assert Vault([fresh]).open(held.installation.refresh_token) == "xoxe-1"
    assert Vault([fresh]).open(found.token_secret) == "secret-1"
    with pytest.raises(OperatorError):
        Vault([old]).open(found.token_secret)


async def test_a_rotation_without_the_old_key_changes_nothing_and_says_what_is_missing(filled, monkeypatch):
    url, old = filled
    for name, value in OTHERS.items():
        monkeypatch.setenv(name, value)

    refused = await _in_thread(keys, "rotate", DATABASE_URL=url, ENCRYPTION_KEYS=new_key())
    assert refused.exit_code == 2
    assert "no key of ENCRYPTION_KEYS opens what is stored" in refused.output
    assert (await _in_thread(keys, "rotate", DATABASE_URL=url, ENCRYPTION_KEYS=old)).exit_code == 0


async def test_a_rotation_of_nothing_says_so(sqlite_url):
    refused = await _in_thread(
        keys,
        "rotate",
        DATABASE_URL=sqlite_url,
        SLACK_BOT_TOKEN="xoxb-1",
        SLACK_APP_TOKEN="xapp-1",
        MUX_TOKEN_ID="id",
        MUX_TOKEN_SECRET="secret",
    )

    assert refused.exit_code == 2
    assert "ENCRYPTION_KEYS is missing" in refused.output


async def _in_thread(command, *words, **environment):
    import asyncio

    return await asyncio.to_thread(command, *words, **environment)
