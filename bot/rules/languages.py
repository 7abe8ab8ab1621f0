"""What a person means by a language: a tag, a name, or "find out". Performs no I/O."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from bot.errors import BadValue
from bot.rules.language_names import OTHERS, QUALIFIERS, REGIONS, SCRIPTS, SIGNED, TRAPS, VERIFIED
from bot.rules.text import closest, plain, show

DETECT: Final = frozenset({"auto", "detect", "automatic"})
_PARAMETER: Final = "language_code"
_INSTEAD: Final = "a code such as `en` or `pt-BR`, a name such as `german`, or `auto`"

# Registered, but the name of no one language: undetermined, several, none, and not coded.
_NO_LANGUAGE: Final = frozenset({"und", "mul", "zxx", "mis"})
_FIRST_LOCAL_CODE: Final = "qaa"
_LAST_LOCAL_CODE: Final = "qtz"
# Tags that langcodes leaves alone although Mux lists the language under another one.
_SYNONYMS: Final = {"cmn": "zh", "jw": "jv"}

_AFTER_LATIN: Final = "\u0250"
_SEPARATORS: Final = str.maketrans({**dict.fromkeys("(),-_/", " "), **dict.fromkeys("'\u2019\u02bb`")})


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language: `tag` is a normalised BCP 47 tag, `name` what people call it in English.

    `verified` says that Mux is known to list the language, whatever its region; captions in any other are
    best effort, so a warning is due.
    """

    tag: str
    name: str
    verified: bool


def _fold(text: str) -> str:
    """Return `text` in lower case, without accents on Latin letters, words one space apart."""
    kept = []
    on_latin = False
    for character in unicodedata.normalize("NFD", text.casefold()):
        if not unicodedata.combining(character):
            on_latin = character < _AFTER_LATIN
        elif on_latin:
            continue
        kept.append(character)
    return " ".join(unicodedata.normalize("NFC", "".join(kept).translate(_SEPARATORS)).split())


_ROWS: Final = (*VERIFIED, *OTHERS)
_NAME_OF: Final = {tag: name for tag, name, _ in _ROWS}
_VERIFIED_TAGS: Final = frozenset(tag for tag, _, _ in VERIFIED)
_TAG_OF_NAME: Final = {_fold(name): tag for tag, english, others in _ROWS for name in (english, *others)} | {
    "european portuguese": "pt-PT",
    "european spanish": "es-ES",
    "flemish": "nl-BE",
}
_SUBTAG_OF: Final = {_fold(name): code for code, name in (REGIONS | SCRIPTS).items()} | QUALIFIERS
_KNOWN_WORDS: Final = (*_TAG_OF_NAME, *_NAME_OF)
_NAME_WORDS: Final = (*_TAG_OF_NAME, *_SUBTAG_OF)
_MOST_WORDS_IN_A_NAME: Final = 4


def name_of(tag: str) -> str:
    """Return the display name of a normalised tag, such as "Portuguese (Brazil)"; the tag when unknown."""
    base, *subtags = tag.split("-")
    if base not in _NAME_OF:
        return tag
    if not subtags:
        return _NAME_OF[base]
    details = ", ".join(SCRIPTS.get(subtag) or REGIONS.get(subtag, subtag) for subtag in subtags)
    return f"{_NAME_OF[base]} ({details})"


def _language(tag: str) -> Language:
    return Language(tag=tag, name=name_of(tag), verified=tag.partition("-")[0] in _VERIFIED_TAGS)


_PLAIN_TAGS: Final = {tag: _language(tag) for tag in _NAME_OF}


def is_detection(text: str) -> bool:
    """Say whether `text` asks for the language to be detected (`auto`, `detect`, or nothing at all)."""
    text = text.strip().casefold()
    return not text or text in DETECT


def read(text: str) -> Language | None:
    """Return the wanted language, None when it is to be detected; raises as `normalise` does."""
    return None if is_detection(text) else normalise(text)


