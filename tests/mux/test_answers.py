"""What Mux answers, in all its spellings, becomes our values."""

from __future__ import annotations

import json

import httpx
import pytest

from bot.errors import MuxRefused, OutcomeUnknown, Throttled, VendorError
from bot.mux.answers import read_account, read_error, read_job, read_retry_after
from bot.mux.reading import Malformed, moment
from bot.rules.jobs import Failure, Outcome, ReplacedTrack, Report, Signal


def test_a_completed_job_is_read_whole(job):
    assert read_job(job(directive={"id": "d1", "run_id": "r1"})) == Report(
        signal=Signal.COMPLETED,
        mux_id="rjob_1",
        asset_id="asset1",
        passthrough="captionbot:j1",
        title="Keynote",
        units_consumed=3000,
        changed_at=1_790_000_600.0,
        outcome=Outcome(
            language_code="en",
            track_id="track1",
            detected_language="en",
            language_confidence=0.97,
            srt_url="https://storage.example/a.srt",
            replaced=(ReplacedTrack(id="old1", name="English", language_code="en-US"),),
        ),
    )


def test_the_least_that_is_a_job_is_read():
    assert read_job({"id": "rjob_1", "status": "completed"}) == Report(
        signal=Signal.COMPLETED, mux_id="rjob_1", outcome=Outcome()
    )


def test_an_unfinished_job_has_neither_outcome_nor_failure(job):
    report = read_job(job(status="processing", errors=[{"type": "x", "message": "y"}]))
    assert (report.outcome, report.failure) == (None, None)


def test_the_older_single_replaced_track_is_read(job):
    report = read_job(job(outputs={"language_code": "en", "replaced_track_id": "old9"}))
    assert report.outcome is not None
    assert report.outcome.replaced == (ReplacedTrack(id="old9"),)


def test_the_language_asked_for_stands_in_for_a_missing_one(job):
    report = read_job(job(outputs=None, parameters={"asset_id": "asset1", "language_code": "de"}))
    assert report.outcome == Outcome(language_code="de")


def test_the_asset_is_known_from_the_resources_too(job):
    assert read_job(job(parameters=None)).asset_id == "asset1"


def test_several_errors_are_joined_and_said_once(job):
    errors = [
        {"type": "processing_error", "message": "No speech.", "retryable": True},
        {"type": "timeout_error", "message": "Too slow.", "retryable": True},
        {"message": "Too slow."},
        "not an error",
    ]
    assert read_job(job(status="errored", errors=errors)).failure == Failure(
        code="processing_error", message="No speech. Too slow.", retryable=False
    )
    retryable = read_job(job(status="errored", errors=errors[:2])).failure
    assert retryable is not None
    assert retryable.retryable


@pytest.mark.parametrize("errors", [None, [], {}, "odd"])
def test_a_failure_without_a_reason_is_still_a_failure(job, errors):
    assert read_job(job(status="errored", errors=errors)).failure == Failure(code="unknown", message="")


@pytest.mark.parametrize("retryable", [None, False, "true", 1])
def test_only_a_plain_true_means_retryable(job, retryable):
    failure = read_job(job(status="errored", errors=[{"type": "x", "retryable": retryable}])).failure
    assert failure is not None
    assert not failure.retryable


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (1_790_000_000, 1_790_000_000.0),
        (1_790_000_000.5, 1_790_000_000.5),
        ("1790000000", 1_790_000_000.0),
        ("2026-09-21T14:13:20Z", 1_790_000_000.0),
        ("2026-09-21T14:13:20", 1_790_000_000.0),
        ("2026-09-21T16:13:20.500+02:00", 1_790_000_000.5),
        ("1960-01-01T00:00:00Z", None),
        ("0", None),
        ("yesterday", None),
        ("\N{SUPERSCRIPT TWO}", None),
        (0, None),
        (-5, None),
        (1e300, None),
        (float("nan"), None),
        (True, None),
        (None, None),
        ([], None),
    ],
    ids=repr,
)
def test_every_kind_of_time_becomes_seconds(value, seconds):
    assert moment(value) == seconds


@pytest.mark.parametrize(
    ("value", "units"),
    [(7, 7), (7.9, 7), (-1, 0), ("7", 0), (True, 0), (10**30, 2**53), (None, 0)],
    ids=repr,
)
def test_units_are_a_number_that_a_database_can_hold(job, value, units):
    assert read_job(job(units_consumed=value)).units_consumed == units


