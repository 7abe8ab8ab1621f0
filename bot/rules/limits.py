"""Every limit that Mux puts on a generate-premium-captions job, in one place. Performs no I/O.

A command, a modal and a stored default all pass through `check`; what it returns can be sent as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.errors import BadValue
from bot.rules import languages, links
from bot.rules.links import Pointer
from bot.rules.request import CaptionRequest, Replace
from bot.rules.text import plain, show

# https://www.mux.com/docs/guides/robots-generate-premium-captions: up to 100 phrases of up to 50 characters.
# Newer texts of Mux say fewer than 50 characters, at most 5 words, and none of the banned characters.
MAX_PHRASES: Final = 100
MAX_PHRASE_CHARACTERS: Final = 50
SURE_PHRASE_CHARACTERS: Final = 49
SURE_PHRASE_WORDS: Final = 5
BANNED_IN_PHRASES: Final = "<>{}[]\\"

MAX_VIDEOS: Final = 25
"""How many videos one act of a person may name."""

# Mux states no longest track name; this one is ours, far above what occurs.
MAX_TRACK_NAME_CHARACTERS: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A request within every limit, and what to tell the person although it is accepted (plain text).

    `pointers` are the videos as they were named, at least one; `request` is about the first, whose id stands
    in it even where Mux is yet to say which asset that is.
    """

    request: CaptionRequest
    warnings: tuple[str, ...] = ()
    pointers: tuple[Pointer, ...] = ()


def check(
    *,
    asset_id: str,
    language: str | None = None,
    replace: Replace = Replace.FAIL,
    track_name: str | None = None,
    include_speakers: bool = False,
    include_words: bool = False,
    upload_to_mux: bool = True,
    phrases: Iterable[str] = (),
) -> Checked:
    """Return the request that these values make, trimmed and normalised.

    `asset_id` is whatever names one video (see `bot.rules.links.read`).
    `language` is what a person typed: a tag, a name, or `auto`; None and blank mean detection. Blank and
    repeated phrases are dropped.

    Raises:
        BadValue: A value, or two together, that Mux would refuse; `parameter` is spelled as Mux does.
    """
    warnings: list[str] = []
    pointer = links.read(asset_id)
    request = CaptionRequest(
        asset_id=pointer.id,
        language_code=_check_language(language, warnings),
        replace=replace,
        track_name=None if track_name is None else check_track_name(track_name),
        include_speakers=include_speakers,
        include_words=include_words,
        upload_to_mux=upload_to_mux,
        phrases=_check_phrases(phrases, warnings),
    )
    if not upload_to_mux and replace is not Replace.FAIL:
        raise BadValue(
            f"Without an upload (`upload_to_mux` is `false`) no track is made, so none can be replaced, "
            f"but {show(replace.value)} asks for that.",
            parameter="upload_to_mux",
            value="false",
            fix="upload the captions, or keep the existing tracks",
        )
    return Checked(request=request, warnings=tuple(warnings), pointers=(pointer,))


def check_track_name(track_name: str) -> str:
    """Return a track name, trimmed.

    Raises:
        BadValue: It is blank, or longer than this bot accepts.
    """
    name = plain(track_name)
    if not name:
        raise BadValue(
            f"The track name {show(track_name)} is blank.",
            parameter="track_name",
            value=track_name,
            fix="give it letters, or leave it out and Mux names the track after its language",
        )
    if len(name) > MAX_TRACK_NAME_CHARACTERS:
        raise BadValue(
            f"The track name {show(name)} has {len(name)} characters; "
            f"this bot accepts at most {MAX_TRACK_NAME_CHARACTERS}.",
            parameter="track_name",
            value=track_name,
            fix="shorten the name",
        )
    return name


def _check_language(text: str | None, warnings: list[str]) -> str | None:
    language = languages.read(text) if text is not None else None
    if language is None:
        return None
    if not language.verified:
        named = f" ({language.name})" if language.name != language.tag else ""
        warnings.append(
            f"{show(language.tag)}{named} is not in the part of Mux's list of verified languages that this "
            "bot knows; Mux captions other languages as well as it can."
        )
    return language.tag


def _check_phrases(phrases: Iterable[str], warnings: list[str]) -> tuple[str, ...]:
    kept: dict[str, None] = {}
    for typed in phrases:
        phrase = plain(typed)
        if phrase and phrase not in kept:
            warnings.extend(_check_phrase(phrase, typed))
            kept[phrase] = None
            if len(kept) > MAX_PHRASES:
                raise BadValue(
                    f"{show(phrase)} is phrase {len(kept)}; Mux takes at most {MAX_PHRASES}.",
                    parameter="phrases",
                    value=typed,
                    fix=f"keep the {MAX_PHRASES} that matter most",
                )
    return tuple(kept)


def _check_phrase(phrase: str, typed: str) -> list[str]:
    """Return the warnings about one phrase; Mux's texts disagree about its longest form."""
    if len(phrase) > MAX_PHRASE_CHARACTERS:
        raise BadValue(
            f"The phrase {show(phrase)} has {len(phrase)} characters; "
            f"Mux takes at most {MAX_PHRASE_CHARACTERS}.",
            parameter="phrases",
            value=typed,
            fix="shorten it, or split it in two phrases",
        )
    banned = next((character for character in phrase if character in BANNED_IN_PHRASES), None)
    if banned:
        raise BadValue(
            f"The phrase {show(phrase)} contains {show(banned)}; Mux takes none of `{BANNED_IN_PHRASES}`.",
            parameter="phrases",
            value=typed,
            fix=f"leave the {show(banned)} out",
        )
    warnings = []
    if len(phrase) > SURE_PHRASE_CHARACTERS:
        warnings.append(
            f"The phrase {show(phrase)} has {len(phrase)} characters; "
            f"Mux may refuse more than {SURE_PHRASE_CHARACTERS}."
        )
    if (words := len(phrase.split())) > SURE_PHRASE_WORDS:
        warnings.append(
            f"The phrase {show(phrase)} has {words} words; Mux may refuse more than {SURE_PHRASE_WORDS}."
        )
    return warnings
