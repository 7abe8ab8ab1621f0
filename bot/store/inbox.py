"""The inbox: what vendors sent, filed by event id before it is answered, applied later, exactly once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from sqlalchemy import Update, bindparam, func, select, text, update

from bot.store.schema import inbox
from bot.store.tx import Tx


class InboxState(IntEnum):
    """What became of an event."""

    NEW = 0
    DONE = 1
    IGNORED = 2
    DEAD = 3
    """Applying it failed too often; the poller still brings the job to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """One event as it was filed; `payload` is the raw body that its signature covered."""

    source: str
    event_id: str
    type: str
    payload: str
    attempts: int = 0


_DUE: Final = (
    select(inbox.c.source, inbox.c.event_id, inbox.c.type, inbox.c.payload, inbox.c.attempts)
    .where(text("state = 0"), inbox.c.due_at <= bindparam("now"))
    .order_by(inbox.c.due_at)
    .limit(bindparam("most"))
)
_LOCK: Final = (
    select(inbox.c.event_id)
    .where(
        inbox.c.source == bindparam("source"), inbox.c.event_id == bindparam("event_id"), text("state = 0")
    )
    .with_for_update(skip_locked=True)
)
_NEXT_DUE: Final = select(func.min(inbox.c.due_at)).where(text("state = 0"))
_ANSWER: Final = select(inbox.c.payload).where(
    inbox.c.source == bindparam("source"), inbox.c.event_id == bindparam("event_id")
)
_CHANGE: Final = update(inbox).where(
    inbox.c.source == bindparam("from_source"), inbox.c.event_id == bindparam("of_event"), text("state = 0")
)
_POSTPONE: Final = _CHANGE.values(attempts=inbox.c.attempts + 1)


def file(tx: Tx, event: Filed) -> bool:
    """File an event; a second delivery changes nothing. Say whether it was the first."""
    values = {
        "source": event.source,
        "event_id": event.event_id,
        "type": event.type,
        "payload": event.payload,
        "received_at": tx.now,
        "due_at": tx.now,
    }
    return tx.insert_once(inbox, values, on=("source", "event_id"))


def remember(tx: Tx, *, source: str, event_id: str, answer: str) -> None:
    """Keep the answer to an act that is dealt with already, in case the act is delivered again."""
    values = {
        "source": source,
        "event_id": event_id,
        "type": "answered",
        "payload": answer,
        "received_at": tx.now,
        "due_at": tx.now,
        "state": int(InboxState.DONE),
    }
    tx.insert_once(inbox, values, on=("source", "event_id"))


def remembered(tx: Tx, *, source: str, event_id: str) -> str | None:
    """Return the answer that an act got the first time, None when it is new."""
    answer: str | None = tx.run(_ANSWER, source=source, event_id=event_id).value()
    return answer


def due(tx: Tx, most: int) -> list[Filed]:
    """Return up to `most` events that are due, oldest first, without locking them."""
    return [
        Filed(
            source=row.source,
            event_id=row.event_id,
            type=row.type,
            payload=row.payload or "",
            attempts=row.attempts,
        )
        for row in tx.run(_DUE, now=tx.now, most=most)
    ]


def lock(tx: Tx, event: Filed) -> bool:
    """Lock an event that is still new; say False when it is done, or somebody else is at it."""
    found = tx.run(_LOCK, source=event.source, event_id=event.event_id)
    return found.one_or_none() is not None


def next_due_at(tx: Tx) -> float | None:
    """Return when the next event is due, None when all are dealt with."""
    value = tx.run(_NEXT_DUE).value()
    return None if value is None else float(value)


def close(tx: Tx, event: Filed, state: InboxState, *, error: str | None = None) -> bool:
    """Say what became of an event; False when it is closed already, and nothing changes."""
    return _change(tx, _CHANGE, event, state=int(state), error=error)


def postpone(tx: Tx, event: Filed, *, due_at: float, error: str) -> None:
    """Try the event again at `due_at`, counting one more attempt."""
    _change(tx, _POSTPONE, event, due_at=due_at, error=error)


def _change(tx: Tx, statement: Update, event: Filed, **values: Any) -> bool:
    changed = tx.run(statement, from_source=event.source, of_event=event.event_id, **values)
    return changed.rowcount == 1
