"""Every shape of a webhook gives the same value."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.mux.events import TRACK_READY, read_event
from bot.mux.reading import Malformed
from bot.rules.jobs import Signal
from tests.mux.events import ALL_FIVE, KIND, read

SHARED = Path(__file__).parents[3] / "shared"


@pytest.mark.parametrize(("status", "signal"), ALL_FIVE)
@pytest.mark.parametrize("family", ["robots.job", "robots.v1.job", "robots.v2.job"])
def test_all_five_events_of_both_families_report_the_job(envelope, family, status, signal):
    event = read(envelope(status, type=f"{family}.generate_premium_captions.{status}"))
    assert event.report is not None
    assert (event.report.signal, event.report.mux_id, event.report.passthrough) == (
        signal,
        "rjob_1",
        "captionbot:j1",
    )
    assert (event.id, event.environment_id, event.workflow) == ("evt-1", "env1", "generate-premium-captions")


def test_the_job_is_found_wherever_mux_puts_it(envelope, job):
    in_data = read(envelope())
    assert in_data == read(envelope(data={KIND: job()}))
    assert in_data == read(envelope(data=None, **{KIND: job()}))
    assert in_data == read(envelope(data={}, **{KIND: job()}))
    assert in_data == read(envelope(data={"created_at": 1, "job": job()}))
    assert in_data == read(envelope(data=None, job=job()))


def test_a_short_form_without_a_workflow_is_still_a_job(envelope):
    event = read(envelope(data={"id": "rjob_1", "status": "completed"}))
    assert event.report is not None
    assert event.report.mux_id == "rjob_1"


def test_the_event_speaks_where_the_job_does_not(envelope, job):
    event = read(envelope("cancelled", data=job(status=None)))
    assert event.report is not None
    assert event.report.signal is Signal.CANCELLED
    event = read(envelope("cancelled", data=job(status="a status of next year")))
    assert event.report is not None
    assert event.report.signal is Signal.CANCELLED


def test_the_job_is_believed_over_the_name_of_its_event(envelope, job):
    event = read(envelope("processing", data=job(status="completed")))
    assert event.report is not None
    assert event.report.signal is Signal.COMPLETED


def test_american_spelling_is_understood(envelope):
    event = read(envelope("canceled"))
    assert event.report is not None
    assert event.report.signal is Signal.CANCELLED


def test_the_bare_shape_of_the_guide_gets_a_type_and_an_id(job):
    event = read({"data": job()})
    assert event.type == KIND
    assert event.id == "derived:rjob_1:completed"
    assert event.report is not None
    assert read({"data": job()}) == event
    assert read({"data": job(status="canceled")}).type.endswith(".cancelled")


def test_the_sample_printed_in_the_guide_is_understood():
    guide = SHARED / "seed" / "generate-premium-captions.txt"
    if not guide.exists():
        pytest.skip("the guide is not at hand beside this checkout")
    printed = guide.read_text(encoding="utf-8")
    start = printed.index('{\n"data": {')
    sample, _ = json.JSONDecoder().raw_decode(printed[start:])
    report = read(sample).report
    assert report is not None
    assert report.outcome is not None
    assert (report.mux_id, report.units_consumed, report.outcome.track_id) == (
        "rjob_yza567",
        3000,
        "track_en_abc123",
    )


def test_an_event_without_an_id_gets_one_that_its_repeats_share(envelope):
    assert read(envelope(id=None)).id == read(envelope(id=None, created_at="later")).id


@pytest.mark.parametrize(
    "kind",
    [
        "video.asset.ready",
        TRACK_READY,
        "video.asset.track.errored",
        "robots.job.translate_captions.completed",
        "robots.v1.job.translate_captions.completed",
        "robots.job.generate_premium_captions.paused",
        "robots.directive_run.completed",
        "robots.job.generate_premium_captions",
        "something.of.next.year",
    ],
)
def test_other_events_are_known_by_their_type_and_report_nothing(kind):
    event = read({"type": kind, "id": "evt-2", "data": {"id": "track1", "asset_id": "asset1"}})
    assert (event.id, event.type, event.report) == ("evt-2", kind, None)


@pytest.mark.parametrize(("status", "signal"), ALL_FIVE)
@pytest.mark.parametrize("family", ["robots.job", "robots.v1.job"])
def test_all_five_events_of_an_edit_report_it(envelope, job, family, status, signal):
    kind = f"{family}.edit_captions.{status}"
    edit = job(
        workflow="edit-captions",
        status=status,
        outputs={"total_replacement_count": 2, "uploaded_track_id": "t2"},
    )
    event = read(envelope(status, type=kind, data=edit))
    assert (event.report, event.track, event.workflow) == (None, None, "edit-captions")
    assert event.edit is not None
    assert (event.edit.signal, event.edit.mux_id, event.edit.passthrough) == (
        signal,
        "rjob_1",
        "captionbot:j1",
    )
    assert (event.edit.outcome is not None) == (signal is Signal.COMPLETED)
    assert read(envelope(status, type=kind, data={kind: edit})).edit == event.edit
    assert read({"data": edit}).edit == event.edit


def test_an_edit_event_about_another_workflow_is_malformed(envelope, job):
    with pytest.raises(Malformed) as caught:
        read(envelope(type="robots.job.edit_captions.completed", data=job()))
    assert caught.value.reason == "wrong_workflow"


TRACK = {
    "id": "track1",
    "asset_id": "asset1",
    "type": "text",
    "status": "errored",
    "name": "English",
    "language_code": "en",
    "text_source": "uploaded",
    "passthrough": "captionbot:t1",
    "error": {"type": "invalid_input", "messages": ["Not readable."]},
}


@pytest.mark.parametrize("what", ["created", "ready", "errored", "deleted"])
def test_what_becomes_of_a_text_track_is_told(what):
    event = read({"type": f"video.asset.track.{what}", "id": "evt-3", "data": TRACK})
    assert event.track is not None
    assert (event.track.what, event.track.asset_id, event.track.track.id) == (what, "asset1", "track1")
    assert (event.track.track.passthrough, event.track.track.said) == ("captionbot:t1", "Not readable.")
    assert (event.report, event.edit) == (None, None)


@pytest.mark.parametrize(
    "data", [None, [], {}, TRACK | {"type": "audio"}, TRACK | {"id": 7}, TRACK | {"asset_id": None}]
)
def test_other_tracks_and_what_cannot_be_read_are_nobodys(data):
    event = read({"type": TRACK_READY, "id": "evt-3", "data": data})
    assert (event.id, event.track) == ("evt-3", None)


def test_other_workflows_in_the_bare_shape_report_nothing(job):
    event = read({"data": job(workflow="summarize")})
    assert (event.type, event.workflow, event.report) == ("robots.job.summarize.completed", "summarize", None)


def test_the_same_bytes_are_parsed_once(envelope):
    raw = json.dumps(envelope("completed")).encode()
    assert read_event(raw) is read_event(bytearray(raw).decode().encode())
