"""One option as it stands in a command, and what can be wrong with it. Performs no I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bot.errors import BadCommand
from bot.rules import options
from bot.rules.options import Choice, Named
from bot.rules.text import Word, show

# A word with dashes always names an option; one without names an option when `=` follows.
_OPTION: Final = re.compile(r"(?P<dashes>-+)(?P<key>[^=\"']*)(?P<equals>=?)|(?P<bare>[A-Za-z][\w-]*)=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One value as the person gave it: `shown` is how it was written, `at` where the value begins."""

    shown: str
    text: str = ""
    choice: Choice | None = None
    at: int

    @property
    def meaning(self) -> object:
        """What makes two writings of one parameter the same."""
        return self.text if self.choice is None else self.choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """An option as it stands in the text; `raw` is what follows its `=`, None without one."""

    named: Named
    shown: str
    at: int
    raw: str | None


def find(word: Word) -> Written | None:
    """Return the option that a word names, None when the word is a value.

    Raises:
        BadCommand: The word has the form of an option, but there is none of that name.
    """
    match = None if word.quoted else _OPTION.match(word.raw)
    if match is None:
        return None
    key = match["bare"] or match["key"]
    has_value = bool(match["bare"] or match["equals"])
    shown = word.raw[: match.end() - has_value]
    named = options.find(key) if match["dashes"] in {None, "--"} else None
    if named is None:
        shown = shown if key else word.raw
        near = options.suggest(key)
        fix = (
            f"did you mean `{near}`?" if near else "`help` lists the options; a value like this needs quotes"
        )
        raise BadCommand(f"{show(shown)} is not an option.", at=word.at, value=shown, fix=fix)
    return Written(named=named, shown=shown, at=word.at, raw=word.raw[match.end() :] if has_value else None)


def names_option(word: Word) -> bool:
    """Say whether a word where a value is due is an option instead: one with dashes, or a known `key=`."""
    match = None if word.quoted else _OPTION.match(word.raw)
    return match is not None and (match["bare"] is None or options.find(match["bare"]) is not None)


def choice(written: Written, text: str, at: int) -> Choice:
    """Return what the option means with `text` behind it, which is empty for the option on its own.

    Raises:
        BadCommand: It needs a value, or `text` is none of its values.
    """
    option, negated, folded = written.named.option, written.named.negated, text.casefold()
    plainly = option.negated if negated else option.implied
    meanings = option.values
    if negated and option.implied is not None and option.negated is not None:
        meanings = options.switch(on=option.negated, off=option.implied)
    if folded in meanings:
        return meanings[folded]
    if not text and plainly is not None and written.raw is None:
        return plainly
    if not text:
        raise missing(written)
    raise BadCommand(
        f"{show(text)} is nothing that {show(written.shown)} can be.",
        at=at,
        value=text,
        fix="give one of " + ", ".join(meanings),
    )


def missing(written: Written, *, instead: str = "") -> BadCommand:
    """Return the error of an option without its value; `instead` is the option that follows at once."""
    option = written.named.option
    value = next(iter(option.values), None)
    example = f"{written.shown}={value}" if value else option.example or f"{written.shown}=YOUR_ASSET_ID"
    return BadCommand(
        f"{show(written.shown)} needs a value{f', but {show(instead)} is an option' if instead else ''}.",
        at=written.at,
        value=written.shown,
        fix=f"for example `{example}`; a value that begins with a dash needs quotes",
    )


def ambiguous(written: Written, word: Word) -> BadCommand:
    """Return the error of a switch with a bare `no` behind it."""
    return BadCommand(
        f"{show(f'{written.shown} {word.raw}')} can mean two things, as {show(word.raw)} is also Norwegian.",
        at=word.at,
        value=word.raw,
        fix=f"say `--no-{written.named.option.names[0]}`, or `--language no`",
    )


def contradiction(before: Given, given: Given) -> BadCommand:
    """Return the error of one parameter that was given twice, differently."""
    return BadCommand(
        f"{show(before.shown)} and {show(given.shown)} contradict each other.",
        at=given.at,
        value=given.text or given.shown,
        fix="keep one of the two",
    )
