"""Files what Mux sends, and applies it later, exactly once."""

from __future__ import annotations

from typing import Final

from bot.mux import wire
from bot.rules import fixing
from bot.rules.pacing import Timing, backoff
from bot.services import claiming, progress
from bot.services.claiming import Claim
from bot.store import inbox, jobs
from bot.store.inbox import Filed, InboxState
from bot.store.tx import Tx

GIVE_UP_AFTER: Final = 20
"""How often applying an event may fail before it is set aside; the poller ends the job all the same."""


def file(tx: Tx, *, account: str, event: wire.Event, raw: bytes) -> Filed | None:
    """File an event under its id and return it; a repetition changes nothing and gives None."""
    filed = Filed(
        source=f"mux:{account}",
        event_id=event.id,
        type=event.type,
        payload=raw.decode("utf-8", "replace"),
    )
    return filed if inbox.file(tx, filed) else None


def due_in(tx: Tx) -> float | None:
    """Return the seconds until the next event is due, None when all are dealt with."""
    due_at = inbox.next_due_at(tx)
    return None if due_at is None else due_at - tx.now


def waiting(tx: Tx, most: int) -> list[Filed]:
    """Return events that are due, oldest first; others may apply them meanwhile."""
    return inbox.due(tx, most)


def apply(tx: Tx, filed: Filed) -> bool:
    """Apply an event and close it in the same transaction; say whether it was still to be done.

    The job is locked first, so two that apply the same event at once do so one after the other.
    """
    event = wire.read_event(filed.payload.encode())
    report = event.report if event.edit is None else fixing.report_of(event.edit)
    account = filed.source.removeprefix("mux:")
    stored = (
        None
        if report is None
        else jobs.lock_found(tx, account=account, mux_id=report.mux_id, passthrough=report.passthrough)
    )
    if report is None or stored is None:
        return inbox.close(tx, filed, InboxState.IGNORED)
    if not inbox.close(tx, filed, InboxState.DONE):
        return False
    progress.apply_to(tx, stored, report)
    return True


def apply_and_claim(tx: Tx, filed: Filed, *, owner: str, timing: Timing) -> Claim | None:
    """Apply an event, and take the next message that is due: as a rule the one that the event asked for.

    What the event changed and the intent to send become durable together.
    """
    apply(tx, filed)
    return claiming.claim(tx, "slack", owner=owner, timing=timing)


def failed(tx: Tx, filed: Filed, *, error: str, jitter: float) -> None:
    """Put an event back because applying it raised; after too many times set it aside."""
    if not inbox.lock(tx, filed):
        return
    if filed.attempts + 1 >= GIVE_UP_AFTER:
        inbox.close(tx, filed, InboxState.DEAD, error=error)
    else:
        inbox.postpone(tx, filed, due_at=tx.now + backoff(filed.attempts, jitter), error=error)
