"""Every shape of a webhook gives the same value, and no body does worse than being called malformed."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mux.events import TRACK_READY, Event, read_event
from bot.mux.reading import Malformed
from bot.rules.jobs import Signal

SHARED = Path(__file__).parents[3] / "shared"
KIND = "robots.job.generate_premium_captions.completed"
ALL_FIVE = [
    ("pending", Signal.PENDING),
    ("processing", Signal.PROCESSING),
    ("completed", Signal.COMPLETED),
    ("errored", Signal.ERRORED),
    ("cancelled", Signal.CANCELLED),
]


def read(event) -> Event:
    return read_event(json.dumps(event).encode())


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


def nested(depth: int) -> bytes:
    return b'{"type":"video.asset.ready","id":"e","data":' + b"[" * depth + b"]" * depth + b"}"


BAD_BODIES = {
    "empty": (b"", "not_json"),
    "cut off": (b'{"type": "video.asset.ready", "id": ', "not_json"),
    "form": (b"payload=%7B%7D", "not_json"),
    "two values": (b"{}{}", "not_json"),
    "NaN": (b'{"type": NaN}', "not_json"),
    "a number without end": (b'{"n": ' + b"9" * 5000 + b"}", "not_json"),
    "byte order mark": (b"\xef\xbb\xbf{}", "not_json"),
    "latin-1": (b'{"type": "\xe9"}', "not_utf8"),
    "utf-16": ('{"type": "é"}'.encode("utf-16"), "not_utf8"),
    "array": (b"[]", "not_an_object"),
    "null": (b"null", "not_an_object"),
    "string": (b'"robots"', "not_an_object"),
    "too large": (b" " * 2_000_001, "too_large"),
    "deeper than is read": (nested(100), "too_deep"),
    "deeper than Python recurses": (nested(100_000), "too_deep"),
    "no type at all": (b"{}", "no_type"),
    "no type, other data": (b'{"data": {"id": "asset1"}}', "no_type"),
    "data is no object": (b'{"data": []}', "no_type"),
    "type is a number": (b'{"type": 7, "id": "e"}', "bad_type"),
    "type is empty": (b'{"type": "", "id": "e"}', "bad_type"),
    "type has a line break": (b'{"type": "a\\nb", "id": "e"}', "bad_type"),
    "no event id": (b'{"type": "video.asset.ready"}', "no_event_id"),
    "event id is a number": (b'{"type": "video.asset.ready", "id": 7}', "bad_event_id"),
    "event id is endless": (b'{"type": "x", "id": "' + b"a" * 256 + b'"}', "bad_event_id"),
    "event id climbs": (b'{"type": "x", "id": "../x"}', "bad_event_id"),
    "job event without data": (f'{{"type": "{KIND}", "id": "e"}}'.encode(), "no_data"),
    "job event with a list": (f'{{"type": "{KIND}", "id": "e", "data": []}}'.encode(), "bad_data"),
    "job event without a job": (f'{{"type": "{KIND}", "id": "e", "data": {{"a": 1}}}}'.encode(), "no_job"),
    "no job id": (f'{{"type": "{KIND}", "id": "e", "data": {{"parameters": {{}}}}}}'.encode(), "no_job_id"),
    "job id is an object": (
        f'{{"type": "{KIND}", "id": "e", "data": {{"parameters": {{}}, "id": {{"a": 1}}}}}}'.encode(),
        "bad_job_id",
    ),
    "job id leaves the path": (
        b'{"data": {"workflow": "generate-premium-captions", "id": "../assets", "status": "completed"}}',
        "bad_job_id",
    ),
    "job of another workflow": (
        f'{{"type": "{KIND}", "id": "e", "data": {{"workflow": "summarize", "id": "r"}}}}'.encode(),
        "wrong_workflow",
    ),
    "bare, workflow is a list": (b'{"data": {"workflow": []}}', "bad_workflow"),
    "bare, workflow has a space": (b'{"data": {"workflow": "a b"}}', "bad_workflow"),
    "bare, no status": (b'{"data": {"workflow": "generate-premium-captions", "id": "r"}}', "no_status"),
    "bare, unknown status": (
        b'{"data": {"workflow": "generate-premium-captions", "id": "r", "status": "odd"}}',
        "bad_status",
    ),
    "bare, status is a list": (
        b'{"data": {"workflow": "generate-premium-captions", "id": "r", "status": ["odd"]}}',
        "bad_status",
    ),
}


@pytest.mark.parametrize(("raw", "reason"), BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_bad_body_is_refused_with_its_reason(raw, reason):
    with pytest.raises(Malformed) as caught:
        read_event(raw)
    assert caught.value.reason == reason
    assert len(str(caught.value)) < 200


def test_a_number_that_overflows_is_no_number():
    data = b'{"workflow":"generate-premium-captions","id":"r","status":"pending","units_consumed":1e999}'
    report = read_event(b'{"data":' + data + b"}").report
    assert report is not None
    assert report.units_consumed == 0


def test_many_brackets_are_not_depth(envelope):
    assert read(envelope(attempts=[[] for _ in range(200)])).id == "evt-1"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers()
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = ["id", "workflow", "status", "parameters", "outputs", "errors", "resources", "units_consumed"]


@given(raw=st.binary(max_size=200))
def test_any_bytes_give_an_event_or_malformed(raw):
    with contextlib.suppress(Malformed):
        assert isinstance(read_event(raw), Event)


@given(
    kind=st.sampled_from([KIND, "video.asset.ready", None]) | JSON,
    data=st.dictionaries(st.sampled_from(KEYS), JSON | st.just("generate-premium-captions")) | JSON,
    event_id=JSON | st.just("evt-1"),
)
def test_any_json_gives_an_event_or_malformed(kind, data, event_id):
    raw = json.dumps({"type": kind, "id": event_id, "data": data}).encode()
    with contextlib.suppress(Malformed):
        assert isinstance(read_event(raw), Event)


@given(
    values=st.fixed_dictionaries(
        {},
        optional={
            "units_consumed": JSON,
            "created_at": JSON,
            "updated_at": JSON,
            "passthrough": JSON,
            "parameters": JSON,
            "resources": JSON,
            "outputs": JSON,
            "errors": JSON,
        },
    ),
    status=st.sampled_from([status for status, _ in ALL_FIVE]),
)
def test_no_optional_field_can_spoil_a_report(values, status):
    job = {"workflow": "generate-premium-captions", **values, "id": "rjob_1", "status": status}
    event = read({"data": job})
    assert event.report is not None
    repr(event).encode()
