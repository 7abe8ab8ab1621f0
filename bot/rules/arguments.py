"""Reads the words of `/caption` against the table of options. Performs no I/O."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Final

from bot.errors import BadCommand, BadValue
from bot.rules import assets, languages, options
from bot.rules.assets import Loose
from bot.rules.limits import Checked, check
from bot.rules.options import Kind
from bot.rules.request import Replace
from bot.rules.text import Word, pieces, show, unquote
from bot.rules.written import Given, Written, ambiguous, choice, contradiction, find, missing, names_option

_FREE_TEXT: Final = frozenset({"track_name", "phrases"})
_LANGUAGE: Final = "language_code"
_NORWEGIAN: Final = "no"


@dataclass(slots=True)
class _Reader:
    words: tuple[Word, ...]
    position: int = 0
    given: dict[str, Given] = field(default_factory=dict)
    phrases: list[Given] = field(default_factory=list)
    loose: list[Loose] = field(default_factory=list)
    after: Given | None = None

    def read(self) -> None:
        """Sort every word into options, phrases and loose words."""
        while (word := self._next()) is not None:
            written = find(word)
            after, self.after = self.after, None
            if written is None:
                self.loose.append(Loose(word=word, after=after))
            elif written.named.option.kind is Kind.WORD:
                self._read_word(written)
            elif written.named.option.kind is Kind.PHRASES:
                self._read_phrases(written)
            else:
                self._read_text(written)

    def _next(self) -> Word | None:
        if self.position == len(self.words):
            return None
        self.position += 1
        return self.words[self.position - 1]

    def _peek(self) -> Word | None:
        return self.words[self.position] if self.position < len(self.words) else None

    def _read_word(self, written: Written) -> None:
        option = written.named.option
        if written.raw is not None or option.implied is None:
            raw, at = self._value(written)
        else:
            raw, at = self._word_behind(written)
        text = unquote(raw).strip()
        given = Given(shown=_shown(written, raw), text=text, choice=choice(written, text, at), at=at)
        self.put(option.parameter, given)

    def _word_behind(self, written: Written) -> tuple[str, int]:
        """Return the next word if it is one of the option's values, else nothing, at the option itself."""
        word = self._peek()
        if word is None or word.quoted or written.named.negated:
            return "", written.at
        if word.raw.casefold() not in written.named.option.values:
            return "", written.at
        if word.raw.casefold() == _NORWEGIAN:
            raise ambiguous(written, word)
        self.position += 1
        return word.raw, word.at

    def _read_text(self, written: Written) -> None:
        raw, at = self._value(written)
        text = unquote(raw)
        given = Given(shown=_shown(written, raw), text=text, at=at)
        if written.named.option.kind is Kind.PHRASE:
            self.phrases.append(given)
        else:
            self.put(written.named.option.parameter, given)
        if raw == text and written.named.option.parameter in _FREE_TEXT:
            self.after = given

    def _read_phrases(self, written: Written) -> None:
        raw, at = self._value(written)
        self._add_phrases(written, raw, at)
        # `--phrases "a" "b"` and `phrases="a", "b"` go on after the space.
        while (word := self._peek()) and (word.quoted or raw.endswith(",")) and not names_option(word):
            self.position += 1
            raw, at = word.raw, word.at
            self._add_phrases(written, raw, at)
        if raw == unquote(raw):
            self.after = Given(shown=_shown(written, raw), text=raw, at=at)

    def _add_phrases(self, written: Written, raw: str, at: int) -> None:
        for offset, text in pieces(raw):
            self.phrases.append(Given(shown=written.shown, text=text, at=at + offset))

    def _value(self, written: Written) -> tuple[str, int]:
        """Return the raw value of an option and its offset, from behind its `=` or from the next word."""
        if written.raw:
            return written.raw, written.at + len(written.shown) + 1
        word = self._peek() if written.raw is None else None
        if word is None:
            raise missing(written)
        if names_option(word):
            raise missing(written, instead=word.raw)
        self.position += 1
        return word.raw, word.at

    def put(self, parameter: str, given: Given) -> None:
        """Note one value; the same twice is fine, two different ones are not."""
        before = self.given.setdefault(parameter, given)
        if parameter == _LANGUAGE and before is not given:
            same = _tag(before) == _tag(given)
        else:
            same = before.meaning == given.meaning
        if not same:
            raise contradiction(before, given)


def _shown(written: Written, raw: str) -> str:
    if not raw:
        return written.shown
    return f"{written.shown}{' ' if written.raw is None else '='}{raw}"


def _tag(given: Given) -> str | None:
    try:
        language = languages.read(given.text)
    except BadValue as problem:
        raise _placed(problem, given.at) from problem
    return language.tag if language else None


