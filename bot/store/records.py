"""Small tables: channels, the audit log, and what the installation knows of itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import bindparam, insert, select, update

from bot.store.job_rows import to_json
from bot.store.schema import audit, channel, meta
from bot.store.tx import Tx

_CHANNEL: Final = update(channel).where(
    channel.c.team_id == bindparam("of_team"), channel.c.channel_id == bindparam("of_channel")
)
_UNPARK: Final = _CHANNEL.where(channel.c.state == 1)
_PARKED: Final = select(channel.c.reason).where(
    channel.c.team_id == bindparam("of_team"),
    channel.c.channel_id == bindparam("of_channel"),
    channel.c.state == 1,
)
_OPTIONS: Final = select(channel.c.options).where(
    channel.c.team_id == bindparam("of_team"), channel.c.channel_id == bindparam("of_channel")
)
_AUDIT: Final = insert(audit)
_META: Final = select(meta.c.value).where(meta.c.key == bindparam("name"))


def know_channel(tx: Tx, *, team_id: str, channel_id: str, user_id: str, mux_account: str) -> None:
    """Remember a channel that captions are asked from, and which Mux account it uses."""
    values = {
        "team_id": team_id,
        "channel_id": channel_id,
        "mux_account": mux_account,
        "created_by": user_id,
        "created_at": tx.now,
        "updated_at": tx.now,
    }
    tx.insert_once(channel, values, on=("team_id", "channel_id"))


def park_channel(tx: Tx, *, team_id: str, channel_id: str, reason: str) -> None:
    """Mark a channel as one that refuses posts, with Slack's reason; its mapping is never deleted."""
    values = {"updated_at": tx.now, "state": 1, "reason": reason}
    tx.run(_CHANNEL, of_team=team_id, of_channel=channel_id, **values)


def unpark_channel(tx: Tx, *, team_id: str, channel_id: str) -> None:
    """Mark a channel as one that takes posts."""
    values = {"updated_at": tx.now, "state": 0, "reason": None}
    tx.run(_UNPARK, of_team=team_id, of_channel=channel_id, **values)


def parked_reason(tx: Tx, *, team_id: str, channel_id: str) -> str | None:
    """Return why the channel refuses posts, None when it does not."""
    reason: str | None = tx.run(_PARKED, of_team=team_id, of_channel=channel_id).value()
    return reason


def channel_options(tx: Tx, *, team_id: str, channel_id: str) -> dict[str, Any] | None:
    """Return what `set_channel_options` stored for the channel, None when there is nothing."""
    stored = tx.run(_OPTIONS, of_team=team_id, of_channel=channel_id).value()
    return None if stored is None else dict(json.loads(stored))


def set_channel_options(tx: Tx, *, team_id: str, channel_id: str, options: Mapping[str, Any]) -> None:
    """Store the options of a known channel as JSON, in place of those before."""
    values = {"updated_at": tx.now, "options": to_json(options)}
    tx.run(_CHANNEL, of_team=team_id, of_channel=channel_id, **values)


def audited(
    tx: Tx, *, team_id: str, user_id: str, action: str, job_id: int | None = None, **detail: Any
) -> None:
    """Append to the audit log: who did what, and to which job."""
    values = {
        "at": tx.now,
        "team_id": team_id,
        "user_id": user_id,
        "action": action,
        "job_id": job_id,
        "detail": to_json(detail),
    }
    tx.run(_AUDIT, **values)


def remembered(tx: Tx, key: str, value: str) -> str:
    """Return what is stored under `key`, storing `value` first when there is nothing yet."""
    known = tx.run(_META, name=key).value()
    if known is None:
        tx.insert_once(meta, {"key": key, "value": value}, on=("key",))
        known = tx.run(_META, name=key).value()
    return str(known)
