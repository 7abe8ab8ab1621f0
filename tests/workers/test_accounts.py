"""Which environment a workspace works in: connected by a token that Mux vouches for, told or asked."""

from __future__ import annotations

import pytest

from bot.errors import MuxRefused, NotConnected, NotDone, NotReached, UserError
from bot.mux.answers import Account
from bot.mux.hooks import Endpoint
from bot.mux.videos import Page
from bot.services import environments
from bot.vault import Vault, new_key
from bot.workers.accounts import CACHE_SECONDS, Accounts
from bot.workers.catalogues import Catalogues

WHO = {"team_id": "T1", "user_id": "U1"}
TOKEN = {"token_id": "id-1", "token_secret": "secret-1"}
FORBIDDEN = MuxRefused(status=403, code="forbidden", messages=())


class Mux:
    """One environment of Mux, as far as connecting it goes."""

    def __init__(self, token: tuple[str, str]) -> None:
        self.token = token
        self.environment = "env-1"
        self.permissions = frozenset({"robots:*", "system:write"})
        self.who_error: Exception | None = None
        self.hook_error: Exception | None = None
        self.endpoints: list[Endpoint] = []
        self.deleted: list[str] = []

    async def whoami(self) -> Account:
        if self.who_error is not None:
            raise self.who_error
        return Account(
            environment_id=self.environment,
            environment_name="Production",
            organization_id="o",
            organization_name="Films",
            token_name="t",
            permissions=self.permissions,
        )

    async def webhooks(self) -> list[Endpoint]:
        return self.endpoints

    async def create_webhook(self, address: str) -> Endpoint:
        if self.hook_error is not None:
            raise self.hook_error
        made = Endpoint(id=f"w{len(self.endpoints)}", address=address, secret="hook-secret")
        self.endpoints.append(made)
        return made

    async def delete_webhook(self, endpoint_id: str) -> None:
        if self.hook_error is not None:
            raise self.hook_error
        self.deleted.append(endpoint_id)
        self.endpoints = [each for each in self.endpoints if each.id != endpoint_id]

    async def assets(self, cursor: str | None = None) -> Page:
        del cursor
        return Page(videos=(), next_cursor=None)


@pytest.fixture
def mux() -> Mux:
    return Mux(("", ""))


@pytest.fixture
def accounts(sqlite_store, clock, mux) -> Accounts:
    def open_client(token_id: str, token_secret: str) -> Mux:
        mux.token = (token_id, token_secret)
        return mux

    vault = Vault([new_key()])
    return Accounts(sqlite_store, vault, clock, open_client, public_url="https://b.test/")


async def test_what_is_not_connected_is_said_to_people_and_waited_for_by_workers(accounts):
    with pytest.raises(NotConnected, match="not connected to Mux yet"):
        await accounts.of_team("T1")
    with pytest.raises(NotDone):
        await accounts.client("m1")


async def test_a_connected_environment_is_found_again_told_by_webhook_and_sealed(
    accounts, mux, query_on, sqlite_store, clock
):
    made = await accounts.connect(**WHO, **TOKEN)

    assert made.polled == ""
    account = await accounts.of_team("T1")
    assert account == await accounts.of_team("T1") == made.environment.account
    assert await accounts.client(account) is await accounts.client(account) is mux
    assert mux.token == ("id-1", "secret-1")
    assert accounts.tells(account)
    found = await sqlite_store.transaction(environments.of_account, account)
    assert accounts.opened(found) == ("hook-secret",)
    assert mux.endpoints[0].address == f"https://b.test/mux/webhooks/{found.hook}"
    stored = str(await query_on(sqlite_store)("SELECT * FROM mux_environment"))
    assert "secret" not in stored.replace("token_secret", "")
    clock.forward(CACHE_SECONDS)
    assert await accounts.client(account) is mux


@pytest.mark.parametrize(
    ("error", "said"), [(FORBIDDEN, "system:write"), (NotReached("no way"), "did not answer")]
)
async def test_without_a_webhook_mux_is_asked_and_it_is_said_why(accounts, mux, error, said):
    mux.hook_error = error

    made = await accounts.connect(**WHO, **TOKEN)

    assert said in made.polled
    assert not accounts.tells(made.environment.account)


async def test_a_webhook_whose_secret_was_lost_is_made_again_and_one_that_is_there_stays(
    accounts, mux, sqlite_store
):
    mux.hook_error = NotReached("no way")
    made = await accounts.connect(**WHO, **TOKEN)
    mux.hook_error = None
    mux.endpoints = [
        Endpoint(id="lost", address=f"https://b.test/mux/webhooks/{made.environment.hook}"),
        Endpoint(id="other", address="https://elsewhere.test/"),
    ]

    assert (await accounts.connect(**WHO, **TOKEN)).polled == ""
    assert mux.deleted == ["lost"]
    count = len(mux.endpoints)
    assert (await accounts.connect(**WHO, **TOKEN)).polled == ""
    assert len(mux.endpoints) == count
    assert len(await sqlite_store.transaction(environments.connected)) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"who_error": MuxRefused(status=401, code="unauthorized", messages=())}, "does not accept"),
        ({"who_error": FORBIDDEN}, "refused to say"),
        ({"permissions": frozenset({"video:*"})}, "may not run Robots jobs"),
        ({"environment": ""}, "which environment"),
    ],
)
async def test_a_token_that_will_not_do_is_explained_and_not_stored(
    accounts, mux, sqlite_store, change, said
):
    for name, value in change.items():
        setattr(mux, name, value)

    with pytest.raises(UserError, match=said):
        await accounts.connect(**WHO, **TOKEN)

    assert await sqlite_store.transaction(environments.connected) == []


async def test_a_token_of_another_environment_has_to_wait_until_the_first_is_disconnected(accounts, mux):
    await accounts.connect(**WHO, **TOKEN)
    mux.environment = "env-2"
    with pytest.raises(UserError, match="another environment"):
        await accounts.connect(**WHO, **TOKEN)

    await accounts.disconnect(**WHO)
    made = await accounts.connect(**WHO, **TOKEN)
    assert made.environment.environment_id == "env-2"


async def test_disconnecting_takes_the_webhook_away_if_mux_is_there(accounts, mux):
    made = await accounts.connect(**WHO, **TOKEN)
    await accounts.client(made.environment.account)
    await accounts.disconnect(**WHO)

    assert mux.deleted == ["w0"]
    with pytest.raises(NotConnected):
        await accounts.of_team("T1")
    with pytest.raises(NotDone):
        await accounts.client(made.environment.account)
    assert await accounts.disconnect(**WHO) is None
    await accounts.connect(**WHO, **TOKEN)
    mux.hook_error = NotReached("no way")
    assert await accounts.disconnect(**WHO) is not None


async def test_every_connected_environment_has_its_own_list_of_videos(accounts, sqlite_store, clock):
    catalogues = Catalogues(sqlite_store, accounts.client, clock)
    assert await catalogues.step() == 0
    assert await catalogues.due_in() is None
    first = (await accounts.connect(**WHO, **TOKEN)).environment.account
    second = (await accounts.connect(**{**WHO, "team_id": "T2"}, **TOKEN)).environment.account

    await catalogues.step()

    assert sorted(catalogues._each) == sorted([first, second])
    assert await catalogues.due_in() > 0
    clock.forward(100)
    catalogues.want(first)
    catalogues.want("unknown")
    assert await catalogues.due_in() <= 0
    await accounts.disconnect(**WHO)
    await catalogues.step()
    assert sorted(catalogues._each) == [second]
