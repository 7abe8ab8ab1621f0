"""Everything the store knows of one job: what was asked, by whom, what became of it, and its files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, bindparam, select

from bot.store import files
from bot.store.files import StoredFile
from bot.store.schema import archive, audit, effect, job, watcher
from bot.store.tx import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A job as it is stored; times are seconds since the epoch, JSON columns are read.

    `files` are every version of every file, with its bytes.
    """

    job: dict[str, Any]
    watchers: tuple[dict[str, Any], ...]
    effects: tuple[dict[str, Any], ...]
    audit: tuple[dict[str, Any], ...]
    archive: dict[str, Any] | None
    files: tuple[tuple[StoredFile, bytes], ...]


# Whoever has these could write to Mux, or read files, in our name; they prove nothing.
_SECRET: Final = frozenset({"request_key", "work_key", "offer"})
_JSON: Final = frozenset(
    {"params", "warnings", "outcome", "failure", "video", "pointer", "detail", "report", "problems"}
)
_JOB: Final = select(job).where(job.c.public_id == bindparam("name"))
_WATCHERS: Final = select(watcher).where(watcher.c.job_id == bindparam("job")).order_by(watcher.c.created_at)
_EFFECTS: Final = select(effect).where(effect.c.job_id == bindparam("job")).order_by(effect.c.id)
_AUDIT: Final = select(audit).where(audit.c.job_id == bindparam("job")).order_by(audit.c.id)
_ARCHIVE: Final = select(archive).where(archive.c.job_id == bindparam("job"))


def of_job(tx: Tx, public_id: str) -> Evidence | None:
    """Return what is known of the job with that id of ours, None when there is none."""
    found = _rows(tx, _JOB, name=public_id)
    if not found:
        return None
    row_id = found[0]["id"]
    left = _rows(tx, _ARCHIVE, job=row_id)
    return Evidence(
        job=found[0],
        watchers=_rows(tx, _WATCHERS, job=row_id),
        effects=_rows(tx, _EFFECTS, job=row_id),
        audit=_rows(tx, _AUDIT, job=row_id),
        archive=left[0] if left else None,
        files=tuple(
            (each, files.content(tx, each.id) or b"") for each in files.listed(tx, row_id, all_versions=True)
        ),
    )


def _rows(tx: Tx, statement: Select[Any], **parameters: Any) -> tuple[dict[str, Any], ...]:
    return tuple(
        {name: _value(name, value) for name, value in row.items() if name not in _SECRET}
        for row in tx.conn.execute(statement, parameters).mappings()
    )


def _value(name: str, value: Any) -> Any:
    return json.loads(value) if name in _JSON and isinstance(value, str) and value else value
