"""Where the app is installed, with its sealed tokens, and installations that are just being made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, or_, select, update

from bot.store.schema import installation, oauth_state
from bot.store.tx import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """The app in one workspace, or in an organization for all of its workspaces.

    `place` is the id of either. Tokens are sealed; None stands for that of the organization
    `enterprise_id`. Times are seconds since the epoch.
    """

    place: str
    name: str = ""
    enterprise_id: str = ""
    bot_user_id: str = ""
    installer_id: str = ""
    scopes: str = ""
    token: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    expires_at: float | None = None
    installed_at: float = 0.0


_OF: Final = select(installation).where(installation.c.place == bindparam("of"))
_CHANGE: Final = update(installation).where(installation.c.place == bindparam("of"))
_FREE: Final = or_(
    installation.c.refreshing_until.is_(None), installation.c.refreshing_until < bindparam("now")
)
_LOCK: Final = _CHANGE.where(_FREE)
_UNLOCK: Final = _CHANGE.where(installation.c.refreshing_by == bindparam("owner"))
_FORGET: Final = delete(installation).where(installation.c.place == bindparam("of"))
_FORGET_MEMBERS: Final = (
    delete(installation)
    .where(installation.c.enterprise_id == bindparam("of"), installation.c.token.is_(None))
    .returning(installation.c.place)
)
_TAKE: Final = delete(oauth_state).where(
    oauth_state.c.state == bindparam("of"), oauth_state.c.expires_at > bindparam("now")
)
_PURGE: Final = delete(oauth_state).where(oauth_state.c.expires_at <= bindparam("now"))
_FIELDS: Final = tuple(Installation.__dataclass_fields__)


def get(tx: Tx, place: str) -> Installation | None:
    """Return what is known of a workspace or an organization."""
    row = tx.run(_OF, of=place).one_or_none()
    return None if row is None else _read(row)


def put(tx: Tx, new: Installation) -> bool:
    """Store an installation in place of the one before; say whether it is the first there."""
    before = get(tx, new.place)
    values = {name: getattr(new, name) for name in _FIELDS}
    values |= {"refreshing_by": None, "refreshing_until": None, "updated_at": tx.now}
    tx.replace_all(installation, [values], on=("place",))
    # A workspace that only belonged to its organization has not had the app of its own.
    return before is None or before.token is None


def join(tx: Tx, *, team_id: str, enterprise_id: str) -> None:
    """Note that a workspace belongs to an organization that installed the app for all of its own."""
    values = {
        "place": team_id,
        "enterprise_id": enterprise_id,
        "installed_at": tx.now,
        "updated_at": tx.now,
    }
    tx.insert_once(installation, values, on=("place",))


def remove(tx: Tx, place: str) -> list[str]:
    """Forget an installation and its tokens; return the workspaces that are without the app now."""
    gone = [row.place for row in tx.run(_FORGET_MEMBERS, of=place)]
    return [place, *gone] if tx.run(_FORGET, of=place).rowcount else gone


def lock(tx: Tx, place: str, *, owner: str, seconds: float) -> bool:
    """Take the right to refresh a token for some seconds; say whether nobody else has it."""
    locked = tx.run(_LOCK, of=place, now=tx.now, refreshing_by=owner, refreshing_until=tx.now + seconds)
    return locked.rowcount == 1


def refreshed(
    tx: Tx, place: str, *, owner: str, token: str, refresh_token: str, expires_at: float | None
) -> bool:
    """Store new tokens and give the right back; say False when it had passed to somebody else."""
    values = {"token": token, "refresh_token": refresh_token, "expires_at": expires_at, "updated_at": tx.now}
    free = {"refreshing_by": None, "refreshing_until": None}
    return tx.run(_UNLOCK, of=place, owner=owner, **values, **free).rowcount == 1


def unlock(tx: Tx, place: str, *, owner: str) -> None:
    """Give the right to refresh a token back without having done so."""
    tx.run(_UNLOCK, of=place, owner=owner, refreshing_by=None, refreshing_until=None)


def keep_state(tx: Tx, state: str, *, seconds: float) -> None:
    """Keep the hash of a state for some seconds; those whose time is over go."""
    tx.run(_PURGE, now=tx.now)
    tx.insert_once(oauth_state, {"state": state, "expires_at": tx.now + seconds}, on=("state",))


def take_state(tx: Tx, state: str) -> bool:
    """Use a state up; say whether it was there, which is true once however many ask."""
    return tx.run(_TAKE, of=state, now=tx.now).rowcount == 1


def everywhere(tx: Tx) -> list[Installation]:
    """Return every installation."""
    return [_read(row) for row in tx.conn.execute(select(installation).order_by(installation.c.place))]


def reseal(tx: Tx, place: str, *, token: str | None, refresh_token: str | None) -> None:
    """Replace the sealed tokens of an installation by the same ones, sealed differently."""
    tx.run(_CHANGE, of=place, token=token, refresh_token=refresh_token)


def _read(row: Row[Any]) -> Installation:
    return Installation(**{name: getattr(row, name) for name in _FIELDS})
