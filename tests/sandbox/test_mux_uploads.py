"""The local Mux gives out places for files, and makes an asset of each whole file."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.sandbox.mux.uploads import DEFAULT_SECONDS

SETTINGS = {"playback_policies": ["public"], "meta": {"title": "Cut"}, "passthrough": "captionbot:1"}
FILM = {"Content-Type": "video/mp4"}


async def opened(site, **body) -> dict[str, str]:
    answer = await site.client.post("/video/v1/uploads", json={"new_asset_settings": SETTINGS, **body})
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["data"])


async def status(site, upload) -> dict[str, str]:
    return dict((await site.client.get(f"/video/v1/uploads/{upload['id']}")).json()["data"])


async def test_a_whole_file_becomes_an_asset_with_title_and_public_playback(site) -> None:
    upload = await opened(site)
    assert (upload["status"], (await status(site, upload)).get("url")) == ("waiting", None)
    for _ in range(2):
        assert (await site.client.put(upload["url"], content=b"film", headers=FILM)).status_code == 200
    after = await status(site, upload)
    asset = (await site.client.get(f"/video/v1/assets/{after['asset_id']}")).json()["data"]
    assert (after["status"], asset["meta"]["title"], asset["status"]) == ("asset_created", "Cut", "ready")
    assert [playback["policy"] for playback in asset["playback_ids"]] == ["public"]
    created = [each for each in site.mux.library.assets.values() if each.title == "Cut"]
    assert len(created) == 1


async def test_a_made_up_address_and_an_unknown_upload_are_refused(site) -> None:
    upload = await opened(site)
    wrong = upload["url"].rsplit("/", 1)[0] + "/guessed"
    assert (await site.client.put(wrong, content=b"x")).status_code == 403
    assert (await site.client.put("/uploads/none/x", content=b"x")).status_code == 403
    assert (await site.client.get("/video/v1/uploads/none")).status_code == 404


async def test_a_place_is_open_for_its_time_only(site) -> None:
    upload = await opened(site)
    await site.pass_time(DEFAULT_SECONDS + 1)
    assert (await status(site, upload))["status"] == "timed_out"
    assert (await site.client.put(upload["url"], content=b"x", headers=FILM)).status_code == 410


@pytest.mark.parametrize("body", [{"timeout": 10}, {"timeout": "x"}, {"new_asset_settings": []}])
async def test_what_mux_does_not_take_is_400(site, body) -> None:
    assert (await site.client.post("/video/v1/uploads", json=body)).status_code == 400


async def test_uploading_needs_leave_to_write(mux_site, token) -> None:
    async with mux_site(token("video:read")) as site:
        answer = await site.client.post("/video/v1/uploads", json={})
        assert answer.status_code == 403


async def test_a_file_that_is_too_large_leaves_nothing_behind(site) -> None:
    upload = await opened(site)
    huge = {**FILM, "Content-Length": str(10**12)}
    answer = await site.client.put(upload["url"], content=b"", headers=huge)
    assert (answer.status_code, (await status(site, upload))["status"]) == (413, "waiting")


async def test_a_file_that_breaks_off_makes_no_asset(mux_site, served) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionError

    async with mux_site() as site:
        upload = await opened(site)
        path = httpx.URL(upload["url"]).path
        async with served(site.client._transport.app) as url, httpx.AsyncClient() as sender:
            with pytest.raises(ConnectionError):
                await sender.put(f"{url}{path}", content=broken(), headers={**FILM, "Content-Length": "9"})
        assert (await status(site, upload))["status"] == "waiting"
        assert list(site.mux.upload_folder().iterdir()) == []
