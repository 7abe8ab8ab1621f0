"""The Mux environments that workspaces have connected, with their sealed tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, select, text, update

from bot.store.schema import mux_environment
from bot.store.tx import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A Mux environment of a workspace; without tokens it is disconnected, and its jobs wait.

    `account` is what jobs know it by. `hook` is the secret part of its webhook's address. Tokens and
    secrets are sealed.
    """

    account: str
    team_id: str
    environment_id: str
    environment_name: str = ""
    organization_name: str = ""
    token_id: str | None = field(default=None, repr=False)
    token_secret: str | None = field(default=None, repr=False)
    hook: str | None = field(default=None, repr=False)
    webhook_id: str | None = None
    webhook_secret: str | None = field(default=None, repr=False)
    connected_by: str = ""
    connected_at: float = 0.0
    updated_at: float = 0.0

    @property
    def connected(self) -> bool:
        """Whether Mux can be asked for it."""
        return self.token_secret is not None


_CONNECTED: Final = text("token_secret IS NOT NULL")
_OF: Final = select(mux_environment).where(mux_environment.c.account == bindparam("of"))
_OF_TEAM: Final = select(mux_environment).where(mux_environment.c.team_id == bindparam("team"), _CONNECTED)
_KNOWN: Final = select(mux_environment).where(
    mux_environment.c.team_id == bindparam("team"),
    mux_environment.c.environment_id == bindparam("environment"),
)
_BY_HOOK: Final = select(mux_environment).where(mux_environment.c.hook == bindparam("of"), _CONNECTED)
_CHANGE: Final = update(mux_environment).where(mux_environment.c.account == bindparam("of"))
_FORGET: Final = delete(mux_environment).where(mux_environment.c.team_id == bindparam("team"))
_ALL: Final = select(mux_environment).where(_CONNECTED).order_by(mux_environment.c.account)
_FIELDS: Final = tuple(Environment.__dataclass_fields__)


def get(tx: Tx, account: str) -> Environment | None:
    """Return an environment by the name that jobs know it under."""
    return _read(tx.run(_OF, of=account).one_or_none())


def of_team(tx: Tx, team_id: str) -> Environment | None:
    """Return the environment that a workspace has connected, None when it has none."""
    return _read(tx.run(_OF_TEAM, team=team_id).one_or_none())


def known(tx: Tx, *, team_id: str, environment_id: str) -> Environment | None:
    """Return what a workspace once connected, connected still or not."""
    return _read(tx.run(_KNOWN, team=team_id, environment=environment_id).one_or_none())


def by_hook(tx: Tx, hook: str) -> Environment | None:
    """Return the connected environment whose webhooks come in at `hook`."""
    return _read(tx.run(_BY_HOOK, of=hook).one_or_none())


def put(tx: Tx, new: Environment) -> None:
    """Store an environment in place of what was there under its account."""
    values = {name: getattr(new, name) for name in _FIELDS} | {"updated_at": tx.now}
    tx.replace_all(mux_environment, [values], on=("account",))


def set_webhook(tx: Tx, account: str, *, webhook_id: str, webhook_secret: str) -> None:
    """Note the webhook that Mux tells us by, and its sealed secret."""
    tx.run(_CHANGE, of=account, webhook_id=webhook_id, webhook_secret=webhook_secret, updated_at=tx.now)


def disconnect(tx: Tx, account: str) -> None:
    """Forget an environment's tokens and secrets; its jobs wait until it is connected again."""
    gone = dict.fromkeys(("token_id", "token_secret", "hook", "webhook_id", "webhook_secret"))
    tx.run(_CHANGE, of=account, updated_at=tx.now, **gone)


def remove(tx: Tx, team_id: str) -> None:
    """Forget everything of a workspace's environments."""
    tx.run(_FORGET, team=team_id)


def connected(tx: Tx) -> list[Environment]:
    """Return every connected environment."""
    return [found for row in tx.conn.execute(_ALL) if (found := _read(row)) is not None]


def reseal(tx: Tx, account: str, **sealed: str | None) -> None:
    """Replace sealed secrets by the same ones, sealed differently."""
    tx.run(_CHANGE, of=account, **sealed)


def _read(row: Row[Any] | None) -> Environment | None:
    return None if row is None else Environment(**{name: getattr(row, name) for name in _FIELDS})
