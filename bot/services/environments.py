"""Which Mux environment a workspace works in: connected, told by webhook, disconnected."""

from __future__ import annotations

import secrets
from dataclasses import replace

from bot.store import environments, records
from bot.store.environments import Environment
from bot.store.tx import Tx


def connect(tx: Tx, new: Environment) -> Environment | None:
    """Store a workspace's environment with its sealed token, and return it as it is known from now on.

    One that it was connected to before keeps its name, so that jobs which wait go on. None when another
    environment is connected; that one has to be disconnected first.
    """
    current = environments.of_team(tx, new.team_id)
    if current is not None and current.environment_id != new.environment_id:
        return None
    before = environments.known(tx, team_id=new.team_id, environment_id=new.environment_id)
    kept = replace(
        new,
        account=before.account if before is not None else f"m{secrets.token_hex(8)}",
        hook=(before.hook if before is not None else None) or secrets.token_urlsafe(24),
        webhook_id=before.webhook_id if before is not None else None,
        webhook_secret=before.webhook_secret if before is not None else None,
        connected_at=tx.now,
    )
    environments.put(tx, kept)
    records.audited(
        tx,
        team_id=new.team_id,
        user_id=new.connected_by,
        action="mux.connected",
        environment=new.environment_id,
    )
    tx.ring("mux")
    tx.ring("poll")
    tx.ring("catalogue")
    return kept


def told_by_webhook(tx: Tx, account: str, *, webhook_id: str, webhook_secret: str) -> None:
    """Note the webhook that Mux made for us, with its sealed secret."""
    environments.set_webhook(tx, account, webhook_id=webhook_id, webhook_secret=webhook_secret)


def disconnect(tx: Tx, *, team_id: str, user_id: str) -> Environment | None:
    """Forget a workspace's token and secrets; return what they were, None when there were none."""
    current = environments.of_team(tx, team_id)
    if current is None:
        return None
    environments.disconnect(tx, current.account)
    records.audited(
        tx,
        team_id=team_id,
        user_id=user_id,
        action="mux.disconnected",
        environment=current.environment_id,
    )
    return current


def of_team(tx: Tx, team_id: str) -> Environment | None:
    """Return the environment that a workspace has connected."""
    return environments.of_team(tx, team_id)


def of_account(tx: Tx, account: str) -> Environment | None:
    """Return the environment that jobs know under a name, connected or not."""
    return environments.get(tx, account)


def at_hook(tx: Tx, hook: str) -> Environment | None:
    """Return the connected environment whose webhooks come in at `hook`."""
    return environments.by_hook(tx, hook)


def connected(tx: Tx) -> list[Environment]:
    """Return every connected environment."""
    return environments.connected(tx)
