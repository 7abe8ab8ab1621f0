"""A workspace's token: read once a minute, refreshed by one of many, gone when the app is gone."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import NotReached, OutcomeUnknown, SlackRefused
from bot.services import workspaces
from bot.slack.apps import Grant
from bot.slack.tokens import NOT_INSTALLED
from bot.store.installations import Installation
from bot.vault import Vault, new_key
from bot.workers.tokens import CACHE_SECONDS, Tokens

VAULT = Vault([new_key()])
TWELVE_HOURS = 12 * 3600.0


class Apps:
    """Slack's side of a refresh; each refresh token works once."""

    def __init__(self) -> None:
        self.refreshed: list[str] = []
        self.error: Exception | None = None
        self.expires_in: float | None = TWELVE_HOURS

    async def refresh(self, refresh_token: str, *, client_id: str, client_secret: str) -> Grant:
        assert (client_id, client_secret) == ("1.2", "client-secret")
        await asyncio.sleep(0.01)
        if self.error is not None:
            raise self.error
        assert refresh_token not in self.refreshed, "a refresh token works once"
        self.refreshed.append(refresh_token)
        number = len(self.refreshed)
        return Grant(
            token=f"xoxb-new-{number}", refresh_token=f"xoxe-new-{number}", expires_in=self.expires_in
        )


@pytest.fixture
def apps() -> Apps:
    return Apps()


@pytest.fixture
def make(sqlite_store, clock, apps):
    def made() -> Tokens:
        return Tokens(sqlite_store, apps, VAULT, clock, client_id="1.2", client_secret="client-secret")

    return made


async def install(store, *, expires_in=None, place="T1", enterprise_id="", refresh="xoxe-1") -> None:
    new = Installation(
        place=place,
        enterprise_id=enterprise_id,
        token=VAULT.seal("xoxb-1"),
        refresh_token=VAULT.seal(refresh) if refresh else None,
    )
    await store.transaction(workspaces.install, new, expires_in=expires_in)


async def test_a_token_is_read_from_the_store_once_a_minute(make, sqlite_store, clock):
    await install(sqlite_store)
    tokens = make()
    assert await tokens("T1") == "xoxb-1"
    gone = {"at": clock.at + 1, "event_id": "Ev1", "with_mux": True}
    await sqlite_store.transaction(workspaces.uninstalled, "T1", **gone)

    assert await tokens("T1") == "xoxb-1"
    clock.forward(CACHE_SECONDS)
    with pytest.raises(SlackRefused, match="not_authed") as caught:
        await tokens("T1")
    assert caught.value.method == NOT_INSTALLED


async def test_what_is_forgotten_is_asked_for_again_at_once(make, sqlite_store, clock):
    await install(sqlite_store, place="E1", enterprise_id="E1")
    tokens = make()
    for _ in range(2):
        await tokens.learn(team_id="T7", enterprise_id="E1")
    assert await tokens("T7") == "xoxb-1"
    gone = {"at": clock.at + 1, "event_id": "Ev1", "with_mux": True}
    await sqlite_store.transaction(workspaces.uninstalled, "E1", **gone)
    tokens.forget("E1")

    with pytest.raises(SlackRefused):
        await tokens("T7")


async def test_a_token_that_is_about_to_end_is_refreshed_once_however_many_want_it(
    make, sqlite_store, clock, apps
):
    await install(sqlite_store, expires_in=TWELVE_HOURS)
    first, second = make(), make()
    clock.forward(11 * 3600)

    found = await asyncio.gather(*(tokens("T1") for tokens in (first, second) for _ in range(20)))

    assert apps.refreshed == ["xoxe-1"]
    assert set(found) <= {"xoxb-1", "xoxb-new-1"}
    clock.forward(CACHE_SECONDS)
    assert await second("T1") == "xoxb-new-1"


@pytest.mark.parametrize("error", [NotReached("no way"), SlackRefused("ratelimited_x", method="oauth")])
async def test_a_refresh_that_fails_leaves_a_token_that_still_works(make, sqlite_store, clock, apps, error):
    await install(sqlite_store, expires_in=TWELVE_HOURS)
    clock.forward(11 * 3600)
    apps.error = error

    assert await make()("T1") == "xoxb-1"
    apps.error = None
    assert await make()("T1") == "xoxb-new-1"


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (SlackRefused("invalid_refresh_token", method="oauth.v2.access"), "token_expired"),
        (SlackRefused("bad_client_secret", method="oauth.v2.access"), "bad_client_secret"),
        (OutcomeUnknown("lost"), "lost"),
    ],
)
async def test_without_a_token_that_works_the_reason_is_told(  # noqa: PLR0917 - four fixtures, two cases
    make, sqlite_store, clock, apps, error, raised
):
    await install(sqlite_store, expires_in=TWELVE_HOURS)
    clock.forward(13 * 3600)
    apps.error = error

    with pytest.raises(type(error), match=raised):
        await make()("T1")


async def test_a_token_that_cannot_be_refreshed_is_used_to_its_end(make, sqlite_store, clock, apps):
    await install(sqlite_store, expires_in=TWELVE_HOURS, refresh="")
    clock.forward(11 * 3600)

    assert await make()("T1") == "xoxb-1"
    assert apps.refreshed == []


async def test_while_another_process_refreshes_the_old_token_does_or_is_waited_for(make, sqlite_store, clock):
    await install(sqlite_store, expires_in=TWELVE_HOURS)
    clock.forward(11 * 3600)
    lock = {"owner": "another", "seconds": 60.0}
    await sqlite_store.transaction(workspaces.begin_refresh, "T1", **lock)
    assert await make()("T1") == "xoxb-1"

    clock.forward(3600)
    await sqlite_store.transaction(workspaces.leave_refresh, "T1", owner="another")
    await sqlite_store.transaction(workspaces.begin_refresh, "T1", **lock)
    with pytest.raises(Exception, match="another process has not refreshed"):
        await make()("T1")


async def test_an_installation_that_goes_during_a_refresh_is_gone(make, sqlite_store, clock):
    await install(sqlite_store, expires_in=TWELVE_HOURS)
    clock.forward(13 * 3600)
    tokens = make()
    held = await sqlite_store.transaction(workspaces.held, "T1")
    gone = {"at": clock.at + 1, "event_id": "Ev1", "with_mux": True}
    await sqlite_store.transaction(workspaces.uninstalled, "T1", **gone)

    with pytest.raises(SlackRefused):
        await tokens._fresh(held)
