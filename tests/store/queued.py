"""An event, a lane, and what stands of it."""

from __future__ import annotations

from sqlalchemy import text

from bot.store.inbox import Filed

EVENT = Filed(source="mux:default", event_id="e1", type="t", payload="{}")
LANE = "slack:T1:C1"


def lane_row(tx, name: str = LANE):
    return tx.conn.execute(text("SELECT * FROM lane WHERE lane = :name"), {"name": name}).one()
