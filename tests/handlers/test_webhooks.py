"""What Mux gets back, and what is on disk by then."""

from __future__ import annotations

import json

import pytest
import structlog

from bot.mux import wire
from handlers import bodies

NOW = 1_790_000_000.0
JOB = {
    "id": "rjob_1",
    "workflow": "generate-premium-captions",
    "status": "processing",
    "units_consumed": 0,
    "created_at": 1_789_999_000,
    "updated_at": 1_789_999_100,
    "passthrough": "captionbot:x:y",
    "parameters": {"asset_id": "asset1"},
}
TYPE = "robots.job.generate_premium_captions.processing"
EVENT = {"type": TYPE, "id": "event-1", "created_at": "2026-11-22T12:00:00Z", "data": JOB}


@pytest.mark.parametrize("secret", ["old-secret", "new-secret"])
async def test_an_event_signed_with_any_configured_secret_is_filed(doors, secret) -> None:
    response = await doors.webhook(EVENT, secret=secret)

    assert (response.status_code, response.json()) == (200, {"status": "filed"})
    assert (await doors.counts())["inbox"] == 1


async def test_second_delivery_of_an_event_changes_nothing(doors) -> None:
    await doors.webhook(EVENT)

    response = await doors.webhook(EVENT)

    assert (response.status_code, response.json()) == (200, {"status": "repeated"})
    assert (await doors.counts())["inbox"] == 1


@pytest.mark.parametrize(
    "event",
    [
        pytest.param({**EVENT, "data": {TYPE: JOB}}, id="job-under-its-type"),
        pytest.param({**EVENT, "data": {}, TYPE: JOB}, id="job-beside-data"),
        pytest.param({**EVENT, "type": "robots.v1.job.generate_premium_captions.processing"}, id="v1-family"),
        pytest.param({"data": JOB}, id="bare-as-the-guide-prints-it"),
    ],
)
async def test_every_shape_of_event_is_filed(doors, event) -> None:
    response = await doors.webhook(event)

    assert response.json() == {"status": "filed"}


@pytest.mark.parametrize("status", ["pending", "processing", "completed", "errored", "cancelled"])
async def test_all_five_job_events_are_filed(doors, status) -> None:
    event = {
        **EVENT,
        "type": f"robots.job.generate_premium_captions.{status}",
        "data": {**JOB, "status": status},
    }

    assert (await doors.webhook(event)).json() == {"status": "filed"}


@pytest.mark.parametrize(
    "kind",
    ["video.asset.ready", "robots.job.summarize.completed", "robots.directive_run.created", "something.new"],
)
async def test_events_of_no_interest_are_answered_200_and_not_stored(doors, kind) -> None:
    response = await doors.webhook({"type": kind, "id": "e", "data": {"id": "a"}})

    assert (response.status_code, response.json()) == (200, {"status": "ignored"})
    assert (await doors.counts())["inbox"] == 0


GOOD = json.dumps(EVENT).encode()
AT = int(NOW)


def signed(raw: bytes, *, secret: str = "old-secret", at: int = AT) -> str:
    return wire.sign(raw, secret, at=at)


BAD_WEBHOOKS = [
    pytest.param(GOOD, "", 401, id="no-signature"),
    pytest.param(GOOD, "nonsense", 401, id="no-parts"),
    pytest.param(GOOD, f"t={AT}", 401, id="no-v1"),
    pytest.param(GOOD, "v1=00", 401, id="no-time"),
    pytest.param(GOOD, f"t={AT},v1=00", 401, id="short-digest"),
    pytest.param(GOOD, f"t={AT},v1={'0' * 64}", 401, id="forged"),
    pytest.param(GOOD, signed(GOOD, secret="somebody-else"), 401, id="another-secret"),
    pytest.param(GOOD, signed(GOOD, at=AT - 301), 401, id="stale"),
    pytest.param(GOOD, signed(GOOD, at=AT + 301), 401, id="from-the-future"),
    pytest.param(GOOD + b" ", signed(GOOD), 401, id="changed-after-signing"),
    pytest.param(GOOD, signed(GOOD).replace("t=", "t=x"), 401, id="time-is-no-number"),
    pytest.param(b"x" * (bodies.MAX_BYTES + 1), "t=1,v1=00", 413, id="oversized"),
    pytest.param(b"", signed(b""), 400, id="empty"),
    pytest.param(b"{", signed(b"{"), 400, id="broken-json"),
    pytest.param(b"\xff", signed(b"\xff"), 400, id="not-utf-8"),
    pytest.param(b"[]", signed(b"[]"), 400, id="a-list"),
    pytest.param(b"null", signed(b"null"), 400, id="null"),
    pytest.param(b"[" * 50_000, signed(b"[" * 50_000), 400, id="deep"),
    pytest.param(b"{}", signed(b"{}"), 400, id="nothing-in-it"),
    pytest.param(b'{"type": 7}', signed(b'{"type": 7}'), 400, id="type-is-a-number"),
    pytest.param(b'{"data": {}}', signed(b'{"data": {}}'), 400, id="bare-without-job"),
    *[
        pytest.param(raw, signed(raw), 400, id=name)
        for name, raw in {
            "job-event-without-job": json.dumps({**EVENT, "data": {}}).encode(),
            "job-without-id": json.dumps({**EVENT, "data": {**JOB, "id": ""}}).encode(),
            "another-status": json.dumps({"data": {**JOB, "status": "dancing"}}).encode(),
        }.items()
    ],
]


@pytest.mark.parametrize(("raw", "header", "status"), BAD_WEBHOOKS)
async def test_a_bad_webhook_is_refused_in_words_and_nothing_is_stored(doors, raw, header, status) -> None:
    """One log line says so, without the body."""
    with structlog.testing.capture_logs() as lines:
        response = await doors.http.post("/mux/webhooks", content=raw, headers={"mux-signature": header})

    assert response.status_code == status
    assert len(response.json()["error"]) > 10
    assert (await doors.counts())["inbox"] == 0
    assert [line["event"] for line in lines] == ["mux.webhook_refused"]
    assert "rjob_1" not in str(lines)


async def test_without_a_store_mux_is_asked_to_try_again(doors) -> None:
    await doors.store.close()

    response = await doors.webhook(EVENT)

    assert response.status_code == 503


async def test_operators_see_life_readiness_and_counts(doors) -> None:
    await doors.command("asset1 en")

    assert (await doors.http.get("/healthz")).text == "ok"
    ready = (await doors.http.get("/readyz")).json()
    assert (ready["ready"], ready["jobs"], ready["effects"]) == (True, {"requested": 1}, 3)
    assert (
        'caption_bot_slack_requests_total{kind="command",outcome="200"} 1.0'
        in (await doors.http.get("/metrics")).text
    )


async def test_a_process_without_a_store_is_not_ready(doors) -> None:
    await doors.store.close()

    assert (await doors.http.get("/readyz")).status_code == 503
