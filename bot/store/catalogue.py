"""What Mux was last heard to say of its assets, kept so that a list of them can be shown at once."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, or_, select, update

from bot.rules.video import TextTrack, Video
from bot.store.schema import asset
from bot.store.tx import Tx

_BY_ID: Final = select(asset.c.video).where(
    asset.c.mux_account == bindparam("account"), asset.c.asset_id == bindparam("asset_id")
)
_CHANGE: Final = update(asset).where(
    asset.c.mux_account == bindparam("of_account"), asset.c.asset_id == bindparam("of_asset")
)
_BY_PLAYBACK: Final = select(asset.c.video).where(
    asset.c.mux_account == bindparam("account"), asset.c.playback_id == bindparam("playback_id")
)


def put(tx: Tx, account: str, videos: Sequence[Video]) -> int:
    """Remember some assets as they are now, and say how many of them were not known like that before."""
    unique = {video.asset_id: video for video in videos}
    if not unique:
        return 0
    stored = _stored(tx, account, list(unique))
    rows = [_row(tx, account, video) for video in unique.values()]
    tx.replace_all(asset, rows, on=["mux_account", "asset_id"])
    return sum(stored.get(row["asset_id"]) != row["video"] for row in rows)


def change_tracks(tx: Tx, account: str, asset_id: str, *, added: TextTrack, gone: Collection[str]) -> None:
    """Give a known asset another text track, and take those of the ids `gone` away."""
    known = get(tx, account, asset_id)
    if known is None:
        return
    kept = [track for track in known.tracks if track.id not in {*gone, added.id}]
    video = replace(known, tracks=(*kept, added))
    tx.run(_CHANGE, of_account=account, of_asset=asset_id, video=_encoded(video))


def forget(tx: Tx, account: str, *, seen_before: float, created_since: float | None) -> int:
    """Forget the assets that were not seen since, and say how many; older ones than `created_since` stay.

    Both times are in seconds since the epoch; None spares none.
    """
    gone = delete(asset).where(asset.c.mux_account == account, asset.c.seen_at < seen_before)
    if created_since is not None:
        gone = gone.where(asset.c.created_at >= created_since)
    return tx.conn.execute(gone).rowcount


def get(tx: Tx, account: str, asset_id: str) -> Video | None:
    """Return an asset by its id."""
    return _one(tx.run(_BY_ID, account=account, asset_id=asset_id).one_or_none())


def playing(tx: Tx, account: str, playback_id: str) -> Video | None:
    """Return the asset that is known to play at a playback id."""
    return _one(tx.conn.execute(_BY_PLAYBACK, {"account": account, "playback_id": playback_id}).first())


def search(tx: Tx, account: str, words: Sequence[str], *, most: int) -> list[Video]:
    """Return the assets whose title holds every word or whose ids begin with it, newest first.

    Letters' case does not matter.
    """
    statement = select(asset.c.video).where(asset.c.mux_account == account)
    for word in words:
        folded = word.casefold()
        statement = statement.where(
            or_(
                asset.c.words.contains(folded, autoescape=True),
                asset.c.asset_id.istartswith(word, autoescape=True),
                asset.c.playback_id.istartswith(word, autoescape=True),
            )
        )
    newest_first = statement.order_by(asset.c.created_at.desc(), asset.c.asset_id).limit(most)
    return [_video(row) for row in tx.conn.execute(newest_first)]


def _row(tx: Tx, account: str, video: Video) -> dict[str, Any]:
    return {
        "mux_account": account,
        "asset_id": video.asset_id,
        "title": video.title,
        "duration_seconds": video.duration_seconds,
        "status": video.status,
        "is_live": int(video.is_live),
        "playback_id": video.playback_id,
        "policy": video.policy,
        "created_at": video.created_at or 0.0,
        "seen_at": tx.now,
        "words": video.title.casefold(),
        "video": _encoded(video),
    }


def _encoded(video: Video) -> str:
    return json.dumps(video.to_json(), ensure_ascii=False, sort_keys=True)


def _stored(tx: Tx, account: str, asset_ids: list[str]) -> dict[str, str]:
    rows = tx.conn.execute(
        select(asset.c.asset_id, asset.c.video).where(
            asset.c.mux_account == account, asset.c.asset_id.in_(asset_ids)
        )
    )
    return {row.asset_id: row.video for row in rows}


def _one(row: Row[Any] | None) -> Video | None:
    return None if row is None else _video(row)


def _video(row: Row[Any]) -> Video:
    return Video.from_json(json.loads(row.video))
