"""Files of Slack on their way to Mux."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, delete, select, update

from bot.store.schema import upload
from bot.store.tx import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """Where a file's bytes go at Mux, and what became of them.

    `url` is a secret: whoever has it may put bytes there. `sent_at` is when all of them may have been
    there, in seconds since the epoch, `asset_id` what Mux made of them.
    """

    upload_id: str
    url: str
    sent_at: float | None = None
    asset_id: str | None = None


_THE_FILE: Final = (
    upload.c.mux_account == bindparam("of_account"),
    upload.c.team_id == bindparam("of_team"),
    upload.c.file_id == bindparam("of_file"),
)
_GET: Final = select(upload.c.upload_id, upload.c.url, upload.c.sent_at, upload.c.asset_id).where(*_THE_FILE)
_CHANGE: Final = update(upload).where(*_THE_FILE)
_FORGET: Final = delete(upload).where(*_THE_FILE)


def get(tx: Tx, *, account: str, team_id: str, file_id: str) -> Upload | None:
    """Return what is known about a file, None when it was never to be sent."""
    row = tx.run(_GET, of_account=account, of_team=team_id, of_file=file_id).one_or_none()
    if row is None:
        return None
    return Upload(upload_id=row.upload_id, url=row.url, sent_at=row.sent_at, asset_id=row.asset_id)


def put(tx: Tx, *, account: str, team_id: str, file_id: str, upload_id: str, url: str) -> bool:
    """Remember where a file's bytes are to go; False when that is known already."""
    values = {
        "mux_account": account,
        "team_id": team_id,
        "file_id": file_id,
        "upload_id": upload_id,
        "url": url,
        "created_at": tx.now,
    }
    return tx.insert_once(upload, values, on=("mux_account", "team_id", "file_id"))


def note(tx: Tx, *, account: str, team_id: str, file_id: str, **details: Any) -> None:
    """Set `sent_at`, `asset_id` or `url`."""
    tx.run(_CHANGE, of_account=account, of_team=team_id, of_file=file_id, **details)


def forget(tx: Tx, *, account: str, team_id: str, file_id: str) -> None:
    """Forget a file, so that it is sent anew when it is asked for again."""
    tx.run(_FORGET, of_account=account, of_team=team_id, of_file=file_id)
