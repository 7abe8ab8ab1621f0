"""Text tracks are added and removed, and webhook endpoints too."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import jsonschema
import pytest

from bot.errors import BotError, MuxRefused, OutcomeUnknown
from bot.rules.video import TextTrack

SPEC = Path(__file__).parents[3] / "shared" / "specs" / "mux-robots-openapi.json"
WANTED = {
    "url": "https://captions.example/files/1.vtt",
    "language_code": "en-US",
    "name": "English",
    "passthrough": "captionbot:t1",
}


def says(mux, code: int, body=None) -> None:
    async def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(code, json=body) if body is not None else httpx.Response(code)

    mux.odd = answer


async def test_captions_are_added_by_their_address(mux, client):
    made = {"id": "track9", "type": "text", "status": "preparing", "name": "English", "closed_captions": True}
    says(mux, 201, {"data": made})
    track = await client.create_track("asset/1", **WANTED, closed_captions=True)
    assert track == TextTrack(id="track9", name="English", status="preparing", closed_captions=True)
    (request,) = mux.requests
    assert (request.method, request.url.raw_path) == ("POST", b"/video/v1/assets/asset%2F1/tracks")
    sent = json.loads(request.content)
    assert sent == {**WANTED, "type": "text", "text_type": "subtitles", "closed_captions": True}
    if SPEC.exists():
        whole = json.loads(SPEC.read_text(encoding="utf-8"))
        schema = {**whole, "$ref": "#/components/schemas/CreateTrackRequest"}
        jsonschema.Draft202012Validator(schema).validate(sent)


async def test_a_track_without_an_id_and_one_without_a_stamp_are_no_tracks(mux, client):
    says(mux, 201, {"data": {"type": "text"}})
    with pytest.raises(OutcomeUnknown):
        await client.create_track("asset1", **WANTED)
    with pytest.raises(BotError):
        await client.create_track("asset1", **{**WANTED, "passthrough": "x" * 256})
    assert len(mux.requests) == 1


async def test_a_track_is_removed_without_a_word(mux, client):
    says(mux, 204)
    await client.delete_track("asset1", "track/1")
    assert mux.requests[0].method == "DELETE"
    assert mux.requests[0].url.raw_path == b"/video/v1/assets/asset1/tracks/track%2F1"
    says(mux, 404, {"error": {"type": "not_found", "messages": ["No such track."]}})
    with pytest.raises(MuxRefused) as caught:
        await client.delete_track("asset1", "track1")
    assert caught.value.status == 404


async def test_a_track_is_looked_up_on_its_asset_with_its_error(mux, client):
    error = {"type": "invalid_input", "messages": ["Not readable.", "", 7]}
    tracks = [
        {"id": "t0", "type": "audio"},
        {"id": "t1", "type": "text", "status": "errored", "error": error, "passthrough": "captionbot:t1"},
        {"id": "t2", "type": "text", "status": "errored", "error": {"message": "One word."}},
    ]
    says(mux, 200, {"data": {"id": "asset1", "tracks": tracks}})
    track = await client.track("asset1", "t1")
    assert track is not None
    assert (track.status, track.said, track.passthrough) == ("errored", "Not readable.", "captionbot:t1")
    other = await client.track("asset1", "t2")
    assert other is not None
    assert other.said == "One word."
    assert await client.track("asset1", "t0") is None
    assert await client.track("asset1", "gone") is None


ENDPOINT = {
    "id": "hook1",
    "address": "https://captions.example/mux/webhooks",
    "enabled": True,
    "created_at": "2026-11-22T10:00:00Z",
    "signing_secret": "very-secret",
}


async def test_an_endpoint_is_made_and_its_secret_is_not_shown_by_accident(mux, client):
    says(mux, 201, {"data": ENDPOINT})
    made = await client.create_webhook(ENDPOINT["address"])
    assert (made.id, made.secret, made.enabled) == ("hook1", "very-secret", True)
    assert "very-secret" not in repr(made)
    assert json.loads(mux.requests[0].content) == {"address": ENDPOINT["address"]}
    says(mux, 201, {"data": {"address": "x"}})
    with pytest.raises(OutcomeUnknown):
        await client.create_webhook("x")


async def test_endpoints_are_listed_and_removed(mux, client):
    rows = [{**ENDPOINT, "enabled": False, "signing_secret": None}, {"address": "no id"}, "odd"]
    says(mux, 200, {"data": rows, "total_row_count": 1})
    (listed,) = await client.webhooks()
    assert (listed.id, listed.enabled, listed.secret, listed.created_at) == (
        "hook1",
        False,
        "",
        1_795_341_600,
    )
    says(mux, 204)
    await client.delete_webhook("hook1")
    assert (mux.requests[-1].method, mux.requests[-1].url.path) == ("DELETE", "/system/v1/webhooks/hook1")


async def test_a_track_without_a_stamp_is_made_without_one(mux, client):
    says(mux, 201, {"data": {"id": "t1", "type": "text"}})
    await client.create_track("asset1", **{**WANTED, "passthrough": ""})
    assert "passthrough" not in json.loads(mux.requests[0].content)
