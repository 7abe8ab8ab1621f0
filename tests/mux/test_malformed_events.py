"""No body of a webhook does worse than being called malformed."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mux.events import Event, read_event
from bot.mux.reading import Malformed
from tests.mux.events import ALL_FIVE, KIND, read


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
