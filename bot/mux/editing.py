"""Writes an edit of captions the way Mux reads it, and reads the job that it becomes. Performs no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bot.errors import BotError
from bot.mux.answers import read_job
from bot.mux.creating import checked_passthrough
from bot.mux.reading import count, identifier, link, mapping, text
from bot.rules.edits import CaptionEdit, EditOutcome, EditReport
from bot.rules.jobs import Signal

EDIT_WORKFLOW: Final = "edit-captions"


# https://www.mux.com/docs/guides/robots-edit-captions
def edit_body(edit: CaptionEdit, passthrough: str) -> dict[str, Any]:
    """Return the JSON body of a create; empty lists are left out.

    Raises:
        BotError: `passthrough` has not 1 to 255 characters, or nothing is to be changed.
    """
    if not (edit.words or edit.speakers):
        raise BotError("an edit of captions changes at least one word or name")
    parameters: dict[str, Any] = {
        "asset_id": edit.asset_id,
        "track_id": edit.track_id,
        "replacements": [
            {"find": word.find, "replace": word.replace, "case_sensitive": word.case_sensitive}
            for word in edit.words
        ],
        "speaker_replacements": [{"find": name.find, "replace": name.replace} for name in edit.speakers],
        "upload_to_mux": True,
        "delete_original_track": not edit.keep_original,
        "track_name_suffix": edit.name_suffix,
    }
    sent = {name: value for name, value in parameters.items() if value not in ("", [])}
    return {"parameters": sent, "passthrough": checked_passthrough(passthrough)}


def same_edit(parameters: Mapping[str, Any], edit: CaptionEdit) -> bool:
    """Say whether a job with `parameters`, as Mux echoes them, is what `edit` asks for.

    This is what Mux compares before it answers 409; what is left out counts as its default.
    """
    return _normal(parameters) == _normal(edit_body(edit, "any")["parameters"])


def _normal(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "asset_id": parameters.get("asset_id"),
        "track_id": parameters.get("track_id"),
        "words": [
            {**mapping(word), "case_sensitive": mapping(word).get("case_sensitive") is True}
            for word in parameters.get("replacements") or []
        ],
        "speakers": parameters.get("speaker_replacements") or [],
        "profanity": parameters.get("auto_censor_profanity"),
        "upload_to_mux": parameters.get("upload_to_mux") is not False,
        "delete_original_track": parameters.get("delete_original_track") is not False,
        "name_suffix": parameters.get("track_name_suffix") or "edited",
    }


def read_edit(data: Mapping[str, Any], *, status: str | None = None) -> EditReport:
    """Return what `data`, an edit-captions job as Mux spells it, says.

    Raises:
        Malformed: `no_job_id`, `bad_job_id`, `no_status` or `bad_status`.
    """
    job = read_job(data, status=status)
    outputs = mapping(data.get("outputs"))
    outcome = EditOutcome(
        replacements=count(outputs.get("total_replacement_count")),
        track_id=identifier(outputs.get("uploaded_track_id")),
        vtt_url=link(outputs.get("temporary_vtt_url")),
    )
    return EditReport(
        signal=job.signal,
        mux_id=job.mux_id,
        asset_id=job.asset_id,
        source_track_id=text(mapping(data.get("parameters")).get("track_id"), limit=255),
        passthrough=job.passthrough,
        units_consumed=job.units_consumed,
        changed_at=job.changed_at,
        outcome=outcome if job.signal is Signal.COMPLETED else None,
        failure=job.failure,
    )
