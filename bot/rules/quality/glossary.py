"""Which of the phrases that were asked for stand in the captions, and what stands there instead.

Phrases are looked for in what is said, across lines and cues, whatever their case and width. A phrase that is
not found is no error: it may never be spoken. Performs no I/O.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Final

from bot.rules.cues import Cue, spoken
from bot.rules.quality.report import Phrase
from bot.rules.width import is_letter, is_unspaced

# Below this share of equal letters two phrases are two phrases; found by trying mishearings of names.
_NEAR: Final = 0.75
_SHORTEST: Final = 4
_CANDIDATES: Final = 12
# Bounds the work for a phrase made of the most common pairs of letters.
_MOST_HITS: Final = 4_000
_HYPHEN: Final = re.compile(r"(?<=\w)-\s+(?=\w)")
_SPACES: Final = re.compile(r"\s+")


def find(cues: Sequence[Cue], phrases: Sequence[str]) -> tuple[Phrase, ...]:
    """Return for each phrase, in order, how often and where it is said, or what comes nearest to it."""
    if not phrases:
        return ()
    text = _Text(cues)
    found = {phrase: text.occurrences(phrase) for phrase in phrases}
    words = None if all(found.values()) else _Words(text)
    return tuple(
        _found(text, phrase, at) if at or words is None else words.nearest(phrase)
        for phrase, at in found.items()
    )


def fold(text: str) -> str:
    """Return text as it is compared: compatible forms and case folded, one space between words."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def _found(text: _Text, phrase: str, at: Sequence[int]) -> Phrase:
    cue = text.cue_at(at[0])
    return Phrase(phrase=phrase, times=len(at), cue=cue.index, at_ms=cue.start_ms)


class _Text:
    """All that is said, folded, with the way back to the cues."""

    def __init__(self, cues: Sequence[Cue]) -> None:
        self.cues = cues
        parts = [fold(_HYPHEN.sub("-", spoken(cue.text))) for cue in cues]
        starts: list[int] = []
        pieces: list[str] = []
        length = 0
        for part in parts:
            joint = "" if not pieces or _is_tight(pieces[-1], part) else " "
            starts.append(length + len(joint))
            pieces.append(joint + part)
            length += len(joint) + len(part)
        self.starts = starts
        self.folded = "".join(pieces)

    def cue_at(self, offset: int) -> Cue:
        """Return the cue in which a character of the folded text stands."""
        return self.cues[max(bisect_right(self.starts, offset) - 1, 0)]

    def as_written(self, offset: int, folded: str) -> str:
        """Return the words at an offset as the captions write them, where that can be told."""
        at = max(bisect_right(self.starts, offset) - 1, 0)
        said = " ".join(" ".join(spoken(cue.text) for cue in self.cues[at : at + 2]).split())
        found = re.search(re.escape(folded), said, re.IGNORECASE)
        return _trimmed(found.group() if found else folded)

    def occurrences(self, phrase: str) -> list[int]:
        """Return where the phrase stands as words of its own."""
        wanted = fold(phrase)
        found: list[int] = []
        at = self.folded.find(wanted) if wanted else -1
        while at >= 0:
            if self._is_whole(at, at + len(wanted)):
                found.append(at)
            at = self.folded.find(wanted, at + len(wanted))
        return found

    def _is_whole(self, start: int, end: int) -> bool:
        before = self.folded[start - 1 : start]
        after = self.folded[end : end + 1]
        return not (_continues(before, self.folded[start]) or _continues(self.folded[end - 1], after))


def _trimmed(text: str) -> str:
    """Return text without the signs around its words."""
    letters = [at for at, character in enumerate(text) if is_letter(character)]
    return text[letters[0] : letters[-1] + 1]


def _is_tight(before: str, after: str) -> bool:
    """Say whether two parts are joined without a space: a hyphenated word, or a script without spaces."""
    if not before or not after:
        return False
    hyphenated = before[-1] == "-" and is_letter(before[-2:-1] or " ") and is_letter(after[0])
    return hyphenated or (is_unspaced(before[-1]) and is_unspaced(after[0]))


