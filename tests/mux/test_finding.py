"""A job whose create got lost, or that somebody else started, is found again, or nothing is claimed."""

from __future__ import annotations

import httpx
import pytest

from bot.errors import MuxRefused, OutcomeUnknown
from bot.rules.jobs import Signal
from bot.rules.request import CaptionRequest, Replace

REQUEST = CaptionRequest(asset_id="asset1", language_code="en")
T0 = 1_790_000_000


def answering(status: int, content: bytes = b""):
    async def odd(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, content=content)

    return odd


async def test_a_lost_job_is_found_by_its_stamp(mux, client):
    for number in range(5):
        mux.add(f"r{number}", created_at=T0 + number, passthrough=f"captionbot:{number}")
    report = await client.find("asset1", "captionbot:3")
    assert report is not None
    assert report.mux_id == "r3"
    assert dict(mux.requests[0].url.params) == {
        "workflow": "generate-premium-captions",
        "asset_id": "asset1",
        "limit": "100",
        "page": "1",
    }
    assert mux.opened() == ["r4", "r3", "r2", "r1", "r0"]


async def test_the_oldest_of_several_with_one_stamp_is_adopted(mux, client):
    for mux_id, created_at in (("young", T0 + 9), ("oldest", T0), ("middle", T0 + 5)):
        mux.add(mux_id, created_at=created_at, passthrough="captionbot:1")
    report = await client.find("asset1", "captionbot:1")
    assert report is not None
    assert report.mux_id == "oldest"
    copies = await client.copies("asset1", "captionbot:1")
    assert [copy.mux_id for copy in copies] == ["oldest", "middle", "young"]


async def test_a_job_that_is_not_there_is_not_found(mux, client):
    mux.add("r1", passthrough="captionbot:2")
    assert await client.find("asset1", "captionbot:1") is None


async def test_only_the_newest_are_opened(mux, client):
    for number in range(30):
        mux.add(f"r{number}", created_at=T0 + number)
    assert await client.find("asset1", "captionbot:1", newest=3) is None
    assert mux.opened() == ["r29", "r28", "r27"]


async def test_jobs_from_before_the_intent_are_not_opened(mux, client):
    mux.add("old", created_at=T0 - 301)
    mux.add("maybe", created_at=T0 - 299)
    mux.add("timeless", created_at=None)
    assert await client.find("asset1", "captionbot:1", since=float(T0)) is None
    assert mux.opened() == ["timeless", "maybe"]


async def test_absence_is_not_claimed_when_not_everything_recent_was_opened(mux, client):
    for number in range(4):
        mux.add(f"r{number}", created_at=T0 + number)
    with pytest.raises(OutcomeUnknown, match="too many"):
        await client.find("asset1", "captionbot:1", newest=3, since=float(T0))


async def test_a_job_that_expired_after_it_was_listed_is_passed_over(mux, client):
    mux.add("r1", passthrough="captionbot:1")
    mux.jobs["ghost"] = {**mux.jobs["r1"], "id": "gone"}
    report = await client.find("asset1", "captionbot:1")
    assert report is not None
    assert report.mux_id == "r1"


async def test_a_refused_read_decides_nothing(mux, client):
    mux.odd = answering(403, b'{"error":{"type":"insufficient_scope"}}')
    with pytest.raises(MuxRefused):
        await client.find("asset1", "captionbot:1")


async def test_a_candidate_that_cannot_be_opened_decides_nothing(mux, client):
    mux.add("r1", passthrough="captionbot:1")
    listing = httpx.Response(200, json={"data": [{"id": "r1"}], "total_row_count": 1})

    async def odd(request: httpx.Request) -> httpx.Response:
        return listing if request.url.path.endswith("/jobs") else httpx.Response(401)

    mux.odd = odd
    with pytest.raises(MuxRefused, match="401"):
        await client.find("asset1", "captionbot:1")


@pytest.mark.parametrize("tells_total", [True, False])
async def test_every_page_is_read_since_the_order_of_the_list_is_unknown(mux, client, tells_total):
    mux.tells_total = tells_total
    for number in range(250):
        mux.add(f"r{number}", created_at=T0 + number)
    mux.jobs["r249"]["passthrough"] = "captionbot:1"
    report = await client.find("asset1", "captionbot:1", newest=1)
    assert report is not None
    assert [r.url.params["page"] for r in mux.requests if "page" in r.url.params] == ["1", "2", "3"]


async def test_pages_that_are_shorter_than_asked_for_are_not_the_last(mux, client):
    mux.page_size = 2
    for number in range(5):
        mux.add(f"r{number}", created_at=T0 + number)
    await client.find("asset1", "captionbot:1")
    assert len(mux.opened()) == 5


async def test_a_total_that_promises_too_much_ends_at_the_empty_page(mux, client):
    mux.odd = answering(200, b'{"data":[],"total_row_count":7}')
    assert await client.find("asset1", "captionbot:1") is None
    assert len(mux.requests) == 1


async def test_a_list_without_end_proves_nothing(mux, client):
    for number in range(1001):
        mux.add(f"r{number}")
    with pytest.raises(OutcomeUnknown, match="more than 1000"):
        await client.find("asset1", "captionbot:1")


async def test_a_list_without_data_proves_nothing(mux, client):
    mux.odd = answering(200, b'{"data":{}}')
    with pytest.raises(OutcomeUnknown):
        await client.find("asset1", "captionbot:1")


async def test_jobs_of_other_workflows_and_without_an_id_are_not_opened(mux, client):
    mux.add("r1", workflow="summarize")
    mux.jobs["r2"] = {"workflow": "generate-premium-captions", "status": "pending"}
    assert await client.find("asset1", "captionbot:1") is None
    assert mux.opened() == []


async def test_what_is_running_on_an_asset_is_opened_newest_first(mux, client):
    mux.add("done", status="completed")
    mux.add("waiting", status="pending", created_at=T0 + 1, passthrough="captionbot:9")
    mux.add("working", status="processing", created_at=T0 + 2)
    reports = await client.running("asset1")
    assert [(r.mux_id, r.signal) for r in reports] == [
        ("working", Signal.PROCESSING),
        ("waiting", Signal.PENDING),
    ]
    assert reports[1].passthrough == "captionbot:9"


async def test_the_job_behind_a_409_is_the_one_with_the_same_parameters(mux, client):
    mux.add("other", parameters={"asset_id": "asset1", "language_code": "de"})
    mux.add("same", parameters={"asset_id": "asset1", "language_code": "en", "replace_existing": True})
    mux.jobs["ghost"] = {**mux.jobs["same"], "id": "gone"}
    reports = await client.running("asset1", like=REQUEST.changed(replace=Replace.ALL))
    assert [report.mux_id for report in reports] == ["same"]
