"""What changed between two sets of captions. Performs no I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from bot.rules.cues import Captions, Cue, label, seen, spoken

_MOST_EXAMPLES: Final = 5
_LONGEST_EXAMPLE: Final = 80
# Where more than that differs in one piece, the two are no versions of one text.
_MOST_WORDS: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Words that were replaced, added (`before` is empty) or removed (`after` is empty), as they stood.

    `at_ms` is where the new captions have them, or where they would be.
    """

    before: str
    after: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The difference in words. Breaks of lines and cues, and times, are no change of words.

    `changed` counts words that were replaced by others, `added` and `removed` those beyond that.
    `names` are the speakers' names before and after, where they differ.
    """

    changed: int
    added: int
    removed: int
    cues_before: int
    cues_after: int
    words_before: int
    words_after: int
    names: tuple[tuple[str, str], ...] = ()
    examples: tuple[Example, ...] = ()

    @property
    def same_words(self) -> bool:
        """Whether nothing that is said or named differs."""
        return not (self.changed or self.added or self.removed or self.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Difference:
    old: tuple[str, ...]
    new: tuple[str, ...]
    at_ms: int


def compare(before: Captions, after: Captions) -> Changes:
    """Return what changed from one set of captions to the other; examples are unescaped text."""
    found = [each for each in _differences(before.cues, after.cues) if each.old or each.new]
    pairs = [(len(each.old), len(each.new)) for each in found]
    return Changes(
        changed=sum(min(pair) for pair in pairs),
        removed=sum(max(old - new, 0) for old, new in pairs),
        added=sum(max(new - old, 0) for old, new in pairs),
        cues_before=len(before.cues),
        cues_after=len(after.cues),
        words_before=sum(len(spoken(cue.text).split()) for cue in before.cues),
        words_after=sum(len(spoken(cue.text).split()) for cue in after.cues),
        names=_names(before.cues, after.cues),
        examples=tuple(map(_example, found[:_MOST_EXAMPLES])),
    )


def _differences(before: Sequence[Cue], after: Sequence[Cue]) -> Iterator[_Difference]:
    """Yield what differs, word by word and only where whole cues do: most of a file is as it was."""
    old_cues = [spoken(cue.text).split() for cue in before]
    new_cues = [spoken(cue.text).split() for cue in after]
    if [word for words in old_cues for word in words] == [word for words in new_cues for word in words]:
        return
    matcher = SequenceMatcher(None, list(map(" ".join, old_cues)), list(map(" ".join, new_cues)))
    for what, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if what != "equal":
            old = [word for words in old_cues[old_from:old_to] for word in words]
            times = [cue.start_ms for cue in after[new_from : new_to + 1]]
            yield from _by_word(old, new_cues[new_from:new_to], times or [after[-1].start_ms if after else 0])


def _by_word(
    old: Sequence[str], cues: Sequence[Sequence[str]], times: Sequence[int]
) -> Iterator[_Difference]:
    new = [word for words in cues for word in words]
    starts = [at_ms for at_ms, words in zip(times, cues, strict=False) for _ in words]
    if len(old) + len(new) > _MOST_WORDS:
        yield _Difference(old=tuple(old), new=tuple(new), at_ms=times[0])
        return
    for what, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new).get_opcodes():
        if what != "equal":
            at_ms = starts[new_from] if new_from < len(starts) else times[-1]
            yield _Difference(old=tuple(old[old_from:old_to]), new=tuple(new[new_from:new_to]), at_ms=at_ms)


def _names(before: Sequence[Cue], after: Sequence[Cue]) -> tuple[tuple[str, str], ...]:
    """Return which name became which, by the cues that say the same before and after."""
    known = {spoken(cue.text): label(seen(cue.text)) for cue in before}
    pairs = Counter(
        (known.get(spoken(cue.text)) or "", label(seen(cue.text)) or "")
        for cue in after
        if spoken(cue.text) in known
    )
    return tuple(pair for pair in pairs if pair[0] != pair[1])


def _example(difference: _Difference) -> Example:
    return Example(before=_short(difference.old), after=_short(difference.new), at_ms=difference.at_ms)


def _short(words: Sequence[str]) -> str:
    line = " ".join(words)
    return line if len(line) <= _LONGEST_EXAMPLE else f"{line[: _LONGEST_EXAMPLE - 1]}…"