def normalise(text: str) -> Language:
    """Return the language that a tag (`PT_br`) or a name (`brazilian portuguese`) stands for.

    A registered tag is accepted although Mux may not list it; `verified` then is False. Nothing is guessed:
    a near miss is an error that asks "did you mean ...?", because a wrong label would be paid for.

    Raises:
        BadValue: The text is no language, or a code that means another one than people think.
    """
    text = plain(text)
    if text in _PLAIN_TAGS:
        return _PLAIN_TAGS[text]
    if text.casefold() in TRAPS:
        raise _trap(text)
    tag = _tag(text) or _tag_of_name(_fold(text))
    if tag is None:
        raise _unknown(text)
    return _language(tag)


def _tag(text: str) -> str | None:
    """Return the normalised form of a tag, None for what is not shaped like a registered one."""
    if text.casefold().startswith("root"):
        return None
    # Its tables take 3 MB and 60 ms, and most people name a language that the table above has.
    import langcodes
    from langcodes.tag_parser import LanguageTagError

    try:
        tag = langcodes.standardize_tag(text)
    except LanguageTagError:
        return None
    base, *subtags = tag.split("-")
    base = _SYNONYMS.get(base, base)
    if base == "x" or any(len(subtag) == 1 for subtag in subtags):
        raise BadValue(
            f"{show(text)} holds private or extended parts that Mux cannot know.",
            parameter=_PARAMETER,
            value=text,
            fix="give only the language, its script and its region, such as `zh-Hant-TW`",
        )
    if base in SIGNED:
        raise BadValue(
            f"{show(text)} stands for a sign language, and captions are made from what is spoken.",
            parameter=_PARAMETER,
            value=text,
            fix="give the spoken language, such as `en`",
        )
    if base in _NO_LANGUAGE or _FIRST_LOCAL_CODE <= base <= _LAST_LOCAL_CODE:
        raise BadValue(
            f"{show(text)} is a code for no particular language.",
            parameter=_PARAMETER,
            value=text,
            fix="leave the language out, or say `auto`, to have it detected",
        )
    return "-".join([base, *subtags]) if langcodes.tag_is_valid(tag) else None


def _tag_of_name(folded: str) -> str | None:
    if folded in _TAG_OF_NAME:
        return _TAG_OF_NAME[folded]
    words = folded.split()
    for cut in range(1, len(words)):
        before, after = " ".join(words[:cut]), " ".join(words[cut:])
        for base, detail in ((before, after), (after, before)):
            if base in _TAG_OF_NAME and detail in _SUBTAG_OF:
                return f"{_TAG_OF_NAME[base]}-{_SUBTAG_OF[detail]}"
    return None


def typed(tag: str) -> str:
    """Return what to type for a normalised tag, so that `normalise` gives it back.

    That is the tag itself, but for the few that people mostly type by mistake: `bre` for `br` (Breton).
    """
    return TRAPS[tag][1] if tag in TRAPS else tag


def _trap(text: str) -> BadValue:
    tag, long_code = TRAPS[text.casefold()]
    also = f" (or `{long_code}` for the language whose code {show(text)} is)" if long_code else ""
    return BadValue(
        f"{show(text)} is not the code of {name_of(tag)}.",
        parameter=_PARAMETER,
        value=text,
        fix=f"did you mean `{tag}`?{also}",
    )


def suggest(text: str) -> str | None:
    """Return the name or tag that a misspelt one was probably meant to be, or None."""
    folded = _fold(text)
    words = folded.split()
    if 1 < len(words) <= _MOST_WORDS_IN_A_NAME:
        mended = " ".join(closest(word, _NAME_WORDS) or word for word in words)
        if _tag_of_name(mended):
            return mended
    return closest(folded, _KNOWN_WORDS)


def _unknown(text: str) -> BadValue:
    near = suggest(text)
    return BadValue(
        f"{show(text)} is not a language.",
        parameter=_PARAMETER,
        value=text,
        fix=f"did you mean `{near}`?" if near else f"give {_INSTEAD}",
    )


def _all() -> tuple[tuple[str, str], ...]:
    regional = ("en-GB", "en-US", "es-419", "es-ES", "es-MX", "fr-CA", "pt-BR", "pt-PT", "zh-Hans", "zh-Hant")
    return tuple(sorted(((tag, name_of(tag)) for tag in (*_NAME_OF, *regional)), key=lambda pair: pair[1]))


_ALL: Final = _all()


def all_languages() -> tuple[tuple[str, str], ...]:
    """Return (tag, name) of every language with a name, sorted by name, for pickers."""
    return _ALL
