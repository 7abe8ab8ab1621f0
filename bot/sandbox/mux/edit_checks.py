"""Mux's rules for an edit-captions request, written by hand from its reference and its prose.

https://www.mux.com/docs/api-reference#robots/operation/create-edit-captions-job
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from bot.sandbox.mux.checks import envelope_problems, is_text

DEFAULT_SUFFIX: Final = "edited"
MODES: Final = ("blank", "remove", "mask")
_WAYS: Final = ("replacements", "speaker_replacements", "auto_censor_profanity")
_SWITCHES: Final = ("upload_to_mux", "delete_original_track")
_PARAMETERS: Final = frozenset({"asset_id", "track_id", "track_name_suffix", *_WAYS, *_SWITCHES})
_NOT_IN_LABELS: Final = frozenset("[]\n\r")


def problems(body: Any) -> list[str]:
    """Return one message for each rule that a create request breaks; none when it is good.

    Unknown fields are refused, as for captions.
    """
    if not isinstance(body, dict) or not isinstance(body.get("parameters"), dict):
        return ["parameters is required and must be an object"]
    return [*envelope_problems(body), *_parameters(body["parameters"])]


def with_defaults(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters as the job shows them, with the defaults filled in."""
    defaults = {"upload_to_mux": True, "delete_original_track": True, "track_name_suffix": DEFAULT_SUFFIX}
    return defaults | parameters


def _parameters(parameters: dict[str, Any]) -> Iterator[str]:
    for name in sorted(parameters.keys() - _PARAMETERS):
        yield f"unknown parameter {name}"
    for name in ("asset_id", "track_id"):
        if not is_text(parameters.get(name)):
            yield f"{name} is required and must be a non-empty string"
    if "track_name_suffix" in parameters and not is_text(parameters["track_name_suffix"]):
        yield "track_name_suffix must be a non-empty string"
    for name in _SWITCHES:
        if name in parameters and not isinstance(parameters[name], bool):
            yield f"{name} must be a boolean"
    if not any(parameters.get(way) for way in _WAYS) and "auto_censor_profanity" not in parameters:
        yield f"at least one of {', '.join(_WAYS)} is required"
    yield from _rows(parameters, "replacements", _replacement)
    yield from _rows(parameters, "speaker_replacements", _speaker)
    if "auto_censor_profanity" in parameters:
        yield from _censoring(parameters["auto_censor_profanity"])


def _rows(
    parameters: dict[str, Any], name: str, check: Callable[[dict[str, Any]], Iterator[str]]
) -> Iterator[str]:
    rows = parameters.get(name, [])
    if not isinstance(rows, list):
        yield f"{name} must be an array"
        return
    for at, row in enumerate(rows):
        found = check(row) if isinstance(row, dict) else iter(["must be an object"])
        yield from (f"{name}[{at}] {problem}" for problem in found)


def _replacement(row: dict[str, Any]) -> Iterator[str]:
    for name in sorted(row.keys() - {"find", "replace", "case_sensitive"}):
        yield f"has an unknown field {name}"
    if not is_text(row.get("find")):
        yield "needs a non-empty find"
    if not isinstance(row.get("replace"), str):
        yield "needs a replace"
    if not isinstance(row.get("case_sensitive", False), bool):
        yield "has a case_sensitive that is no boolean"


def _speaker(row: dict[str, Any]) -> Iterator[str]:
    for name in sorted(row.keys() - {"find", "replace"}):
        yield f"has an unknown field {name}"
    for name in ("find", "replace"):
        value = row.get(name)
        if not is_text(value):
            yield f"needs a non-empty {name}"
        elif _NOT_IN_LABELS & set(value or ""):
            yield f"has brackets or line breaks in {name}"


def _censoring(value: Any) -> Iterator[str]:
    if not isinstance(value, dict):
        yield "auto_censor_profanity must be an object"
        return
    if value.get("detection_method", "llm") != "llm":
        yield "auto_censor_profanity.detection_method must be llm"
    if value.get("mode", "blank") not in MODES:
        yield f"auto_censor_profanity.mode must be one of {', '.join(MODES)}"
    for name in ("always_censor", "never_censor"):
        words = value.get(name, [])
        if not isinstance(words, list) or not all(map(is_text, words)):
            yield f"auto_censor_profanity.{name} must be an array of non-empty strings"
