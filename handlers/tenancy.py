"""Whom a bot serves: the one workspace of its settings, or every workspace that installs it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from bot.clock import Clock
from bot.mux.accounts import AccountOf, MuxOf
from bot.services import environments, workspaces
from bot.settings import Settings
from bot.slack.apps import SlackApps
from bot.slack.client import SlackClient
from bot.slack.tokens import TokenOf
from bot.store.database import Database
from bot.vault import Vault
from bot.workers.accounts import Accounts, OpenClient
from bot.workers.catalogue import Catalogue
from bot.workers.catalogues import Catalogues
from bot.workers.tokens import Tokens
from bot.workers.worker import Worker
from handlers import greeting
from handlers.greeting import Found
from handlers.lifecycle import Lifecycle

MUX_ACCOUNT: Final = "default"
"""The name of the one Mux environment that the settings describe."""

T = TypeVar("T")

SecretsOf = Callable[[str], Awaitable[tuple[str, tuple[str, ...]] | None]]
"""Gives the account and the signing secrets behind a webhook address, by the last part of that address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenancy:
    """Who is asked for what belongs to one workspace.

    `told` says whether Mux tells of an environment's jobs by webhook. `looked` is told the environment whose
    videos somebody is about to choose from. `several` is there where workspaces install the app themselves.
    """

    found: Found
    token_of: TokenOf
    mux_of: MuxOf
    account_of: AccountOf
    catalogue: Worker
    looked: Callable[[str], None]
    secrets_of: SecretsOf
    told: Callable[[str], bool] = lambda _account: False
    several: Several | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Several:
    """What only a bot of several workspaces has."""

    vault: Vault
    tokens: Tokens
    accounts: Accounts
    lifecycle: Lifecycle


async def one(
    settings: Settings, store: Database, clock: Clock, slack: SlackClient, open_client: OpenClient
) -> Tenancy:
    """Return the workspace and the environment of the settings.

    Raises:
        OperatorError: when Slack does not take the token.
    """
    token = settings.slack_bot_token.get_secret_value()
    mux = open_client(settings.mux_token_id, settings.mux_token_secret.get_secret_value())
    catalogue = Catalogue(store, mux, clock, account=MUX_ACCOUNT)
    secrets = tuple(secret.get_secret_value() for secret in settings.mux_webhook_secret)

    async def secrets_of(hook: str) -> tuple[str, tuple[str, ...]] | None:
        return None if hook else (MUX_ACCOUNT, secrets)

    return Tenancy(
        found=await greeting.greet(slack, token, mux),
        token_of=_always(token),
        mux_of=_always(mux),
        account_of=_always(MUX_ACCOUNT),
        catalogue=catalogue,
        looked=lambda _account: catalogue.want(),
        secrets_of=secrets_of,
    )


async def several(
    settings: Settings, store: Database, clock: Clock, apps: SlackApps, open_client: OpenClient
) -> Tenancy:
    """Return whatever workspaces have installed the app, now and later.

    Raises:
        OperatorError: when ENCRYPTION_KEYS do not open what is stored.
    """
    vault = Vault([key.get_secret_value() for key in settings.encryption_keys])
    tokens = Tokens(
        store,
        apps,
        vault,
        clock,
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret.get_secret_value(),
    )
    accounts = Accounts(store, vault, clock, open_client, public_url=settings.public_url)
    catalogues = Catalogues(store, accounts.client, clock)
    installed = [each for each in await store.transaction(workspaces.everywhere) if each.token is not None]
    connected = await store.transaction(environments.connected)
    for sealed in [each.token for each in installed] + [each.token_secret for each in connected]:
        vault.open(sealed or "")

    async def secrets_of(hook: str) -> tuple[str, tuple[str, ...]] | None:
        found = await store.transaction(environments.at_hook, hook) if hook else None
        return None if found is None else (found.account, accounts.opened(found))

    page = f"{settings.public_url.rstrip('/')}/slack/install"
    return Tenancy(
        found=Found(
            workspace=f"{len(installed)} installed it; others do at {page}",
            environment=f"{len(connected)} connected; each workspace connects its own in the Home tab",
        ),
        token_of=tokens,
        mux_of=accounts.client,
        account_of=accounts.of_team,
        catalogue=catalogues,
        looked=catalogues.want,
        secrets_of=secrets_of,
        told=accounts.tells,
        several=Several(
            vault=vault,
            tokens=tokens,
            accounts=accounts,
            lifecycle=Lifecycle(store=store, tokens=tokens, accounts=accounts),
        ),
    )


def _always(value: T) -> Callable[[str], Awaitable[T]]:
    """Return what answers the same for every workspace: there is only one."""

    async def answer(_name: str) -> T:
        return value

    return answer