@pytest.mark.parametrize("confidence", [1.5, -0.1, "0.9", True, None])
def test_an_impossible_confidence_is_no_confidence(job, confidence):
    report = read_job(job(outputs={"auto_language_confidence": confidence}))
    assert report.outcome is not None
    assert report.outcome.language_confidence is None


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://x/" + "a" * 9_000, "", 7, None])
def test_only_a_whole_web_address_is_a_link(job, url):
    report = read_job(job(outputs={"temporary_srt_url": url, "temporary_words_url": url}))
    assert report.outcome is not None
    assert (report.outcome.srt_url, report.outcome.words_url) == (None, None)


def test_text_is_storable_whatever_mux_passes_on(job):
    report = read_job(job(resources={"assets": [{"meta": {"title": "a\0b\ud800 \N{SNOWMAN}"}}]}))
    assert report.title == "ab? \N{SNOWMAN}"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": None}, "no_job_id"),
        ({"id": 7}, "bad_job_id"),
        ({"status": None}, "no_status"),
        ({"status": "odd"}, "bad_status"),
    ],
)
def test_what_is_no_job_is_refused(job, changes, reason):
    with pytest.raises(Malformed, match=reason):
        read_job(job(**changes))


def refused(status: int, body: object, headers=None) -> VendorError:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_error(status, raw, httpx.Headers(headers), now=1_790_000_000.0)


@pytest.mark.parametrize(
    ("error", "code", "messages"),
    [
        ({"type": "conflict", "message": "Already running."}, "conflict", ("Already running.",)),
        ({"type": "invalid_parameters", "messages": ["a", "b", "a"]}, "invalid_parameters", ("a", "b")),
        ({"message": "only words"}, "conflict", ("only words",)),
        ({"type": ["odd"], "messages": [7, " ", "c"], "message": "c"}, "conflict", ("c",)),
        ({}, "conflict", ()),
        ("a string", "conflict", ()),
    ],
)
def test_both_shapes_of_an_error_are_read(error, code, messages):
    answer = refused(409, {"error": error})
    assert isinstance(answer, MuxRefused)
    assert (answer.status, answer.code, answer.messages) == (409, code, messages)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "invalid_parameters"),
        (401, "unauthorized"),
        (403, "forbidden"),
        (404, "not_found"),
        (422, "unprocessable_entity"),
        (418, "http_418"),
        (302, "http_302"),
    ],
)
@pytest.mark.parametrize("body", [b"<html>secret proxy page</html>", b"", b"[1]", b"\xff"])
def test_a_refusal_that_is_no_json_has_a_code_and_none_of_its_words(status, code, body):
    answer = refused(status, body)
    assert isinstance(answer, MuxRefused)
    assert (answer.code, answer.messages) == (code, ())
    assert "secret" not in str(answer)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 599])
def test_a_broken_answer_leaves_the_outcome_open(status):
    answer = refused(status, b"<html>", {"Retry-After": "3"})
    assert isinstance(answer, OutcomeUnknown)
    assert answer.retry_in == 3.0


def test_too_many_requests_is_certainly_not_done():
    answer = refused(429, {"errors": ["slow down"]}, {"Retry-After": "12"})
    assert isinstance(answer, Throttled)
    assert answer.retry_in == 12.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("1.5", 1.5),
        ("0", 0.0),
        ("999999", 3_600.0),
        ("Mon, 21 Sep 2026 14:13:50 GMT", 30.0),
        ("Mon, 21 Sep 2026 14:13:50 -0000", 30.0),
        ("Mon, 21 Sep 2026 14:13:10 GMT", 0.0),
        ("Mon, 99 Sep 2026", None),
        ("soon", None),
        ("7 minutes", None),
        ("-5", None),
        ("", None),
    ],
)
def test_retry_after_is_a_span_or_a_date(value, seconds):
    assert read_retry_after(httpx.Headers({"retry-after": value}), now=1_790_000_000.0) == seconds


def test_without_retry_after_mux_did_not_say():
    assert read_retry_after({}, now=0.0) is None


def test_an_account_is_read_even_when_mux_leaves_things_out():
    account = read_account({"environment_id": "env1", "permissions": ["robots:*", 7]})
    assert (account.environment_id, account.permissions) == ("env1", frozenset({"robots:*"}))
    assert read_account({"permissions": "robots:*"}).permissions == frozenset()
