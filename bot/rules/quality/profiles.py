"""Named sets of limits, each with the pages that they are taken from. Performs no I/O.

No figure here is ours. Where a publisher gives none for something, the limit is None and is not checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Self

from bot.errors import BadValue

DEFAULT: Final = "netflix-en"
NAMES: Final = ("netflix-en", "bbc", "dcmp")

CHARACTERS: Final = "characters a second"
WORDS: Final = "words a minute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A page that limits are taken from, and what it says."""

    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Limits for captions in one language; None stands for a limit that the sources do not give.

    `max_speed` counts in `speed_unit`, spaces included. `max_line` counts the characters of the longest
    line: full-width ones when `full_width` is set, so that a Latin letter counts half there; otherwise a
    wide character counts two. `min_ms_a_word` is the shortest time that each word needs on screen. A gap
    below `min_gap_ms` is a finding, except none at all where `may_touch` is set.
    """

    name: str
    title: str
    language: str
    sources: tuple[Source, ...]
    speed_unit: str = CHARACTERS
    max_speed: float | None = None
    max_line: int | None = None
    max_lines: int | None = None
    full_width: bool = False
    min_ms: int | None = None
    max_ms: int | None = None
    min_ms_a_word: int | None = None
    min_gap_ms: int | None = None
    may_touch: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the profile for storage; `from_json` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote; unknown keys of a newer version are ignored."""
        known = {key: value for key, value in stored.items() if key in cls.__slots__}
        sources = tuple(Source(title=each["title"], url=each["url"]) for each in known.pop("sources"))
        return cls(sources=sources, **known)


_HELP: Final = "https://partnerhelp.netflixstudios.com/hc/en-us/articles/"
_GENERAL: Final = Source(
    title="Netflix, Timed Text Style Guide: General Requirements", url=f"{_HELP}215758617"
)
_TIMING: Final = Source(title="Netflix, Subtitle Timing Guidelines", url=f"{_HELP}360051554394")
_ENGLISH: Final = Source(title="Netflix, English (USA) Timed Text Style Guide", url=f"{_HELP}217350977")
_CHINESE: Final = Source(title="Netflix, Chinese Timed Text Style Guide", url=f"{_HELP}215986007")
_CODED: Final = Source(
    title="Subtitle Edit, the Netflix limits of each language as its quality check has them",
    url="https://github.com/SubtitleEdit/subtitleedit",
)
_TABLE: Final = Source(title="Sublingo, table of the limits for Asian languages", url="https://sublingo.cc")

_BOTH: Final = (_GENERAL, _TIMING)

# 5/6 of a second, 7 seconds, and 2 frames at 24 frames a second.
_NETFLIX: Final = Profile(
    name="netflix",
    title="Netflix",
    language="",
    sources=_BOTH,
    max_speed=17,
    max_line=42,
    max_lines=2,
    min_ms=833,
    max_ms=7_000,
    min_gap_ms=83,
)
_NETFLIX_BY_LANGUAGE: Final[Mapping[str, Mapping[str, Any]]] = {
    "en": {"title": "Netflix, English, adult programmes", "max_speed": 20, "sources": (_ENGLISH, *_BOTH)},
    "ja": {"max_speed": 4, "max_line": 13, "full_width": True, "sources": (*_BOTH, _CODED, _TABLE)},
    "ko": {"max_speed": 12, "max_line": 16, "full_width": True, "sources": (*_BOTH, _CODED, _TABLE)},
    "zh": {"max_speed": 9, "max_line": 16, "full_width": True, "sources": (_CHINESE, *_BOTH, _CODED)},
    "ar": {"max_speed": 20, "sources": (*_BOTH, _CODED)},
    "hi": {"max_speed": 22, "sources": (*_BOTH, _CODED)},
    "th": {"max_line": 35, "sources": (*_BOTH, _CODED)},
}  # fmt: skip
_SAME: Final = {"yue": "zh", "cmn": "zh"}

# 160 to 180 words a minute, at least 0.3 s a word; about 37 characters fit 68 % of a 16:9 picture; a gap
# is at least a second, or there is none.
_BBC: Final = Profile(
    name="bbc",
    title="BBC Subtitle Guidelines",
    language="",
    sources=(
        Source(
            title="BBC Subtitle Guidelines",
            url="https://www.bbc.co.uk/accessibility/forproducts/guides/subtitles",
        ),
    ),
    speed_unit=WORDS,
    max_speed=180,
    max_line=37,
    max_lines=2,
    min_ms_a_word=300,
    min_gap_ms=1_000,
    may_touch=True,
)
# The least time on screen stands in an older edition of the key.
_DCMP: Final = Profile(
    name="dcmp",
    title="DCMP Captioning Key, upper level and adult",
    language="",
    sources=(Source(title="DCMP Captioning Key", url="https://dcmp.org/learn/captioningkey/601"),),
    speed_unit=WORDS,
    max_speed=160,
    max_line=32,
    max_lines=2,
    min_ms=2_000,
)
_NO_WORDS: Final = frozenset({"zh", "yue", "cmn", "ja", "th", "lo", "km", "my"})


def profile(name: str, language: str) -> Profile:
    """Return the limits for captions in a language, given by its tag (`en`, `pt-BR`, empty when not known).

    `netflix-en` and `netflix` give Netflix's values for that language, English's when it is not known; `bbc`
    and `dcmp` count words, so their speed is not checked where words are written without spaces.

    Raises:
        BadValue: No profile has that name.
    """
    base = language.replace("_", "-").partition("-")[0].casefold()
    if name in {"netflix", "netflix-en"}:
        return _netflix(_SAME.get(base, base) or "en")
    if name not in NAMES:
        known = ", ".join(NAMES)
        raise BadValue(
            f"There is no quality profile {name!r}.", parameter="profile", value=name, fix=f"Use {known}."
        )
    chosen = replace(_BBC if name == "bbc" else _DCMP, language=base)
    return replace(chosen, max_speed=None, min_ms_a_word=None) if base in _NO_WORDS else chosen


def _netflix(language: str) -> Profile:
    values = _NETFLIX_BY_LANGUAGE.get(language, {})
    title = values.get("title", f"Netflix, values for the language {language}")
    return replace(
        _NETFLIX, **{**values, "name": f"netflix-{language}", "language": language, "title": title}
    )
