"""Mux's rules for a generate-premium-captions request, written by hand from its reference and its prose.

https://www.mux.com/docs/api-reference#robots/operation/create-generate-premium-captions-job
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

POLICIES: Final = ("fail", "replace_all", "replace_generated")
PHRASE_CHARACTERS: Final = 49
PHRASE_WORDS: Final = 5
PHRASES: Final = 1000
PASSTHROUGH_CHARACTERS: Final = 255
_BANNED_IN_PHRASES: Final = frozenset("<>{}[]\\")
_LANGUAGE_TAG: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_SWITCHES: Final = ("replace_existing", "include_speakers", "include_words", "upload_to_mux")
_PARAMETERS: Final = frozenset(
    {"asset_id", "language_code", "replace_existing_tracks", "track_name", "phrases", *_SWITCHES}
)


def problems(body: Any) -> list[str]:
    """Return one message for each rule that a create request breaks; none when it is good.

    Unknown fields are refused here although Mux's schema leaves them open: a misspelt parameter that is
    silently ignored would cost money.
    """
    if not isinstance(body, dict) or not isinstance(body.get("parameters"), dict):
        return ["parameters is required and must be an object"]
    return [*envelope_problems(body), *_parameters(body["parameters"])]


def with_defaults(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters as the job shows them, with the switches' defaults filled in."""
    return {"include_speakers": False, "include_words": False, "upload_to_mux": True} | parameters


def policy(parameters: dict[str, Any]) -> str:
    """Return what is to happen to tracks in the way, whichever of the two switches was used."""
    if parameters.get("replace_existing"):
        return "replace_all"
    return str(parameters.get("replace_existing_tracks", "fail"))


def envelope_problems(body: dict[str, Any]) -> Iterator[str]:
    """Yield one message for each rule that everything around the parameters breaks."""
    for name in sorted(body.keys() - {"parameters", "passthrough"}):
        yield f"unknown field {name}"
    if "passthrough" in body:
        passthrough = body["passthrough"]
        if not isinstance(passthrough, str) or len(passthrough) > PASSTHROUGH_CHARACTERS:
            yield f"passthrough must be a string of at most {PASSTHROUGH_CHARACTERS} characters"


def _parameters(parameters: dict[str, Any]) -> Iterator[str]:
    for name in sorted(parameters.keys() - _PARAMETERS):
        yield f"unknown parameter {name}"
    if not is_text(parameters.get("asset_id")):
        yield "asset_id is required and must be a non-empty string"
    if "language_code" in parameters and not (
        is_text(parameters["language_code"]) and _LANGUAGE_TAG.fullmatch(parameters["language_code"])
    ):
        yield "language_code must be a BCP 47 language code"
    if "track_name" in parameters and not is_text(parameters["track_name"]):
        yield "track_name must be a non-empty string"
    for name in _SWITCHES:
        if name in parameters and not isinstance(parameters[name], bool):
            yield f"{name} must be a boolean"
    yield from _replacement(parameters)
    if "phrases" in parameters:
        yield from _phrases(parameters["phrases"])


def _replacement(parameters: dict[str, Any]) -> Iterator[str]:
    chosen = parameters.get("replace_existing_tracks", "fail")
    if chosen not in POLICIES:
        yield f"replace_existing_tracks must be one of {', '.join(POLICIES)}"
    if parameters.get("replace_existing") is True and "replace_existing_tracks" in parameters:
        yield "replace_existing and replace_existing_tracks must not be sent together"
    if parameters.get("upload_to_mux") is False:
        if chosen != "fail":
            yield "replace_existing_tracks must be fail when upload_to_mux is false"
        if parameters.get("replace_existing") is True:
            yield "replace_existing must be false when upload_to_mux is false"


def _phrases(phrases: Any) -> Iterator[str]:
    if not isinstance(phrases, list) or not 1 <= len(phrases) <= PHRASES:
        yield f"phrases must be an array of 1 to {PHRASES} strings"
        return
    for at, phrase in enumerate(phrases):
        if not isinstance(phrase, str) or not 1 <= len(phrase) <= PHRASE_CHARACTERS:
            yield f"phrases[{at}] must be a string of 1 to {PHRASE_CHARACTERS} characters"
        elif not 1 <= len(phrase.split()) <= PHRASE_WORDS:
            yield f"phrases[{at}] must have 1 to {PHRASE_WORDS} words"
        elif _BANNED_IN_PHRASES & set(phrase):
            yield f"phrases[{at}] must not contain any of < > {{ }} [ ] \\"


def is_text(value: Any) -> bool:
    """Say whether a value is a string with something in it."""
    return isinstance(value, str) and value != ""
