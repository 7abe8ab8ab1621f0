"""How a job is kept in its row: its values as JSON text, there and back."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Row

from bot.rules.differing import Difference
from bot.rules.edits import CaptionEdit
from bot.rules.jobs import Failure, Job, Outcome, ReplacedTrack, State
from bot.rules.links import Pointer
from bot.rules.request import CaptionRequest
from bot.rules.restoring import Restore
from bot.rules.saving import SavedTrack
from bot.rules.video import Video

_WITH_JSON: Final = ("video", "edit", "restore", "changes")


def encode(details: dict[str, Any]) -> dict[str, Any]:
    """Return details of a job as the columns that hold them."""
    encoded = dict(details)
    for name in ("outcome", "failure"):
        if encoded.get(name) is not None:
            encoded[name] = to_json(asdict(encoded[name]))
    for name in _WITH_JSON:
        if encoded.get(name) is not None:
            encoded[name] = to_json(encoded[name].to_json())
    if "saved" in encoded:
        encoded["saved"] = to_json([track.to_json() for track in encoded["saved"]])
    if "steps" in encoded:
        encoded["steps"] = to_json(encoded["steps"])
    if "request" in encoded:
        request = encoded.pop("request")
        encoded |= {"asset_id": request.asset_id, "params": to_json(request.to_json())}
    return encoded


def to_json(value: Any) -> str:
    """Return the text that a column holds."""
    return json.dumps(value, ensure_ascii=False)


def read(row: Row[Any], watchers: tuple[str, ...]) -> Job:
    """Return the job of a row."""
    return Job(
        id=row.public_id,
        state=State(row.state),
        request=CaptionRequest.from_json(json.loads(row.params)),
        team_id=row.team_id,
        channel_id=row.channel_id,
        user_id=row.user_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
        finished_at=row.finished_at,
        mux_id=row.mux_id,
        title=row.title,
        units_consumed=row.units_consumed,
        outcome=_outcome(row.outcome),
        failure=None if row.failure is None else Failure(**json.loads(row.failure)),
        watchers=watchers,
        warnings=tuple(json.loads(row.warnings)),
        duration_seconds=row.duration_seconds,
        video=None if row.video is None else Video.from_json(json.loads(row.video)),
        pointer=None if row.pointer is None else Pointer.from_json(json.loads(row.pointer)),
        thread_ts=row.thread_ts,
        retry_of=row.retry_of,
        stopped_by=row.stopped_by,
        next_job=row.next_job,
        next_by=row.next_by,
        edit=None if row.edit is None else CaptionEdit.from_json(json.loads(row.edit)),
        edit_of=row.edit_of,
        saved=() if row.saved is None else tuple(map(SavedTrack.from_json, json.loads(row.saved))),
        unsaved_by=row.unsaved_by,
        restore=None if row.restore is None else Restore.from_json(json.loads(row.restore)),
        steps=() if row.steps is None else tuple(json.loads(row.steps)),
        changes=None if row.changes is None else Difference.from_json(json.loads(row.changes)),
    )


def _outcome(stored: str | None) -> Outcome | None:
    if stored is None:
        return None
    values = json.loads(stored)
    replaced = tuple(ReplacedTrack(**track) for track in values.pop("replaced"))
    return Outcome(**values, replaced=replaced)
