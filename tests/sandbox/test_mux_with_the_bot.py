"""The bot's own client and the local Mux understand each other."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from bot.errors import MuxRefused
from bot.mux.client import MuxClient, connect
from bot.mux.events import read_event
from bot.mux.fetching import open_files, reach
from bot.rules.edits import CaptionEdit, SpeakerEdit, WordEdit
from bot.rules.hosts import Hosts
from bot.rules.jobs import Signal
from bot.rules.request import CaptionRequest, Replace
from bot.sandbox.mux import catalogue

ASSET = catalogue.ANNUAL_MEETING
TRACK = "trackAnnualEn01"
EDIT = CaptionEdit(
    asset_id=ASSET,
    track_id=TRACK,
    words=(WordEdit(find="the", replace="THE"),),
    speakers=(SpeakerEdit(find="speaker_0", replace="Ana"),),
)


@pytest.fixture
async def bot(site) -> AsyncIterator[MuxClient]:
    config, transport = site.mux.config, site.client._transport
    async with connect(
        config.public_url, config.mux_token_id, config.mux_token_secret, transport=transport
    ) as http:
        yield MuxClient(http, now=site.mux.clock.now)


async def test_an_edit_is_made_found_again_and_read(site, bot) -> None:
    started = await bot.edit_captions(EDIT, "captionbot:e1")
    assert (started.signal, started.source_track_id) == (Signal.PENDING, TRACK)
    await site.pass_time(2.5)
    since = site.mux.clock.now()
    (found,) = await bot.edit_copies(ASSET, "captionbot:e1", since=since)
    (running,) = await bot.edits_running(ASSET, like=EDIT)
    assert found.mux_id == running.mux_id == started.mux_id
    with pytest.raises(MuxRefused) as conflict:
        await bot.edit_captions(EDIT, "captionbot:e2")
    assert conflict.value.status == 409
    await site.pass_time(10)
    done = await bot.edit(started.mux_id)
    assert done.outcome is not None
    assert done.outcome.track_id is not None
    assert done.outcome.replacements > 0
    track = await bot.track(ASSET, done.outcome.track_id)
    assert track is not None
    assert (track.status, track.name) == ("ready", "English (edited)")
    assert await bot.track(ASSET, TRACK) is None


async def test_every_event_of_an_edit_is_read_whatever_its_shape(site, bot) -> None:
    await bot.create(CaptionRequest(asset_id=catalogue.TWO_CHAIRS), "captionbot:j1")
    await bot.edit_captions(EDIT, "captionbot:e1")
    await site.pass_time(20)
    mux = site.mux.webhooks
    (endpoint,) = mux.endpoints.by_id.values()
    read = [read_event(_body(mux._envelope(event, endpoint))) for event in mux.events]
    assert [event.edit.signal for event in read if event.edit] == ["pending", "processing", "completed"]
    assert {event.edit.passthrough for event in read if event.edit} == {"captionbot:e1"}
    told = [(event.track.what, event.track.asset_id) for event in read if event.track]
    assert sorted(what for what, asset_id in told if asset_id == ASSET) == ["created", "deleted", "ready"]


def _body(envelope: dict[str, Any]) -> bytes:
    return json.dumps(envelope).encode()


async def test_a_replace_and_a_restore_leave_the_tracks_as_they_were_byte_for_byte(site, bot, served) -> None:
    before = (await bot.asset(ASSET)).tracks
    async with served(site.client._transport.app) as url:
        hosts = Hosts(stream=f"{url}/stream")
        async with open_files(reach([url], private=True)) as files:
            saved = await files.fetch(hosts.text(f"play{ASSET}", TRACK), cap_bytes=1_000_000)
            request = CaptionRequest(asset_id=ASSET, language_code="en", replace=Replace.ALL)
            report = await bot.create(request, "captionbot:j1")
            await site.pass_time(10)
            done = await bot.get(report.mux_id)
            assert done.outcome is not None
            assert [track.id for track in done.outcome.replaced] == [TRACK]
            await bot.delete_track(ASSET, done.outcome.track_id or "")

            async with served(Starlette(routes=[Route("/x.vtt", lambda _: Response(saved.content))])) as own:
                made = await bot.create_track(
                    ASSET,
                    url=f"{own}/x.vtt",
                    language_code=before[0].language_code,
                    name=before[0].name,
                    passthrough="captionbot:r1",
                )
                assert made.status == "preparing"
                await site.settled()
            restored = await files.fetch(hosts.text(f"play{ASSET}", made.id), cap_bytes=1_000_000)
    assert restored.content == saved.content
    (after,) = (await bot.asset(ASSET)).tracks
    assert (after.name, after.language_code, after.status) == (before[0].name, "en", "ready")
    assert after.passthrough == "captionbot:r1"


async def test_a_track_whose_file_is_no_captions_says_so(site, bot, served) -> None:
    async with served(Starlette(routes=[Route("/x", lambda _: Response(b"<html>"))])) as own:
        made = await bot.create_track(ASSET, url=f"{own}/x", language_code="cs", name="Cs", passthrough="p")
        await site.settled()
    track = await bot.track(ASSET, made.id)
    assert track is not None
    assert (track.status, track.said) == ("errored", "The file could not be read as captions.")
    with pytest.raises(MuxRefused) as taken:
        await bot.create_track(
            ASSET, url="http://127.0.0.1:9/", language_code="cs", name="cs", passthrough="p"
        )
    assert taken.value.status == 400


async def test_endpoints_and_permissions_are_looked_after(bot) -> None:
    made = await bot.create_webhook("https://captions.example/mux/webhooks")
    assert made.secret
    assert (await bot.webhooks())[0].id == made.id
    with pytest.raises(MuxRefused):
        await bot.create_webhook(made.address)
    await bot.delete_webhook(made.id)
    assert len(await bot.webhooks()) == 1
    account = await bot.whoami()
    assert account.permissions == {"robots:*", "video:*", "system:*"}
    assert (account.environment_id, account.organization_id) == ("sandbx", "sandbox")
