"""Several videos in one command: offered first, and started together or not at all."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final

from bot.rules.links import Pointer, PointerKind
from bot.rules.policy import Asker
from bot.rules.request import CaptionRequest
from bot.rules.video import Video
from bot.services import captions, channel_settings
from bot.services.captions import Ask, Asked
from bot.services.drafts import KEPT_SECONDS
from bot.store import catalogue, drafts
from bot.store.tx import Tx

_KIND: Final = "many"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The same captions for several videos; `request` is about the first, `act_key` names the command."""

    request: CaptionRequest
    pointers: tuple[Pointer, ...]
    warnings: tuple[str, ...]
    asker: Asker
    act_key: str
    mux_account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What would be started: each video as it was named, and what is known of it.

    `added` are the phrases that the channel added to those of the request.
    """

    draft_id: str
    request: CaptionRequest
    videos: tuple[tuple[Pointer, Video | None], ...]
    warnings: tuple[str, ...]
    added: tuple[str, ...] = ()


def offer(tx: Tx, wanted: Wanted) -> Offer:
    """Keep what is wanted until somebody says yes; the same command twice is one offer."""
    draft_id = hashlib.sha256(wanted.act_key.encode()).hexdigest()[:24]
    asker = wanted.asker
    found = channel_settings.merge(tx, wanted.request, team_id=asker.team_id, channel_id=asker.channel_id)
    warnings = (*wanted.warnings, *found.warnings)
    if _kept(tx, draft_id, asker) is None:
        drafts.purge(tx, before=tx.now - KEPT_SECONDS)
        content = {
            "request": found.request.to_json(),
            "pointers": [pointer.to_json() for pointer in wanted.pointers],
            "warnings": list(warnings),
            "channel_id": asker.channel_id,
        }
        drafts.add(
            tx, draft_id, team_id=asker.team_id, user_id=asker.user_id, kind=_KIND, content=content
        )  # fmt: skip
    videos = tuple((pointer, _known(tx, wanted.mux_account, pointer)) for pointer in wanted.pointers)
    return Offer(
        draft_id=draft_id, request=found.request, videos=videos, warnings=warnings, added=found.added
    )


def start(
    tx: Tx, draft_id: str, asker: Asker, *, mux_account: str, poll_in_seconds: float
) -> tuple[Asked, ...]:
    """Make the jobs of an offer, all or none; a second yes gets the same ones, a foreign offer none."""
    kept = _kept(tx, draft_id, asker)
    if kept is None:
        return ()
    request = CaptionRequest.from_json(kept["request"])
    return tuple(
        captions.request(
            tx,
            Ask(
                request=request.changed(asset_id=pointer.id),
                pointer=pointer,
                warnings=tuple(kept["warnings"]),
                request_key=f"many:{draft_id}:{number}",
                team_id=asker.team_id,
                channel_id=kept["channel_id"],
                user_id=asker.user_id,
                mux_account=mux_account,
                poll_in_seconds=poll_in_seconds,
            ),
        )
        for number, pointer in enumerate(map(Pointer.from_json, kept["pointers"]))
    )


def drop(tx: Tx, draft_id: str, asker: Asker) -> bool:
    """Forget an offer; False when it was started already, or is not there."""
    if _kept(tx, draft_id, asker) is None or captions.known(tx, f"many:{draft_id}:0") is not None:
        return False
    drafts.forget(tx, draft_id)
    return True


def _kept(tx: Tx, draft_id: str, asker: Asker) -> dict[str, Any] | None:
    return drafts.get(tx, draft_id, team_id=asker.team_id, user_id=asker.user_id, kind=_KIND)


def _known(tx: Tx, account: str, pointer: Pointer) -> Video | None:
    by_id = catalogue.get(tx, account, pointer.id) if pointer.kind is PointerKind.ASSET else None
    return by_id or catalogue.playing(tx, account, pointer.id)
