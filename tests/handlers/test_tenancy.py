"""Whom a bot serves, as far as its settings and its store decide it."""

from __future__ import annotations

import pytest

from bot import settings as setting
from bot.errors import OperatorError
from bot.services import workspaces
from bot.store.installations import Installation
from bot.vault import Vault, new_key
from handlers import tenancy

KEY = new_key()


def several(key: str = KEY):
    return setting.load(
        None,
        slack_client_id="1.2",
        slack_client_secret="client-secret",
        slack_signing_secret="signing",
        encryption_keys=key,
        public_url="https://bot.test/",
    )


async def test_who_has_installed_it_is_counted_and_nothing_is_told_at_an_unknown_address(sqlite_store, clock):
    new = Installation(place="T1", token=Vault([KEY]).seal("xoxb-1"))
    await sqlite_store.transaction(workspaces.install, new, expires_in=None)

    whom = await tenancy.several(several(), sqlite_store, clock, None, None)

    assert whom.found.workspace == "1 installed it; others do at https://bot.test/slack/install"
    assert whom.found.environment.startswith("0 connected")
    assert await whom.token_of("T1") == "xoxb-1"
    assert await whom.secrets_of("") is None
    assert await whom.secrets_of("unknown") is None


async def test_keys_that_do_not_open_what_is_stored_stop_the_start(sqlite_store, clock):
    new = Installation(place="T1", token=Vault([KEY]).seal("xoxb-1"))
    await sqlite_store.transaction(workspaces.install, new, expires_in=None)

    with pytest.raises(OperatorError, match="no key of ENCRYPTION_KEYS opens what is stored"):
        await tenancy.several(several(new_key()), sqlite_store, clock, None, None)
