"""Captions that somebody brings along: fetched, checked, served byte for byte, changed and removed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox.mux import catalogue
from bot.sandbox.mux.api_tracks import MOST_TRACK_BYTES
from bot.sandbox.mux.subtitles import ingested

ASSET = catalogue.ANNUAL_MEETING
TRACK = "trackAnnualEn01"
TRACKS = f"/video/v1/assets/{ASSET}/tracks"
ODD_VTT = (
    "\ufeffWEBVTT - odd\r\n\r\n00:01.000 --> 00:02.000 line:0\r\n<i>Žluťoučký</i>  kůň \r\n\r\n\r\n".encode()
)
FILES = {
    "odd.vtt": ODD_VTT,
    "bare.vtt": b"WEBVTT",
    "a.srt": b"1\r\n00:00:01,000 --> 00:00:02,000\r\nHi\r\n",
    "page.html": b"<!-- --><html>",
    "latin.srt": "1\n00:00:01,000 --> 00:00:02,000\n\u017dlu\n".encode("utf-16"),
    "huge.vtt": b"WEBVTT\n\n" + b" " * MOST_TRACK_BYTES,
    "empty.srt": b"",
}


@pytest.fixture
async def store(served) -> AsyncIterator[str]:
    def serve(name: str):
        return lambda _: Response(FILES[name])

    async with served(Starlette(routes=[Route(f"/{name}", serve(name)) for name in FILES])) as url:
        yield url


async def add(site, url: str, name: str = "New", **more: Any) -> dict[str, Any]:
    wanted = {"url": url, "type": "text", "language_code": "cs", "name": name} | more
    answer = await site.client.post(TRACKS, json=wanted)
    assert (answer.status_code, answer.json()["data"]["status"]) == (201, "preparing")
    await site.settled()
    return (await site.tracks(ASSET))[answer.json()["data"]["id"]]


async def served_bytes(site, track_id: str) -> bytes:
    answer = await site.client.get(f"/stream/play{ASSET}/text/{track_id}.vtt", auth=None)
    assert answer.headers["content-type"] == "text/vtt; charset=utf-8"
    return answer.content


async def test_a_webvtt_file_is_served_byte_for_byte(site, store) -> None:
    track = await add(site, f"{store}/odd.vtt", passthrough="captionbot:t1", closed_captions=True)
    assert (track["status"], track["passthrough"], track["closed_captions"]) == (
        "ready",
        "captionbot:t1",
        True,
    )
    assert await served_bytes(site, track["id"]) == ODD_VTT


async def test_a_deleted_track_comes_back_as_it_was(site, served) -> None:
    saved = await served_bytes(site, TRACK)
    assert (await site.client.delete(f"{TRACKS}/{TRACK}")).status_code == 204
    assert (await site.client.get(f"/stream/play{ASSET}/text/{TRACK}.vtt", auth=None)).status_code == 404
    async with served(Starlette(routes=[Route("/saved.vtt", lambda _: Response(saved))])) as url:
        track = await add(site, f"{url}/saved.vtt", "English", language_code="en")
    assert track["id"] != TRACK
    assert await served_bytes(site, track["id"]) == saved


async def test_srt_becomes_webvtt_and_srt_is_not_served(site, store) -> None:
    track = await add(site, f"{store}/a.srt")
    assert await served_bytes(site, track["id"]) == b"WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\nHi\n"
    assert (
        await site.client.get(f"/stream/play{ASSET}/text/{track['id']}.srt", auth=None)
    ).status_code == 404


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("page.html", "could not be read as captions"),
        ("empty.srt", "could not be read as captions"),
        ("latin.srt", "not UTF-8"),
        ("huge.vtt", "too large"),
        ("missing.srt", "could not be downloaded"),
    ],
)
async def test_a_file_that_is_no_captions_leaves_an_errored_track_that_says_why(
    site, store, name: str, problem: str
) -> None:
    track = await add(site, f"{store}/{name}")
    assert track["status"] == "errored"
    assert track["error"]["type"] == "invalid_input"
    assert problem in track["error"]["messages"][0]
    (told,) = [event for event in site.mux.webhooks.events if event.type == "video.asset.track.errored"]
    assert (told.data["asset_id"], told.data["error"]) == (ASSET, track["error"])


def test_a_webvtt_file_needs_no_cues() -> None:
    assert ingested(b"WEBVTT") == b"WEBVTT"


async def test_names_are_unique_in_any_case_and_any_state(site, store) -> None:
    await add(site, f"{store}/page.html", "Česky")
    for name in ("english", " ČESKY "):
        wanted = {"url": f"{store}/a.srt", "type": "text", "language_code": "cs", "name": name}
        assert (await site.client.post(TRACKS, json=wanted)).status_code == 400


async def test_a_track_is_renamed_and_relabelled(site, store) -> None:
    await add(site, f"{store}/a.srt", "Czech")
    changes = {"name": "English CC", "closed_captions": True, "passthrough": "p", "language_code": "en-GB"}
    changed = (await site.client.patch(f"{TRACKS}/{TRACK}", json=changes)).json()["data"]
    assert changes.items() <= changed.items()
    same = await site.client.patch(f"{TRACKS}/{TRACK}", json={"name": "english cc"})
    assert same.status_code == 200
    for wrong in ({"name": "czech"}, {"name": ""}, {"status": "ready"}, {}, [], {"closed_captions": 1}):
        assert (await site.client.patch(f"{TRACKS}/{TRACK}", json=wrong)).status_code == 400
    assert (await site.client.patch(f"{TRACKS}/no", json=changes)).status_code == 404
    assert (await site.client.patch(f"{TRACKS}/audio{ASSET}", json=changes)).status_code == 400


@pytest.mark.parametrize("more", [{"text_type": "captions"}, {"passthrough": "x" * 256}, {"name": 7}])
async def test_a_track_with_odd_fields_is_400(site, more) -> None:
    wanted = {"url": "http://127.0.0.1:9/", "type": "text", "language_code": "cs"} | more
    assert (await site.client.post(TRACKS, json=wanted)).status_code == 400


async def test_a_captions_track_fails_on_demand_after_its_job_completed(site) -> None:
    reason = "The text could not be packaged."
    await site.client.post("/_sandbox/mux/behaviour", json={"track_seconds": 60})
    await site.client.post(f"/_sandbox/mux/assets/{catalogue.STUDIO_TOUR}", json={"track_failures": [reason]})
    job = await site.finished(catalogue.STUDIO_TOUR)
    track = (await site.tracks(catalogue.STUDIO_TOUR))[job["outputs"]["track_id"]]
    assert (job["status"], track["status"]) == ("completed", "preparing")
    await site.pass_time(61)
    track = (await site.tracks(catalogue.STUDIO_TOUR))[job["outputs"]["track_id"]]
    assert (track["status"], track["error"]["messages"]) == ("errored", [reason])


async def test_a_replacing_job_deletes_the_old_track_before_the_new_one_is_ready(site) -> None:
    await site.client.post("/_sandbox/mux/behaviour", json={"track_seconds": 60})
    await site.finished(ASSET, replace_existing=True, language_code="en")
    (track,) = (await site.tracks(ASSET)).values()
    assert (track["id"] == TRACK, track["status"]) == (False, "preparing")
    await site.pass_time(61)
    (track,) = (await site.tracks(ASSET)).values()
    assert track["status"] == "ready"
