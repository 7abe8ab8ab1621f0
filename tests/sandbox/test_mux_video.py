"""The assets, tracks and films of Mux Video, and the ways in which they fail."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.sandbox.faults import FaultKind
from bot.sandbox.media import load_clips
from bot.sandbox.mux import catalogue

TOUR = f"play{catalogue.STUDIO_TOUR}"


async def test_an_asset_shows_what_the_video_api_shows(site) -> None:
    asset = (await site.client.get(f"/video/v1/assets/{catalogue.ANNUAL_MEETING}")).json()["data"]
    assert asset["created_at"].isdigit()
    assert asset["meta"] == {"title": "Annual meeting 2026"}
    assert asset["duration"] == load_clips()["studio-tour"].duration_seconds
    assert asset["playback_ids"] == [{"id": f"play{catalogue.ANNUAL_MEETING}", "policy": "public"}]
    assert [track["type"] for track in asset["tracks"]] == ["video", "audio", "text"]


@pytest.mark.parametrize(
    ("asset_id", "shown"),
    [
        (catalogue.LIVE_TOWN_HALL, {"is_live": True, "progress": {"state": "live", "progress": -1}}),
        (catalogue.FRESH_UPLOAD, {"status": "preparing"}),
        (catalogue.SHELVED_CUT, {"playback_ids": []}),
    ],
)
async def test_the_odd_assets_look_odd(site, asset_id: str, shown) -> None:
    asset = (await site.client.get(f"/video/v1/assets/{asset_id}")).json()["data"]
    assert shown.items() <= asset.items()


async def test_unknown_things_are_404_with_a_list_of_messages(site) -> None:
    for path in ("assets/no", "playback-ids/no"):
        answer = await site.client.get(f"/video/v1/{path}")
        assert answer.status_code == 404
        assert answer.json()["error"]["type"] == "not_found"
        assert isinstance(answer.json()["error"]["messages"], list)


async def test_a_playback_id_leads_to_its_asset(site) -> None:
    answer = await site.client.get(f"/video/v1/playback-ids/play{catalogue.INVESTOR_CALL}")
    assert answer.json()["data"] == {
        "id": f"play{catalogue.INVESTOR_CALL}",
        "policy": "signed",
        "object": {"type": "asset", "id": catalogue.INVESTOR_CALL},
    }


async def test_the_playback_id_of_a_live_stream_leads_to_no_asset(site) -> None:
    (playback_id,) = catalogue.LIVE_STREAMS
    answer = await site.client.get(f"/video/v1/playback-ids/{playback_id}")
    assert answer.json()["data"]["object"]["type"] == "live_stream"


async def test_the_asset_list_is_walked_by_cursor_newest_first(site) -> None:
    seen, query = [], {"limit": 4}
    while True:
        page = (await site.client.get("/video/v1/assets", params=query)).json()
        seen += [asset["id"] for asset in page["data"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == list(site.mux.library.assets)
    second = await site.client.get("/video/v1/assets", params={"limit": 4, "page": 2})
    assert [asset["id"] for asset in second.json()["data"]] == seen[4:8]
    assert (await site.client.get("/video/v1/assets?cursor=!")).status_code == 400


async def test_whoami_works_for_any_token(mux_site, token) -> None:
    async with mux_site(token()) as site:
        shown = (await site.client.get("/system/v1/whoami")).json()["data"]
        assert shown["permissions"] == []
        assert (await site.client.get("/video/v1/assets")).status_code == 403


async def test_a_text_track_is_fetched_from_its_url_and_can_be_deleted(site, served) -> None:
    text = load_clips()["bienvenida"].prepared
    assert text is not None
    files = Starlette(
        routes=[
            Route("/es.srt", lambda _: PlainTextResponse(text.srt)),
            Route("/es.html", lambda _: PlainTextResponse("<html>")),
        ]
    )
    path = f"/video/v1/assets/{catalogue.STUDIO_TOUR}/tracks"
    async with served(files) as url, site.mux.running():
        for name in ("es.srt", "es.html", "missing.srt"):
            track = {"url": f"{url}/{name}", "type": "text", "language_code": "es", "name": name}
            made = await site.client.post(path, json=track)
            assert (made.status_code, made.json()["data"]["status"]) == (201, "preparing")
        assert (await site.client.post(path, json=track)).status_code == 400
        async with asyncio.timeout(10):
            while len(site.mux.journal.find("mux.effect", "track.settled")) < 3:
                await asyncio.sleep(0.005)
                site.mux.clock.advance(1)
    tracks = await site.tracks(catalogue.STUDIO_TOUR)
    states = {track["name"]: track["status"] for track in tracks.values()}
    assert states == {"es.srt": "ready", "es.html": "errored", "missing.srt": "errored"}
    ready = next(track_id for track_id, track in tracks.items() if track["status"] == "ready")
    vtt = await site.client.get(f"/stream/{TOUR}/text/{ready}.vtt", auth=None)
    assert vtt.text.startswith("WEBVTT\n\n1\n00:00:00.800 --> ")
    assert (await site.client.delete(f"{path}/{ready}")).status_code == 204
    assert (await site.client.delete(f"{path}/{ready}")).status_code == 404
    assert (await site.client.delete(f"{path}/audio{catalogue.STUDIO_TOUR}")).status_code == 400


@pytest.mark.parametrize(
    "track",
    [
        [],
        {"type": "text", "language_code": "en"},
        {"url": "http://x/", "type": "audio", "language_code": "en"},
        {"url": "file:///etc/passwd", "type": "text", "language_code": "en"},
    ],
)
async def test_a_bad_track_is_400(site, track) -> None:
    answer = await site.client.post(f"/video/v1/assets/{catalogue.STUDIO_TOUR}/tracks", json=track)
    assert answer.status_code == 400


async def test_a_track_needs_a_ready_asset(site) -> None:
    track = {"url": "http://127.0.0.1:9/x.srt", "type": "text", "language_code": "en"}
    answer = await site.client.post(f"/video/v1/assets/{catalogue.FRESH_UPLOAD}/tracks", json=track)
    assert answer.status_code == 400


async def test_films_play_in_ranges_without_credentials(site) -> None:
    whole = await site.client.get(f"/stream/{TOUR}/video.webm", auth=None)
    part = await site.client.get(f"/stream/{TOUR}/video.webm", auth=None, headers={"range": "bytes=10-19"})
    assert (whole.status_code, whole.headers["content-type"]) == (200, "video/webm")
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    still = await site.client.get(f"/image/{TOUR}/thumbnail.jpg", auth=None)
    assert still.headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/stream/play{catalogue.INVESTOR_CALL}/video.webm", 403),
        (f"/stream/play{catalogue.LIVE_TOWN_HALL}/video.webm", 404),
        (f"/stream/{TOUR}/other", 404),
        (f"/stream/{TOUR}/text/no.vtt", 404),
        (f"/image/{TOUR}/other.png", 404),
        ("/stream/no/video.webm", 404),
    ],
)
async def test_what_is_not_public_is_not_served(site, path: str, status: int) -> None:
    assert (await site.client.get(path, auth=None)).status_code == status


@pytest.mark.parametrize(
    ("kind", "more", "status", "body"),
    [
        (FaultKind.RATE_LIMITED, {"seconds": 2.5}, 429, {"errors": ["Too many requests"]}),
        (FaultKind.REFUSE, {"code": "conflict"}, 409, None),
        (FaultKind.REFUSE, {"code": "made_up", "status": 418}, 418, None),
        (FaultKind.ERROR_BEFORE, {}, 500, None),
        (FaultKind.ERROR_AFTER, {"status": 502}, 502, "html"),
    ],
)
async def test_faults_answer_in_the_shapes_of_mux(site, kind, more, status: int, body) -> None:
    site.throw(kind, "mux:create", **more)
    answer = await site.create(catalogue.STUDIO_TOUR)
    assert answer.status_code == status
    created = len(site.mux.journal.find("mux.effect", "job.created"))
    assert created == (1 if kind is FaultKind.ERROR_AFTER else 0)
    if body == "html":
        assert answer.headers["content-type"].startswith("text/html")
    elif body:
        assert (answer.json(), answer.headers["retry-after"]) == (body, "3")
    else:
        assert isinstance(answer.json()["error"]["message"], str)


@pytest.mark.parametrize("kind", [FaultKind.DROP_AFTER, FaultKind.TIMEOUT_AFTER, FaultKind.LATE])
async def test_a_create_without_an_answer_may_have_been_paid(site, kind) -> None:
    site.throw(kind, "mux:create", seconds=0.01)
    with pytest.raises(ConnectionAbortedError):
        await site.create(catalogue.STUDIO_TOUR)
    assert len(site.mux.journal.find("mux.effect", "job.created")) == 1


async def test_over_a_real_socket_the_client_sees_no_status(site, served) -> None:
    site.throw(FaultKind.DROP_AFTER, "mux:create")
    transport = site.client._transport
    assert isinstance(transport, httpx.ASGITransport)
    async with served(transport.app) as url:
        body = {"parameters": {"asset_id": catalogue.STUDIO_TOUR}}
        login = ("sandbox-token-id", "sandbox-token-secret")
        async with httpx.AsyncClient(base_url=url, auth=login) as client:
            with pytest.raises(httpx.RemoteProtocolError):
                await client.post("/robots/v0/jobs/generate-premium-captions", json=body)
            site.mux.clock.advance(3)
            assert (await client.get("/robots/v0/jobs")).json()["total_row_count"] == 1
    (call,) = site.mux.journal.find("mux.call", "mux:create")
    assert call.data["status"] is None


async def test_control_adds_and_changes_assets(site) -> None:
    post = site.client.post
    wanted = {"id": "launchDay1", "title": "Launch day", "like": catalogue.TWO_CHAIRS}
    assert (await post("/_sandbox/mux/assets", json=wanted)).status_code == 201
    assert (await post("/_sandbox/mux/assets", json=wanted)).status_code == 409
    assert (await post("/_sandbox/mux/assets", json={"policy": "secret"})).status_code == 400
    failing = {"failures": [{"type": "processing_error", "message": "Broken", "retryable": False}]}
    assert (await post("/_sandbox/mux/assets/launchDay1", json=failing)).status_code == 200
    assert (await site.finished("launchDay1"))["errors"] == failing["failures"]
    assert (await site.finished("launchDay1"))["status"] == "completed"
    assets = (await site.client.get("/_sandbox/mux/assets")).json()["assets"]
    assert [a["own_captions"] for a in assets if a["title"] == "Launch day"] == [True]
    assert len((await site.client.get("/_sandbox/mux/jobs")).json()["jobs"]) == 2


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("assets/studioTour7Qm2x01", {"failures": ["x"]}),
        ("assets/studioTour7Qm2x01", {"detection_confidence": "high"}),
        ("behaviour", {"job_seconds": -1}),
        ("behaviour", {"event_family": "v2"}),
        ("behaviour", []),
        ("files", {}),
    ],
)
async def test_control_refuses_nonsense(site, path: str, body) -> None:
    answer = await site.client.post(f"/_sandbox/mux/{path}", json=body)
    assert answer.status_code in {400, 415}


async def test_an_asset_without_media_cannot_be_captioned(site) -> None:
    await site.client.post("/_sandbox/mux/assets", json={"id": "empty1"})
    assert (await site.finished("empty1"))["errors"][0]["message"].startswith("The sandbox has no media")