def _placed(problem: BadValue, at: int) -> BadCommand:
    return BadCommand(str(problem), at=at, value=problem.value, fix=problem.fix)


def read(words: tuple[Word, ...]) -> Checked:
    """Return the request that the words of a command make.

    Raises:
        BadCommand: A word, an option or a value is not understood, or Mux would refuse it.
    """
    reader = _Reader(words)
    reader.read()
    named = reader.given.get("asset_id")
    videos, loose = assets.sort(reader.loose, named=named is not None)
    videos = [named, *videos] if named else videos
    if not videos:
        raise BadCommand(
            f"{show(words[0].raw)} has no asset to work on: the asset id is missing.",
            value=words[0].raw,
            fix="begin with the asset id",
        )
    pointers = assets.read(videos)
    if loose:
        reader.put(_LANGUAGE, _loose_language(loose))
    replace = _replace(reader.given)
    return dataclasses.replace(_checked(reader, videos[0], replace), pointers=pointers)


def _loose_language(loose: list[Loose]) -> Given:
    """Read the words after the asset id as a language of one or more words (`brazilian portuguese`)."""
    first = loose[0]
    text = " ".join(each.word.value for each in loose)
    given = Given(shown=text, text=text, at=first.word.at)
    try:
        language = languages.read(text)
    except BadValue as problem:
        raise _stray(loose, problem) from problem
    if first.after and language and not language.verified:
        raise _too_many(first)
    return given


def _stray(loose: list[Loose], problem: BadValue) -> BadCommand:
    first = loose[0]
    if first.after:
        return _too_many(first)
    if len(loose) > 1:
        try:
            languages.read(first.word.value)
        except BadValue as alone:
            problem = problem if languages.suggest(problem.value) else alone
        else:
            return _too_many(loose[1])
    if options.find(problem.value):
        fix = f"did you mean `--{problem.value.casefold()}`?"
        return BadCommand(str(problem), at=first.word.at, value=problem.value, fix=fix)
    return _placed(problem, first.word.at)


def _too_many(extra: Loose) -> BadCommand:
    text = extra.word.value
    if options.find(text):
        fix = f"did you mean `--{text.casefold()}`?"
    elif extra.after:
        option = extra.after.shown.removesuffix(extra.after.text)
        both = f'{option}"{extra.after.text} {text}"'
        fix = f"does it belong to the value before it? Put quotes around both: {show(both)}"
    else:
        fix = f"is {show(text)} part of a track name? Put quotes around it"
    return BadCommand(f"{show(text)} is one word too many.", at=extra.word.at, value=text, fix=fix)


def _replace(given: dict[str, Given]) -> Replace:
    """Fold the three ways to say what happens to existing tracks into one, as Mux reads its own two."""
    old, new = given.get("replace_existing"), given.get("replace_existing_tracks")
    if old and new:
        if old.choice is Replace.ALL:
            raise BadCommand(
                f"Mux takes {show(old.shown)} and {show(new.shown)} only one at a time.",
                at=new.at,
                value=new.text,
                fix="keep `replace_existing_tracks`",
            )
        old = None
    found = [way for way in (given.get("replace"), old, new) if way]
    for way in found[1:]:
        if way.choice is not found[0].choice:
            raise contradiction(found[0], way)
    replace = Replace(str(found[0].choice)) if found else Replace.FAIL
    upload = given.get("upload_to_mux")
    if upload and not upload.choice and replace is not Replace.FAIL:
        raise BadCommand(
            f"{show(upload.shown)} makes no track, so {show(found[0].shown)} has nothing to replace.",
            at=upload.at,
            value=upload.text or upload.shown,
            fix="leave one of them out",
        )
    return replace


def _checked(reader: _Reader, video: Given, replace: Replace) -> Checked:
    given = reader.given
    language, name = given.get(_LANGUAGE), given.get("track_name")
    try:
        return check(
            asset_id=video.text,
            language=language.text if language else None,
            replace=replace,
            track_name=name.text if name else None,
            include_speakers=_is_on(given.get("include_speakers"), default=False),
            include_words=_is_on(given.get("include_words"), default=False),
            upload_to_mux=_is_on(given.get("upload_to_mux"), default=True),
            phrases=[phrase.text for phrase in reader.phrases],
        )
    except BadValue as problem:
        phrase_at = next((each.at for each in reader.phrases if each.text == problem.value), 0)
        at = phrase_at if problem.parameter == "phrases" else given[problem.parameter].at
        raise _placed(problem, at) from problem


def _is_on(given: Given | None, *, default: bool) -> bool:
    return default if given is None else bool(given.choice)
