"""Writes a request the way Mux reads it, and recognises it in a job that Mux runs. Performs no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bot.errors import BotError
from bot.rules.request import CaptionRequest, Replace

WORKFLOW: Final = "generate-premium-captions"
MAX_PASSTHROUGH: Final = 255


# https://www.mux.com/docs/guides/robots-generate-premium-captions
def create_body(request: CaptionRequest, passthrough: str) -> dict[str, Any]:
    """Return the JSON body of a create.

    What is not set is left out, and so is an empty list of phrases, which Mux refuses. `replace_existing`
    and `replace_existing_tracks` are never sent together, because Mux refuses that pair.

    Raises:
        BotError: `passthrough` is empty or longer than 255 characters, so the job could not be found again.
    """
    parameters: dict[str, Any] = {
        "asset_id": request.asset_id,
        "language_code": request.language_code,
        **_replacing(request.replace),
        "track_name": request.track_name,
        "include_speakers": request.include_speakers,
        "include_words": request.include_words,
        "upload_to_mux": request.upload_to_mux,
        "phrases": [phrase for phrase in request.phrases if phrase.strip()],
    }
    sent = {name: value for name, value in parameters.items() if value not in (None, "", [])}
    return {"parameters": sent, "passthrough": checked_passthrough(passthrough)}


def checked_passthrough(passthrough: str) -> str:
    """Return `passthrough` as it is.

    Raises:
        BotError: it is empty or longer than 255 characters.
    """
    if not 0 < len(passthrough) <= MAX_PASSTHROUGH:
        raise BotError(f"a passthrough has 1 to {MAX_PASSTHROUGH} characters, not {len(passthrough)}")
    return passthrough


def _replacing(policy: Replace) -> dict[str, Any]:
    if policy is Replace.GENERATED:
        return {"replace_existing_tracks": policy.value}
    return {"replace_existing": policy is Replace.ALL}


def same_work(parameters: Mapping[str, Any], request: CaptionRequest) -> bool:
    """Say whether a job with `parameters`, as Mux echoes them, is what `request` asks for.

    This is what Mux compares before it answers 409. Both spellings of the replacing policy are
    understood, and what is left out counts as its default.
    """
    return _normal(parameters) == _normal(create_body(request, "any")["parameters"])


def _normal(parameters: Mapping[str, Any]) -> dict[str, Any]:
    policy = parameters.get("replace_existing_tracks")
    if policy is None:
        policy = Replace.ALL.value if parameters.get("replace_existing") is True else Replace.FAIL.value
    return {
        "asset_id": parameters.get("asset_id"),
        "language_code": parameters.get("language_code"),
        "replace": policy,
        "track_name": parameters.get("track_name"),
        "include_speakers": parameters.get("include_speakers") is True,
        "include_words": parameters.get("include_words") is True,
        "upload_to_mux": parameters.get("upload_to_mux") is not False,
        "phrases": parameters.get("phrases") or [],
    }
