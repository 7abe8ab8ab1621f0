"""The app is taken out of a workspace, and a token is taken away."""

from __future__ import annotations

import pytest
from slack_bolt import BoltResponse
from slack_bolt.context.async_context import AsyncBoltContext

from bot.errors import SlackRefused
from bot.services import environments, workspaces
from bot.store.environments import Environment
from bot.store.installations import Installation
from bot.vault import Vault, new_key
from bot.workers.accounts import Accounts
from bot.workers.tokens import Tokens
from handlers.lifecycle import Lifecycle, authorize
from handlers.replying import promised

VAULT = Vault([new_key()])


class Mux:
    def __init__(self) -> None:
        self.deleted: list[str] = []

    async def delete_webhook(self, endpoint_id: str) -> None:
        self.deleted.append(endpoint_id)


@pytest.fixture
def mux() -> Mux:
    return Mux()


@pytest.fixture
async def lifecycle(sqlite_store, clock, mux) -> Lifecycle:
    tokens = Tokens(sqlite_store, None, VAULT, clock, client_id="1.2", client_secret="s")
    accounts = Accounts(sqlite_store, VAULT, clock, lambda *_token: mux, public_url="https://b.test")
    for place, enterprise in (("T1", ""), ("E1", "E1")):
        new = Installation(place=place, enterprise_id=enterprise, token=VAULT.seal(f"xoxb-{place}"))
        await sqlite_store.transaction(workspaces.install, new, expires_in=None)
    connected = Environment(
        account="",
        team_id="T1",
        environment_id="e1",
        token_id=VAULT.seal("i"),
        token_secret=VAULT.seal("s"),
        connected_by="U1",
    )
    made = await sqlite_store.transaction(environments.connect, connected)
    await sqlite_store.transaction(
        environments.told_by_webhook, made.account, webhook_id="w1", webhook_secret=VAULT.seal("h")
    )
    return Lifecycle(store=sqlite_store, tokens=tokens, accounts=accounts)


def told(clock, team="T1", **more):
    return {"team_id": team, "event_id": "Ev1", "event_time": int(clock.at) + 1, **more}


async def test_an_uninstall_forgets_every_token_at_once_and_the_webhook_afterwards(lifecycle, clock, mux):
    context = AsyncBoltContext()
    assert await lifecycle.tokens("T1") == "xoxb-T1"

    await lifecycle.uninstalled(told(clock), context)

    with pytest.raises(SlackRefused):
        await lifecycle.tokens("T1")
    assert await lifecycle.store.transaction(environments.connected) == []
    assert mux.deleted == []
    await promised(context)()
    assert mux.deleted == ["w1"]


async def test_of_revoked_tokens_only_a_bots_counts_and_mux_stays_connected(lifecycle, clock):
    people_only = {"tokens": {"oauth": ["U1"]}}
    await lifecycle.revoked(told(clock), people_only, AsyncBoltContext())
    await lifecycle.revoked(told(clock), {}, AsyncBoltContext())
    assert await lifecycle.tokens("T1") == "xoxb-T1"

    await lifecycle.revoked(told(clock), {"tokens": {"bot": ["UBOT"]}}, AsyncBoltContext())

    with pytest.raises(SlackRefused):
        await lifecycle.tokens("T1")
    assert len(await lifecycle.store.transaction(environments.connected)) == 1


async def test_an_event_from_before_the_installation_changes_nothing(lifecycle, clock):
    context = AsyncBoltContext()
    await lifecycle.uninstalled(told(clock, event_time=None), context)

    assert promised(context) is None
    assert await lifecycle.tokens("T1") == "xoxb-T1"


@pytest.mark.parametrize(
    "body",
    [
        {"enterprise_id": "E1", "is_enterprise_install": True, "team_id": None},
        {"authorizations": [{"enterprise_id": "E1", "team_id": None, "is_enterprise_install": True}]},
    ],
)
async def test_an_organization_that_goes_is_told_from_its_workspaces(lifecycle, clock, body):
    await lifecycle.tokens.learn(team_id="T7", enterprise_id="E1")
    assert await lifecycle.tokens("T7") == "xoxb-E1"

    await lifecycle.uninstalled({**told(clock, team="T7"), **body}, AsyncBoltContext())

    with pytest.raises(SlackRefused):
        await lifecycle.tokens("T7")
    assert await lifecycle.tokens("T1") == "xoxb-T1"


@pytest.mark.parametrize(
    "body",
    [
        {"team_id": "T7"},
        {"team": {"id": "T7"}, "user": {"id": "U1"}},
        {"team": None, "user": {"id": "U1", "team_id": "T7"}},
        {"team": "T0", "user": "U1", "team_id": "T7"},
    ],
)
async def test_a_workspace_of_an_organization_is_learnt_from_what_happens_there(lifecycle, body):
    context = AsyncBoltContext({"is_enterprise_install": True, "enterprise_id": "E1"})

    async def follow() -> BoltResponse:
        return BoltResponse(status=200)

    assert (await lifecycle.learn(body, context, follow)).status == 200
    assert await lifecycle.tokens("T7") == "xoxb-E1"
    assert (await lifecycle.learn({}, AsyncBoltContext(), follow)).status == 200


async def test_bolt_is_given_no_token():
    given = await authorize(enterprise_id=None, team_id="T1")

    assert (given.team_id, given.bot_token, given.user_token) == ("T1", None, None)
