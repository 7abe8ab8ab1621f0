"""Which Mux environment a workspace works in, where each connects one of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog

from bot.clock import Clock
from bot.errors import MuxRefused, NotConnected, NotDone, UserError, VendorError
from bot.mux.answers import Account
from bot.mux.client import MuxClient
from bot.services import environments
from bot.store.database import Database
from bot.store.environments import Environment
from bot.vault import Vault

CACHE_SECONDS: Final = 30.0
"""How long another process may still use what was disconnected; nothing worse than a wait comes of it."""

_UNAUTHORIZED: Final = 401

log = structlog.get_logger(__name__)

OpenClient = Callable[[str, str], MuxClient]
"""Makes a client of a Mux environment of a token's id and secret; whoever gave it closes what it made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """An environment that was connected just now; `polled` says why Mux cannot tell us by webhook."""

    environment: Environment
    polled: str = ""


class Accounts:
    """Clients of Mux by environment, and environments by workspace; `of_team` and `client` are cached."""

    def __init__(
        self, store: Database, vault: Vault, clock: Clock, open_client: OpenClient, *, public_url: str
    ) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._open_client = open_client
        self._public_url = public_url.rstrip("/")
        self._clients: dict[str, tuple[str, MuxClient, float]] = {}
        self._teams: dict[str, tuple[str, float]] = {}
        self._told: set[str] = set()

    async def client(self, account: str) -> MuxClient:
        """Return the client of an environment; a `MuxOf`.

        Raises:
            NotDone: when it is not connected (any more), so that what waits for it stays.
        """
        known = self._clients.get(account)
        if known is not None and self._clock.monotonic() < known[2]:
            return known[1]
        found = await self._store.transaction(environments.of_account, account)
        if found is None or found.token_id is None or found.token_secret is None:
            self._clients.pop(account, None)
            raise NotDone("its Mux environment is not connected")
        if known is not None and known[0] == found.token_secret:
            client = known[1]
        else:
            client = self._open_client(self._vault.open(found.token_id), self._vault.open(found.token_secret))
        (self._told.add if found.webhook_secret is not None else self._told.discard)(account)
        self._clients[account] = (found.token_secret, client, self._clock.monotonic() + CACHE_SECONDS)
        return client

    def tells(self, account: str) -> bool:
        """Say whether Mux tells by webhook of an environment's jobs, as far as this process knows."""
        return account in self._told

    async def of_team(self, team_id: str) -> str:
        """Return the environment that a workspace captions in; an `AccountOf`.

        Raises:
            NotConnected: when it has not connected one.
        """
        known = self._teams.get(team_id)
        if known is not None and self._clock.monotonic() < known[1]:
            return known[0]
        found = await self._store.transaction(environments.of_team, team_id)
        if found is None:
            self._teams.pop(team_id, None)
            raise NotConnected
        self._teams[team_id] = (found.account, self._clock.monotonic() + CACHE_SECONDS)
        return found.account

    async def connect(self, *, team_id: str, user_id: str, token_id: str, token_secret: str) -> Connected:
        """Connect a workspace to the environment of a token, once Mux says that it may run jobs there.

        Raises:
            UserError: when Mux does not take the token, it lacks a permission, or another environment is
                connected.
            VendorError: when Mux did not answer.
        """
        mux = self._open_client(token_id, token_secret)
        whose = await _recognised(mux)
        environment = await self._store.transaction(
            environments.connect,
            Environment(
                account="",
                team_id=team_id,
                environment_id=whose.environment_id,
                environment_name=whose.environment_name,
                organization_name=whose.organization_name,
                token_id=self._vault.seal(token_id),
                token_secret=self._vault.seal(token_secret),
                connected_by=user_id,
            ),
        )
        if environment is None:
            raise UserError(
                f"This token belongs to another environment ({whose.environment_name}) than the one that is "
                "connected. Disconnect that one first."
            )
        self.forget(team_id)
        log.info("mux.connected", team=team_id, account=environment.account)
        return Connected(environment=environment, polled=await self._ask_to_be_told(mux, environment))

    async def disconnect(self, *, team_id: str, user_id: str) -> Environment | None:
        """Forget a workspace's token; the webhook at Mux goes too, if Mux is there to be asked."""
        left = await self._store.transaction(environments.disconnect, team_id=team_id, user_id=user_id)
        self.forget(team_id)
        if left is not None:
            await self.withdraw(left)
        return left

    async def withdraw(self, left: Environment) -> None:
        """Forget an environment that was left, and take its webhook away at Mux if that can be done."""
        self._clients.pop(left.account, None)
        self._told.discard(left.account)
        if left.webhook_id is None or left.token_id is None or left.token_secret is None:
            return
        mux = self._open_client(self._vault.open(left.token_id), self._vault.open(left.token_secret))
        try:
            await mux.delete_webhook(left.webhook_id)
        except VendorError as error:
            log.warning("mux.webhook_stays", account=left.account, error=str(error))

    def forget(self, team_id: str) -> None:
        """Forget at once what is known of a workspace's environment in this process."""
        account, _until = self._teams.pop(team_id, ("", 0.0))
        self._clients.pop(account, None)

    def opened(self, environment: Environment) -> tuple[str, ...]:
        """Return the signing secrets of an environment's webhook; none when it has no webhook."""
        sealed = environment.webhook_secret
        return () if sealed is None else (self._vault.open(sealed),)

    async def _ask_to_be_told(self, mux: MuxClient, environment: Environment) -> str:
        """Register a webhook; return why Mux is asked about each job instead, empty when it is not."""
        if environment.webhook_id is not None and environment.webhook_secret is not None:
            return ""
        address = f"{self._public_url}/mux/webhooks/{environment.hook}"
        try:
            for endpoint in await mux.webhooks():
                # The answer to an earlier try was lost, and its secret with it.
                if endpoint.address == address:
                    await mux.delete_webhook(endpoint.id)
            made = await mux.create_webhook(address)
        except MuxRefused as error:
            log.info("mux.webhook_refused_by_mux", account=environment.account, code=error.code)
            return "this token may not add a webhook (system:write)"
        except VendorError as error:
            log.warning("mux.webhook_not_made", account=environment.account, error=str(error))
            return "Mux did not answer when it was asked for a webhook"
        await self._store.transaction(
            environments.told_by_webhook,
            environment.account,
            webhook_id=made.id,
            webhook_secret=self._vault.seal(made.secret),
        )
        return ""


async def _recognised(mux: MuxClient) -> Account:
    try:
        whose = await mux.whoami()
    except MuxRefused as error:
        if error.status == _UNAUTHORIZED:
            raise UserError(
                "Mux does not accept this token. Copy its ID and its secret once more; Mux shows the secret "
                "only when a token is made."
            ) from error
        raise UserError(f"Mux refused to say whose token this is ({error.status}).") from error
    if not any("robots" in permission for permission in whose.permissions):
        raise UserError(
            "This token may not run Robots jobs. Make a new one with the Robots permission; it cannot be "
            "added to an existing token."
        )
    if not whose.environment_id:
        raise UserError("Mux does not say which environment this token belongs to.")
    return whose
