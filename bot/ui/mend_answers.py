"""The private answers to presses that put captions back or keep fixed words as phrases. Performs no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bot.rules.restoring import Outcome, Wished
from bot.ui.blocks import message, section
from bot.ui.message import Message
from bot.ui.mrkdwn import code, lines, listed, sentences
from bot.ui.wording import people, title

_MOST: Final = 10
_RESTORE: Final[Mapping[Outcome, tuple[str, str]]] = {
    Outcome.STARTED: (
        "The previous captions of {title} are being put back.",
        "The thread says when that is done.",
    ),
    Outcome.UNDER_WAY: ("The previous captions of {title} are being put back already.", ""),
    Outcome.DONE: ("The previous captions of {title} are back already.", ""),
    Outcome.NOTHING: (
        "Nothing was changed: there are no previous captions of {title} that could be put back now.",
        "",
    ),
    Outcome.NO_ADDRESS: (
        "Nothing was changed: Mux fetches captions from an address, and this bot has none.",
        "Ask whoever runs it to set `PUBLIC_URL`. Meanwhile the saved captions are shared in the thread.",
    ),
    Outcome.DENIED: (
        "Nothing was changed: {title} is not yours.",
        "Those who wait for it may put its captions back: {people}.",
    ),
}


def restoring(wished: Wished) -> Message:
    """Return what became of the wish to have replaced tracks back."""
    job = wished.job
    if job is None:
        return _said("There is no such job here.", f"Type {code('/caption list')} to see the ones there are.")
    happened, following = _RESTORE[wished.outcome]
    named = {"title": title(job), "people": people(job, watchers=True)}
    return _said(happened.format(**named), following.format(**named))


def phrases(added: tuple[str, ...], known: tuple[str, ...], left_out: tuple[str, ...]) -> Message:
    """Return which of the fixed words are the channel's phrases now."""
    happened = (
        f"Added to this channel's phrases: {_named(added)}."
        if added
        else "Nothing was added to this channel's phrases."
    )
    return _said(
        happened,
        f"There already: {_named(known)}." if known else "",
        f"Left out, because Mux takes 100 phrases at most: {_named(left_out)}." if left_out else "",
        f"Every caption job of this channel uses them. Type {code('/caption settings')} to change them."
        if added
        else "",
    )


def nothing_to_add() -> Message:
    """Return what is said when this person, or this job, has no fixed words to add."""
    return _said("Nothing was added: that is not yours to do, or there is no such job here.")


def _named(phrases: Sequence[str]) -> str:
    return listed([code(phrase, 60) for phrase in phrases], most=_MOST)


def _said(*parts: str) -> Message:
    return message(sentences(*parts), [section(lines(*parts))])
