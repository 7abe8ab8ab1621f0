"""Assets and playback ids, as Mux Video spells them and as we read them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bot.errors import MuxRefused, NotReached, OutcomeUnknown, Throttled, VendorError
from bot.mux.reading import Malformed
from bot.mux.videos import PlaybackTarget, read_page, read_target, read_video
from bot.rules.video import TextTrack, Video

ASSET: dict[str, Any] = {
    "id": "asset1",
    "status": "ready",
    "duration": 61.5,
    "created_at": "1790000000",
    "meta": {"title": " Keynote "},
    "playback_ids": [
        {"id": "drm1", "policy": "drm"},
        {"id": "signed1", "policy": "signed"},
        {"id": "public1", "policy": "public"},
    ],
    "tracks": [
        {"id": "v1", "type": "video"},
        {"id": "a1", "type": "audio"},
        {
            "id": "t1",
            "type": "text",
            "name": "English",
            "language_code": "en",
            "status": "ready",
            "text_source": "generated_vod",
        },
    ],
}


def test_an_asset_is_read_with_its_title_its_length_and_its_text_tracks():
    assert read_video(ASSET) == Video(
        asset_id="asset1",
        title="Keynote",
        duration_seconds=61.5,
        status="ready",
        created_at=1_790_000_000.0,
        playback_id="public1",
        policy="public",
        tracks=(
            TextTrack(id="t1", name="English", language_code="en", status="ready", source="generated_vod"),
        ),
    )


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        pytest.param({"is_live": True}, "is_live", True, id="live"),
        pytest.param({"is_live": "true"}, "is_live", False, id="odd-live"),
        pytest.param({"tracks": [{"type": "video"}]}, "has_audio", False, id="silent"),
        pytest.param({"tracks": []}, "has_audio", True, id="no-tracks-say-nothing"),
        pytest.param({"tracks": None}, "has_audio", True, id="no-list-says-nothing"),
        pytest.param(
            {"status": "preparing", "tracks": [{"type": "video"}]},
            "has_audio",
            True,
            id="sound-may-be-found-yet",
        ),
        pytest.param({"duration": None}, "duration_seconds", None, id="no-length"),
        pytest.param({"duration": "61"}, "duration_seconds", None, id="length-in-words"),
        pytest.param({"duration": True}, "duration_seconds", None, id="odd-length"),
        pytest.param({"duration": float("inf")}, "duration_seconds", None, id="endless"),
        pytest.param({"duration": -1}, "duration_seconds", None, id="negative-length"),
        pytest.param({"duration": 10}, "duration_seconds", 10.0, id="whole-seconds"),
        pytest.param({"meta": None}, "title", "", id="no-meta"),
        pytest.param({"meta": {"title": 7}}, "title", "", id="odd-title"),
        pytest.param({"created_at": 1_790_000_000}, "created_at", 1_790_000_000.0, id="time-as-a-number"),
        pytest.param({"created_at": "soon"}, "created_at", None, id="odd-time"),
        pytest.param({"playback_ids": []}, "playback_id", None, id="no-playback-id"),
        pytest.param({"playback_ids": None}, "policy", None, id="no-list-of-playback-ids"),
        pytest.param({"playback_ids": [{"id": "d", "policy": "drm"}]}, "policy", "drm", id="drm-only"),
        pytest.param({"playback_ids": [{"id": "n", "policy": "new"}]}, "policy", "new", id="unknown-policy"),
        pytest.param({"playback_ids": [{"policy": "public"}]}, "playback_id", None, id="playback-without-id"),
        pytest.param({"tracks": [{"type": "text"}]}, "tracks", (TextTrack(id=""),), id="bare-track"),
    ],
)
def test_what_is_missing_or_odd_becomes_nothing(changes, field, value):
    assert getattr(read_video({**ASSET, **changes}), field) == value


def test_an_asset_without_an_id_is_no_asset():
    with pytest.raises(Malformed, match="no_id"):
        read_video({"status": "ready"})


def test_a_page_passes_over_what_is_no_asset():
    page = read_page({"data": [ASSET, {"status": "ready"}, "odd"], "next_cursor": "c2"})
    assert ([video.asset_id for video in page.videos], page.next_cursor) == (["asset1"], "c2")
    assert read_page({"data": [], "next_cursor": None}).next_cursor is None


@pytest.mark.parametrize("data", [{}, {"object": {"type": "asset"}}, {"object": {"id": "a"}}, {"object": 7}])
def test_a_playback_id_that_plays_nothing_readable_is_refused(data):
    with pytest.raises(Malformed, match="no_object"):
        read_target(data)


def answering(status: int, body: Any):
    async def odd(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, json=body)

    return odd


async def test_an_asset_is_asked_for_by_its_id(mux, client):
    mux.odd = answering(200, {"data": ASSET})
    assert (await client.asset("as/set1")).asset_id == "asset1"
    [sent] = mux.requests
    assert (sent.method, sent.url.raw_path) == ("GET", b"/video/v1/assets/as%2Fset1")


async def test_a_playback_id_leads_to_what_it_plays(mux, client):
    mux.odd = answering(200, {"data": {"id": "p1", "object": {"type": "live_stream", "id": "s1"}}})
    assert await client.playback("p?1") == PlaybackTarget(kind="live_stream", id="s1")
    assert mux.requests[0].url.raw_path == b"/video/v1/playback-ids/p%3F1"


async def test_assets_are_listed_page_by_page(mux, client):
    mux.odd = answering(200, {"data": [ASSET], "next_cursor": "c2"})
    first = await client.assets()
    await client.assets(first.next_cursor, 10)
    assert [dict(sent.url.params) for sent in mux.requests] == [
        {"limit": "100"},
        {"limit": "10", "cursor": "c2"},
    ]


CALLS = [
    pytest.param(lambda client: client.asset("a"), id="asset"),
    pytest.param(lambda client: client.playback("p"), id="playback"),
    pytest.param(lambda client: client.assets(), id="assets"),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, MuxRefused),
        (403, MuxRefused),
        (404, MuxRefused),
        (422, MuxRefused),
        (429, Throttled),
        (500, OutcomeUnknown),
        (503, OutcomeUnknown),
    ],
)
async def test_every_refusal_comes_out_as_one_of_our_errors(mux, client, call, status, error):
    mux.odd = answering(status, {"error": {"type": "odd", "messages": ["No."]}})
    with pytest.raises(error):
        await call(client)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("body", [{}, {"data": 7}, {"data": {}}, {"data": None}])
async def test_an_answer_that_says_nothing_is_not_believed(mux, client, call, body):
    mux.odd = answering(200, body)
    with pytest.raises(OutcomeUnknown):
        await call(client)


@pytest.mark.parametrize("call", CALLS)
async def test_no_connection_is_told_apart(mux, client, call):
    async def refused(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    mux.odd = refused
    with pytest.raises(NotReached):
        await call(client)


@pytest.mark.parametrize("call", CALLS)
async def test_a_broken_connection_is_a_vendor_error(mux, client, call):
    async def broken(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("reset")

    mux.odd = broken
    with pytest.raises(VendorError):
        await call(client)
