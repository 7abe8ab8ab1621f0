"""Which of a request's values Mux complains about. Performs no I/O.

Mux says it in a sentence only, in one of several wordings, so the sentence is searched for the name of a
parameter and then the request for the value that it must mean.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bot.rules.limits import BANNED_IN_PHRASES, SURE_PHRASE_CHARACTERS, SURE_PHRASE_WORDS
from bot.rules.request import CaptionRequest

_SPELLINGS: Final[tuple[tuple[str, str], ...]] = (
    ("phrases", r"phrases?"),
    ("track_name", r"track[ _]names?"),
    ("language_code", r"language[ _]codes?|languages?|bcp[ -]?47"),
    ("asset_id", r"asset[ _]ids?"),
    ("replace", r"replace_existing(?:_tracks)?|replace"),
    ("include_speakers", r"include_speakers"),
    ("include_words", r"include_words"),
    ("upload_to_mux", r"upload_to_mux"),
)
_NAMED: Final = tuple(
    (parameter, re.compile(rf"(?<![a-z0-9_])(?:{spelling})(?![a-z0-9_])", re.IGNORECASE))
    for parameter, spelling in _SPELLINGS
)
_INDEX: Final = re.compile(r"phrases?(?:\[|\.|/| )(\d{1,4})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blame:
    """The parameter that Mux means, as Mux spells it (`replace` for both of its spellings), and its value.

    `parameter` is None when the sentence names none; `value` is the very value as it was asked for, empty
    when it cannot be told.
    """

    parameter: str | None
    value: str = ""


def blame(said: str, request: CaptionRequest) -> Blame:
    """Find what Mux's sentence is about; the parameter that is named first counts."""
    found = [(match.start(), parameter) for parameter, name in _NAMED if (match := name.search(said))]
    if not found:
        return Blame(parameter=None)
    parameter = min(found)[1]
    return Blame(parameter=parameter, value=_value(parameter, said, request))


def is_bad_phrase(phrase: str) -> bool:
    """Say whether a phrase breaks the strictest reading of Mux's rules."""
    return (
        not phrase.strip()
        or len(phrase) > SURE_PHRASE_CHARACTERS
        or len(phrase.split()) > SURE_PHRASE_WORDS
        or any(character in BANNED_IN_PHRASES for character in phrase)
    )


def _value(parameter: str, said: str, request: CaptionRequest) -> str:
    if parameter == "phrases":
        return _phrase(said, request.phrases)
    value = getattr(request, parameter)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _phrase(said: str, phrases: tuple[str, ...]) -> str:
    """Return the phrase that Mux quotes, else the one it counts to, else the first that breaks a rule."""
    quoted = [phrase for phrase in phrases if phrase.strip() and f'"{phrase}"' in said.replace("'", '"')]
    index = _INDEX.search(said)
    if index and int(index.group(1)) < len(phrases):
        quoted.append(phrases[int(index.group(1))])
    return next(iter([*quoted, *filter(is_bad_phrase, phrases)]), "")
