"""Captions are corrected by a job that is found again like any other."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import jsonschema
import pytest

from bot.errors import BotError, MuxRefused
from bot.mux.editing import edit_body, read_edit, same_edit
from bot.rules.edits import CaptionEdit, EditOutcome, SpeakerEdit, WordEdit
from bot.rules.jobs import Signal

SPEC = Path(__file__).parents[3] / "shared" / "specs" / "mux-robots-openapi.json"
T0 = 1_790_000_000
EDIT = CaptionEdit(
    asset_id="asset1",
    track_id="track1",
    words=(WordEdit(find="mucks", replace="Mux"), WordEdit(find="IT", replace="it", case_sensitive=True)),
    speakers=(SpeakerEdit(find="speaker_0", replace="Ana"),),
)
DONE = {
    "id": "rjob_9",
    "workflow": "edit-captions",
    "status": "completed",
    "units_consumed": 12,
    "created_at": T0,
    "updated_at": T0 + 60,
    "passthrough": "captionbot:e1",
    "parameters": edit_body(EDIT, "captionbot:e1")["parameters"],
    "outputs": {
        "total_replacement_count": 3,
        "uploaded_track_id": "track2",
        "temporary_vtt_url": "https://storage.example/a.vtt",
    },
}


def test_what_is_sent_is_what_the_specification_takes():
    if not SPEC.exists():
        pytest.skip("the specification is not at hand beside this checkout")
    whole = json.loads(SPEC.read_text(encoding="utf-8"))
    schema = {**whole, "$ref": "#/components/schemas/OutgoingEditCaptionsRequest"}
    for edit in (EDIT, CaptionEdit(asset_id="a", track_id="t", words=EDIT.words, name_suffix="v2")):
        jsonschema.Draft202012Validator(schema).validate(edit_body(edit, "captionbot:e1"))


def test_empty_lists_and_defaults_stay_away_and_deleting_is_always_said():
    only_names = CaptionEdit(asset_id="a", track_id="t", speakers=EDIT.speakers, keep_original=True)
    assert edit_body(only_names, "p") == {
        "parameters": {
            "asset_id": "a",
            "track_id": "t",
            "speaker_replacements": [{"find": "speaker_0", "replace": "Ana"}],
            "upload_to_mux": True,
            "delete_original_track": False,
        },
        "passthrough": "p",
    }


def test_an_edit_of_nothing_and_one_without_a_stamp_are_bugs():
    with pytest.raises(BotError):
        edit_body(CaptionEdit(asset_id="a", track_id="t"), "p")
    with pytest.raises(BotError):
        edit_body(EDIT, "")


def test_a_finished_edit_is_read():
    report = read_edit(DONE)
    assert (report.signal, report.mux_id, report.passthrough) == (Signal.COMPLETED, "rjob_9", "captionbot:e1")
    assert (report.asset_id, report.source_track_id, report.units_consumed) == ("asset1", "track1", 12)
    assert report.changed_at == T0 + 60
    assert report.outcome == EditOutcome(
        replacements=3, track_id="track2", vtt_url="https://storage.example/a.vtt"
    )


def test_a_failed_edit_says_why_and_has_no_outcome():
    failed = {**DONE, "status": "errored", "errors": [{"type": "validation_error", "message": "Taken."}]}
    report = read_edit(failed)
    assert report.outcome is None
    assert report.failure is not None
    assert (report.failure.code, report.failure.message) == ("validation_error", "Taken.")


def test_the_same_edit_is_recognised_in_what_mux_echoes():
    echoed = {**DONE["parameters"], "track_name_suffix": "edited"}
    del echoed["delete_original_track"]
    del echoed["replacements"][0]["case_sensitive"]
    assert same_edit(echoed, EDIT)
    assert not same_edit({**echoed, "track_id": "other"}, EDIT)
    assert not same_edit({**echoed, "auto_censor_profanity": {}}, EDIT)
    assert not same_edit({**echoed, "replacements": None}, EDIT)


async def test_an_edit_is_started_opened_and_cancelled_under_its_own_workflow(mux, client):
    started = await client.edit_captions(EDIT, "captionbot:e1")
    assert (started.signal, started.mux_id, started.passthrough) == (Signal.PENDING, "new", "captionbot:e1")
    assert mux.requests[-1].url.path == "/robots/v0/jobs/edit-captions"
    assert (await client.edit("new")).signal is Signal.PENDING
    assert mux.requests[-1].url.path == "/robots/v0/jobs/edit-captions/new"
    assert (await client.cancel("new")).signal is Signal.CANCELLED


async def test_a_lost_edit_is_found_by_its_stamp_and_a_running_one_by_its_work(mux, client):
    common = {"workflow": "edit-captions", "parameters": DONE["parameters"]}
    mux.add("mine", created_at=T0 + 1, passthrough="captionbot:e1", **common)
    mux.add("theirs", created_at=T0 + 2, passthrough="else", **common)
    mux.add("other", workflow="edit-captions", passthrough="captionbot:e2")
    mux.add("captions", passthrough="captionbot:e1")
    found = await client.edit_copies("asset1", "captionbot:e1", since=float(T0))
    assert [report.mux_id for report in found] == ["mine"]
    assert mux.requests[0].url.params["workflow"] == "edit-captions"
    running = await client.edits_running("asset1", like=EDIT)
    assert [report.mux_id for report in running] == ["theirs", "mine"]
    assert len(await client.edits_running("asset1")) == 3


async def test_the_same_edit_under_way_is_a_conflict(mux, client):
    async def conflict(_: httpx.Request) -> httpx.Response:
        return httpx.Response(409, json={"error": {"type": "conflict", "message": "Under way."}})

    mux.odd = conflict
    with pytest.raises(MuxRefused) as caught:
        await client.edit_captions(EDIT, "captionbot:e1")
    assert (caught.value.status, caught.value.code) == (409, "conflict")
