"""How far each finished job's files and track are, and every try to share files in Slack."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert, select, text, update

from bot.rules.archive import Archive, FilesState, Offer, TrackState
from bot.rules.quality import Report
from bot.store.schema import archive, file, share
from bot.store.tx import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One try to share files: the ids that Slack gave them, in order.

    `intended_at` is when the request that shows them to people was about to be sent, `answered_at` when
    Slack said yes to it, both in seconds since the epoch; `ts` is the message, once it is known.
    """

    id: int
    slack_ids: tuple[str, ...]
    intended_at: float
    answered_at: float | None = None
    ts: str | None = None


_GET: Final = select(archive).where(archive.c.job_id == bindparam("job"))
_KINDS: Final = select(file.c.kind).where(file.c.job_id == bindparam("job")).distinct()
_CHANGE: Final = update(archive).where(archive.c.job_id == bindparam("job"))
_BY_TRACK: Final = select(archive.c.job_id).where(
    archive.c.mux_account == bindparam("account"),
    archive.c.track_id == bindparam("track"),
    text("track_state = 'preparing'"),
)
_SHARES: Final = select(share).where(share.c.effect_key == bindparam("key")).order_by(share.c.id)
_SHARE: Final = insert(share).returning(share.c.id)
_CHANGE_SHARE: Final = update(share).where(share.c.id == bindparam("row_id"))
_FORGET_SHARE: Final = delete(share).where(share.c.id == bindparam("row_id"))


def begin(tx: Tx, job_id: int, *, mux_account: str, track_id: str | None) -> bool:
    """Write down that a job's files are wanted, and its track if there is one; say whether that is new."""
    values = {
        "job_id": job_id,
        "state": FilesState.WAITING.value,
        "mux_account": mux_account,
        "track_id": track_id,
        "track_state": (TrackState.PREPARING if track_id else TrackState.NONE).value,
        "updated_at": tx.now,
    }
    return tx.insert_once(archive, values, on=("job_id",))


def get(tx: Tx, job_id: int, *, with_report: bool = False) -> Archive | None:
    """Return what is known of a job's files and track, None before anybody has begun with them.

    The report is left out unless it is asked for, and comes without its single findings.
    """
    row = tx.run(_GET, job=job_id).one_or_none()
    if row is None:
        return None
    return Archive(
        files=FilesState(row.state),
        reason=row.reason,
        said=row.said,
        kinds=tuple(sorted(tx.run(_KINDS, job=job_id).column())),
        report=Report.from_json(json.loads(row.report)) if with_report and row.report else None,
        track=TrackState(row.track_state),
        track_said=row.track_said,
        offer=None if row.offer is None else Offer.from_json(json.loads(row.offer)),
    )


def track_of(tx: Tx, job_id: int) -> str | None:
    """Return Mux's id of the track that a job attached."""
    row = tx.run(_GET, job=job_id).one_or_none()
    return None if row is None else row.track_id


def note_files(tx: Tx, job_id: int, state: FilesState, *, reason: str = "", said: str = "") -> None:
    """Write down how far a job's files are."""
    tx.run(_CHANGE, job=job_id, state=state.value, reason=reason, said=said, updated_at=tx.now)


def note_report(tx: Tx, job_id: int, report: Report) -> None:
    """Write down what was measured of a job's newest captions.

    Each finding is in the file of the report; messages need their numbers and the worst of them only.
    """
    content = json.dumps(replace(report, findings=()).to_json(), ensure_ascii=False)
    tx.run(_CHANGE, job=job_id, report=content, updated_at=tx.now)


def note_track(
    tx: Tx, job_id: int, state: TrackState, *, said: str = "", track_id: str | None = None
) -> None:
    """Write down how far a job's track is; `track_id` only when it is another one from now on."""
    changed = {} if track_id is None else {"track_id": track_id}
    tx.run(_CHANGE, job=job_id, track_state=state.value, track_said=said, updated_at=tx.now, **changed)


def note_offer(tx: Tx, job_id: int, offer: Offer | None) -> None:
    """Write down our own links to a job's files, or that none are needed."""
    content = None if offer is None else json.dumps(offer.to_json(), ensure_ascii=False)
    tx.run(_CHANGE, job=job_id, offer=content, updated_at=tx.now)


def awaiting(tx: Tx, *, account: str, track_id: str) -> list[int]:
    """Return the row ids of the jobs whose track that is, and which wait for it."""
    return tx.run(_BY_TRACK, account=account, track=track_id).column()


def shares(tx: Tx, effect_key: str) -> list[Share]:
    """Return every try to share files for that effect, oldest first."""
    return [_read(row) for row in tx.run(_SHARES, key=effect_key)]


def intend_share(tx: Tx, *, job_id: int, effect_key: str, slack_ids: tuple[str, ...]) -> int:
    """Write down which files are about to be shown to people; return the try's id."""
    values = {
        "job_id": job_id,
        "effect_key": effect_key,
        "slack_ids": json.dumps(slack_ids),
        "intended_at": tx.now,
    }
    return int(tx.run(_SHARE, **values).value())


def note_share(tx: Tx, share_id: int, **details: Any) -> None:
    """Set `answered_at` or `ts`."""
    tx.run(_CHANGE_SHARE, row_id=share_id, **details)


def forget_share(tx: Tx, share_id: int) -> None:
    """Forget a try that certainly had no effect."""
    tx.run(_FORGET_SHARE, row_id=share_id)


def _read(row: Any) -> Share:
    return Share(
        id=row.id,
        slack_ids=tuple(json.loads(row.slack_ids)),
        intended_at=row.intended_at,
        answered_at=row.answered_at,
        ts=row.ts,
    )
