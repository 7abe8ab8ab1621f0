"""What people typed and have not sent off yet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select

from bot.store.schema import draft
from bot.store.tx import Tx


def add(tx: Tx, draft_id: str, *, team_id: str, user_id: str, kind: str, content: Mapping[str, Any]) -> None:
    """Keep what somebody typed; `kind` says what `content` means."""
    values = {
        "id": draft_id,
        "team_id": team_id,
        "user_id": user_id,
        "kind": kind,
        "content": json.dumps(content, ensure_ascii=False),
        "created_at": tx.now,
    }
    tx.conn.execute(insert(draft), values)


def get(tx: Tx, draft_id: str, *, team_id: str, user_id: str, kind: str) -> dict[str, Any] | None:
    """Return what this very person typed, None when there is nothing of that kind for them."""
    content = tx.conn.execute(
        select(draft.c.content).where(
            draft.c.id == draft_id,
            draft.c.team_id == team_id,
            draft.c.user_id == user_id,
            draft.c.kind == kind,
        )
    ).scalar_one_or_none()
    return None if content is None else dict(json.loads(content))


def forget(tx: Tx, draft_id: str) -> None:
    """Forget what was typed, because it is decided."""
    tx.conn.execute(delete(draft).where(draft.c.id == draft_id))


def purge(tx: Tx, *, before: float) -> int:
    """Forget what was typed before a time in seconds since the epoch, and say how much that was."""
    return tx.conn.execute(delete(draft).where(draft.c.created_at < before)).rowcount
