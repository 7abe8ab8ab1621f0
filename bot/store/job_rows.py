"""How a job is kept in its row: its values as JSON text, there and back."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import Row

from bot.rules.differing import Difference
from bot.rules.edits import CaptionEdit
from bot.rules.jobs import RANK, Failure, Job, Outcome, ReplacedTrack, State
from bot.rules.links import Pointer
from bot.rules.request import CaptionRequest
from bot.rules.restoring import Restore
from bot.rules.saving import SavedTrack
from bot.rules.video import Video

_WITH_JSON: Final = ("video", "edit", "restore", "changes")
# json.dumps would make one for each call.
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False)
_AS_GIVEN: Final = (
    "public_id",
    "passthrough",
    "request_key",
    "work_key",
    "team_id",
    "channel_id",
    "user_id",
    "mux_account",
    "next_poll_at",
    "thread_ts",
    "retry_of",
    "edit_of",
    "unsaved_by",
    "title",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """What a job starts from. `request_key` is unique per act of a person, `work_key` per running work."""

    public_id: str
    passthrough: str
    request_key: str
    work_key: str
    team_id: str
    channel_id: str
    user_id: str
    mux_account: str
    request: CaptionRequest
    warnings: tuple[str, ...]
    next_poll_at: float
    pointer: Pointer | None = None
    thread_ts: str | None = None
    retry_of: str | None = None
    edit: CaptionEdit | None = None
    edit_of: str | None = None
    unsaved_by: str | None = None
    steps: tuple[str, ...] = ()
    title: str = ""


def begin(new: NewJob, now: float) -> dict[str, Any]:
    """Return the columns of a new job's row."""
    return {
        **{name: getattr(new, name) for name in _AS_GIVEN},
        "asset_id": new.request.asset_id,
        "params": to_json(new.request.to_json()),
        "warnings": to_json(new.warnings),
        "state": State.REQUESTED.value,
        "rank": RANK[State.REQUESTED],
        "pointer": None if new.pointer is None else to_json(new.pointer.to_json()),
        "edit": None if new.edit is None else to_json(new.edit.to_json()),
        "steps": to_json(new.steps) if new.steps else None,
        "created_at": now,
        "updated_at": now,
    }


def begun(new: NewJob, now: float) -> Job:
    """Return the job of a row that `begin` made, as `read` would; without reading it back."""
    return Job(
        id=new.public_id,
        state=State.REQUESTED,
        request=new.request,
        team_id=new.team_id,
        channel_id=new.channel_id,
        user_id=new.user_id,
        created_at=now,
        updated_at=now,
        title=new.title,
        warnings=new.warnings,
        pointer=new.pointer,
        thread_ts=new.thread_ts,
        retry_of=new.retry_of,
        edit=new.edit,
        edit_of=new.edit_of,
        unsaved_by=new.unsaved_by,
        steps=new.steps,
    )


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
    return _ENCODER.encode(value)


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
