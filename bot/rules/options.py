"""Every option of `/caption` as data: the parser, the help and "did you mean" all read this table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.rules.request import Replace
from bot.rules.text import closest


class Kind(StrEnum):
    """What follows an option."""

    TEXT = "text"
    """One value, free."""
    WORD = "word"
    """One word of a fixed set, which may be left out when the option has an implied value."""
    PHRASE = "phrase"
    """One phrase; may be repeated."""
    PHRASES = "phrases"
    """Phrases with commas between them; may be repeated."""


Choice = bool | Replace

_YES: Final = ("true", "yes", "on", "1")
_NO: Final = ("false", "no", "off", "0")


def switch(*, on: Choice, off: Choice) -> dict[str, Choice]:
    """Return what each word for yes and each word for no means."""
    return {**dict.fromkeys(_YES, on), **dict.fromkeys(_NO, off)}


_BOOLEAN: Final = MappingProxyType(switch(on=True, off=False))
_REPLACE_WORDS: Final[dict[str, Choice]] = {
    "all": Replace.ALL,
    "generated": Replace.GENERATED,
    "none": Replace.FAIL,
}
_MUX_REPLACE_WORDS: Final[dict[str, Choice]] = {policy.value: policy for policy in Replace}


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option.

    `names` holds its spellings without dashes, the friendliest first; `_` and `-` are the same in all of
    them. `parameter` is what it sets (options of one parameter contradict each other). `values` maps the
    words of a `Kind.WORD` to what they mean, `implied` is the meaning of the bare option and `negated`
    that of its `--no-` form. An option without `syntax` is a second way to say something and is not
    shown in the help.
    """

    names: tuple[str, ...]
    parameter: str
    kind: Kind
    syntax: str = ""
    meaning: str = ""
    example: str = ""
    values: Mapping[str, Choice] = field(default_factory=dict)
    implied: Choice | None = None
    negated: Choice | None = None


# The parameters are https://www.mux.com/docs/guides/robots-generate-premium-captions, with `replace` as
# our own word for what `replace_existing` and `replace_existing_tracks` say in Mux's two versions.
OPTIONS: Final = (
    Option(names=("asset", "asset-id"), parameter="asset_id", kind=Kind.TEXT),
    Option(
        names=("language", "lang", "language-code"),
        parameter="language_code",
        kind=Kind.TEXT,
        syntax="--language CODE",
        meaning="The language that is spoken: a code or a name. Left out, or `auto`: detected.",
        example="--language pt-BR",
    ),
    Option(
        names=("replace",),
        parameter="replace",
        kind=Kind.WORD,
        syntax="--replace",
        meaning="Delete existing tracks of the same language or name first.",
        example="--replace",
        values=MappingProxyType(
            _REPLACE_WORDS | _MUX_REPLACE_WORDS | switch(on=Replace.ALL, off=Replace.FAIL)
        ),
        implied=Replace.ALL,
        negated=Replace.FAIL,
    ),
    Option(
        names=("replace-generated",),
        parameter="replace",
        kind=Kind.WORD,
        syntax="--replace-generated",
        meaning="As --replace, but only tracks that Mux's own speech recognition made.",
        example="--replace-generated",
        values=MappingProxyType(switch(on=Replace.GENERATED, off=Replace.FAIL)),
        implied=Replace.GENERATED,
        negated=Replace.FAIL,
    ),
    Option(
        names=("replace-existing",),
        parameter="replace_existing",
        kind=Kind.WORD,
        values=MappingProxyType(switch(on=Replace.ALL, off=Replace.FAIL)),
        implied=Replace.ALL,
        negated=Replace.FAIL,
    ),
    Option(
        names=("replace-existing-tracks",),
        parameter="replace_existing_tracks",
        kind=Kind.WORD,
        values=MappingProxyType(_MUX_REPLACE_WORDS),
    ),
    Option(
        names=("name", "track-name"),
        parameter="track_name",
        kind=Kind.TEXT,
        syntax='--name "NAME"',
        meaning="The name of the new track, as viewers see it.",
        example='--name "English (Studio)"',
    ),
    Option(
        names=("speakers", "include-speakers"),
        parameter="include_speakers",
        kind=Kind.WORD,
        syntax="--speakers",
        meaning="Say in each caption who speaks.",
        example="--speakers",
        values=_BOOLEAN,
        implied=True,
        negated=False,
    ),
    Option(
        names=("words", "include-words"),
        parameter="include_words",
        kind=Kind.WORD,
        syntax="--words",
        meaning="Also make a file with the time of every word; billed at a higher rate.",
        example="--words",
        values=_BOOLEAN,
        implied=True,
        negated=False,
    ),
    Option(
        names=("upload", "upload-to-mux"),
        parameter="upload_to_mux",
        kind=Kind.WORD,
        syntax="--no-upload",
        meaning="Make files only, and leave the video's tracks alone.",
        example="--no-upload",
        values=_BOOLEAN,
        implied=True,
        negated=False,
    ),
    Option(
        names=("phrase",),
        parameter="phrases",
        kind=Kind.PHRASE,
        syntax='--phrase "PHRASE"',
        meaning="A name or a term that is likely to be heard; may be repeated.",
        example='--phrase "Inter-Asterisk Exchange"',
    ),
    Option(
        names=("phrases",),
        parameter="phrases",
        kind=Kind.PHRASES,
        syntax='--phrases "A, B, C"',
        meaning="Several phrases, with commas between them.",
        example='--phrases "Mux, HLS, WebVTT"',
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An option as one of its spellings names it; `negated` for the `no-` form."""

    option: Option
    negated: bool


def _by_name() -> dict[str, Named]:
    plain = {name: Named(option=option, negated=False) for option in OPTIONS for name in option.names}
    negated = {
        f"no-{name}": Named(option=option, negated=True)
        for option in OPTIONS
        if option.negated is not None
        for name in option.names
    }
    return plain | negated


BY_NAME: Final[Mapping[str, Named]] = MappingProxyType(_by_name())
_NAMES: Final = tuple(BY_NAME)


def find(key: str) -> Named | None:
    """Return the option that `key` (without dashes, in any case, with `_` or `-`) names."""
    return BY_NAME.get(_fold(key))


def suggest(key: str) -> str | None:
    """Return the option that was probably meant, as one types it: `--speakers`."""
    folded = _fold(key).strip("-")
    near = folded if folded in BY_NAME else closest(folded, _NAMES)
    return f"--{near}" if near else None


def _fold(key: str) -> str:
    return key.casefold().replace("_", "-")
