"""The assets that pickers offer: read from the store, never from Mux. One function, one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.errors import BadValue
from bot.rules import links
from bot.rules.form import PLAYBACK, CaptionForm
from bot.rules.links import Pointer, PointerKind
from bot.rules.text import plain
from bot.rules.video import Video
from bot.store import catalogue
from bot.store.tx import Tx

MOST_OFFERED: Final = 100
_MOST_WORDS: Final = 8
_LONGEST_WORD: Final = 100


def offer(tx: Tx, account: str, query: str) -> tuple[list[Video], Pointer | None]:
    """Return the videos that `query` may mean, newest first, and what it names by itself if they do not."""
    typed = plain(query)
    named = _named(typed)
    words = [word[:_LONGEST_WORD] for word in typed.split()[:_MOST_WORDS]]
    if named is None:
        return catalogue.search(tx, account, words, most=MOST_OFFERED), None
    known = _known(tx, account, named)
    if known is not None:
        return [known], None
    if links.names_a_video(typed):
        return [], named
    found = catalogue.search(tx, account, words, most=MOST_OFFERED)
    return found, None if found else named


def chosen(tx: Tx, account: str, form: CaptionForm) -> tuple[CaptionForm, Video | None]:
    """Return what is known about the video of a form; a known playback id is turned into its asset's."""
    if not form.video.startswith(PLAYBACK):
        return form, catalogue.get(tx, account, form.video) if form.video else None
    video = catalogue.playing(tx, account, form.video.removeprefix(PLAYBACK))
    return (form, None) if video is None else (form.changed(video=video.asset_id), video)


def begin(tx: Tx) -> float:
    """Return when a walk through Mux's list begins, by the store's own clock."""
    return tx.now


def learn(tx: Tx, account: str, videos: Sequence[Video]) -> int:
    """Remember one page of Mux's list, and say how many of its assets are new or changed."""
    return catalogue.put(tx, account, videos)


def finish(tx: Tx, account: str, *, started_at: float, oldest_at: float | None) -> int:
    """Forget what a walk through Mux's list did not come by: those assets were deleted at Mux.

    `oldest_at` is where a walk that did not reach the end stopped.
    """
    return catalogue.forget(tx, account, seen_before=started_at, created_since=oldest_at)


def _named(typed: str) -> Pointer | None:
    if not typed or " " in typed:
        return None
    try:
        return links.read(typed)
    except BadValue:
        return None


def _known(tx: Tx, account: str, named: Pointer) -> Video | None:
    by_playback = catalogue.playing(tx, account, named.id)
    if named.kind is PointerKind.PLAYBACK:
        return by_playback
    return catalogue.get(tx, account, named.id) or by_playback