def _continues(left: str, right: str) -> bool:
    """Say whether a word goes on from one character to the next; each may be missing."""
    if not left or not right or not is_letter(left) or not is_letter(right):
        return False
    return _is_mark(right) or not (is_unspaced(left) or is_unspaced(right))


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Word:
    at: int
    end: int
    letters: str


def _split(text: str) -> Iterator[_Word]:
    """Yield the words with nothing but their letters; a character of an unspaced script is a word."""
    for chunk in re.finditer(r"\S+", text):
        word, at = chunk.group(), chunk.start()
        if word.isascii():
            letters = word if word.isalnum() else "".join(filter(str.isalnum, word))
            if letters:
                yield _Word(at=at, end=chunk.end(), letters=letters)
            continue
        yield from _split_wide(word, at)


def _split_wide(chunk: str, at: int) -> Iterator[_Word]:
    letters, start, alone = "", 0, False
    for offset, character in enumerate(chunk):
        if not is_letter(character):
            continue
        if letters and not _is_mark(character) and (alone or is_unspaced(character)):
            yield _Word(at=at + start, end=at + offset, letters=letters)
            letters = ""
        start = start if letters else offset
        letters += character
        alone = is_unspaced(character)
    if letters:
        yield _Word(at=at + start, end=at + len(chunk), letters=letters)


@dataclass(slots=True)
class _Words:
    """The captions as letters only, with an index of their pairs, to find what sounds alike."""

    text: _Text
    words: list[_Word] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    pairs: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        length = 0
        for word in _split(self.text.folded):
            self.words.append(word)
            self.starts.append(length)
            length += len(word.letters)
        letters = "".join(word.letters for word in self.words)
        for at in range(len(letters) - 1):
            self.pairs[letters[at : at + 2]].append(at)

    def nearest(self, phrase: str) -> Phrase:
        """Return the phrase as missed, with the words that come nearest to it, if any come near."""
        wanted = [word.letters for word in _split(fold(phrase))]
        letters = "".join(wanted)
        matcher = SequenceMatcher(None, b=letters, autojunk=False)
        best, place = 0.0, (0, 0)
        for begin, end in self._windows(letters, len(wanted)):
            matcher.set_seq1("".join(word.letters for word in self.words[begin:end]))
            if matcher.real_quick_ratio() > best and matcher.quick_ratio() > best:
                ratio = matcher.ratio()
                best, place = (ratio, (begin, end)) if ratio > best else (best, place)
        least = _NEAR if len(letters) >= _SHORTEST else 1.0
        if best < least:
            return Phrase(phrase=phrase, times=0)
        first, last = self.words[place[0]], self.words[place[1] - 1]
        cue = self.text.cue_at(first.at)
        near = self.text.as_written(first.at, self.text.folded[first.at : last.end])
        return Phrase(phrase=phrase, times=0, near=near, cue=cue.index, at_ms=cue.start_ms)

    def _windows(self, letters: str, count: int) -> Iterator[tuple[int, int]]:
        """Yield spans of words that share the phrase's rarest pairs of letters at about the right places."""
        pairs = [(self.pairs.get(letters[at : at + 2], []), at) for at in range(len(letters) - 1)]
        votes: Counter[int] = Counter()
        left = _MOST_HITS
        for hits, at in sorted(pairs, key=lambda pair: len(pair[0])):
            taken = hits[: max(left, 0)]
            left -= len(taken)
            votes.update({bisect_right(self.starts, max(hit - at, 0)) - 1 for hit in taken})
        least = max(votes.values(), default=0) / 2
        likely = [word for word, count in votes.most_common(_CANDIDATES) if count >= least]
        begins = {word + step for word in likely for step in (-1, 0, 1)}
        for begin in sorted(begin for begin in begins if 0 <= begin < len(self.words)):
            for size in range(max(count - 1, 1), count + 3):
                yield begin, min(begin + size, len(self.words))
