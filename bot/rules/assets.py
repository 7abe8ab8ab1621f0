"""Which words of a command are videos, and which are its language. Performs no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.errors import BadCommand, BadValue
from bot.rules import links
from bot.rules.limits import MAX_VIDEOS
from bot.rules.links import Pointer, PointerKind
from bot.rules.text import Word, show
from bot.rules.written import Given

_SEPARATORS: Final = re.compile(r"[,;]+")
_PART: Final = re.compile(r"[^,;]+")
_JOINERS: Final = frozenset({"and", "&", "+", ",", ";", "-", "\u2022"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Loose:
    """A word that belongs to no option; `after` is the unquoted free text that it directly follows."""

    word: Word
    after: Given | None


def sort(loose: Iterable[Loose], *, named: bool) -> tuple[list[Given], list[Loose]]:
    """Return the videos among loose words and the words that are left.

    Links and ids as Mux makes them are videos wherever they stand. A short id is one when it comes first
    (unless an option has `named` the video); one with a digit also after a comma, and before links, where
    others could be words of a language.
    """
    words = [(each, _parts(each.word)) for each in loose]
    clear = [any(links.names_a_video(part) for _, part in parts) for _, parts in words]
    sure = any(clear)
    videos: list[Given] = []
    rest: list[Loose] = []
    goes_on = False
    for place, (each, parts) in enumerate(words):
        if videos and not rest and each.word.raw.casefold() in _JOINERS:
            continue
        short = _has_digit(each.word.value)
        first = place == 0 and not named and (short or not sure)
        if first or (goes_on and short) or clear[place]:
            videos.extend(Given(shown=part, text=part, at=at) for at, part in parts)
            goes_on = not each.word.quoted and _SEPARATORS.search(each.word.raw[-1]) is not None
        else:
            rest.append(each)
    return videos, rest


def read(videos: list[Given]) -> tuple[Pointer, ...]:
    """Return what the given videos mean.

    Raises:
        BadCommand: One is no video at Mux, one is there twice, or there are too many.
    """
    found: dict[tuple[PointerKind, str], Pointer] = {}
    for given in videos:
        try:
            pointer = links.read(given.text)
        except BadValue as problem:
            raise BadCommand(str(problem), at=given.at, value=problem.value, fix=problem.fix) from problem
        if (pointer.kind, pointer.id) in found:
            raise BadCommand(
                f"{show(pointer.written)} names a video that is there twice.",
                at=given.at,
                value=given.text,
                fix="name each video once",
            )
        found[pointer.kind, pointer.id] = pointer
    if len(videos) > MAX_VIDEOS:
        raise BadCommand(
            f"These are {len(videos)} videos; at most {MAX_VIDEOS} are taken at once.",
            at=videos[MAX_VIDEOS].at,
            value=videos[MAX_VIDEOS].text,
            fix="send the rest in a second command",
        )
    return tuple(found.values())


def _parts(word: Word) -> list[tuple[int, str]]:
    """Cut a word at its commas, unless it is quoted."""
    if word.quoted:
        return [(word.at, word.value)]
    cut = [(word.at + match.start(), match[0]) for match in _PART.finditer(word.raw)]
    return cut or [(word.at, word.raw)]


def _has_digit(text: str) -> bool:
    return not text.isalpha() and any(map(str.isdigit, text))
