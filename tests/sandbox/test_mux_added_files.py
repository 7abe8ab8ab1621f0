"""Films that are added to the sandbox play, are captioned by a recogniser, and are gone in the end."""

from __future__ import annotations

import asyncio

import httpx

from bot.sandbox.media import load_clips
from bot.sandbox.transcribe import CannotTranscribeError, Cue, Heard, Word


async def add_file(site, **query) -> httpx.Response:
    film = load_clips()["bienvenida"].video.read_bytes()
    headers = {"content-type": "video/webm"}
    return await site.client.post("/_sandbox/mux/files", params=query, content=film, headers=headers)


async def test_an_added_file_plays_and_is_gone_in_the_end(mux_site) -> None:
    async with mux_site() as site:
        added = (await add_file(site, title="Mine", duration_seconds=14.6)).json()
        assert (added["title"], added["duration"], added["own_captions"]) == ("Mine", 14.6, False)
        film = await site.client.get(f"/stream/{added['playback_ids'][0]['id']}/video.webm")
        assert film.content == load_clips()["bienvenida"].video.read_bytes()
        folder = site.mux.upload_folder()
        assert len(list(folder.iterdir())) == 1
    assert not folder.exists()


async def test_too_long_and_too_big_files_are_refused(site) -> None:
    assert (await add_file(site, duration_seconds=601)).status_code == 400
    assert (await add_file(site, duration_seconds="x")).status_code == 400
    headers = {"content-type": "video/webm", "content-length": str(300 * 1024 * 1024)}
    too_big = await site.client.post("/_sandbox/mux/files", content=b"", headers=headers)
    assert too_big.status_code == 413


async def test_a_file_that_grows_too_big_on_the_way_is_given_up(site) -> None:
    async def endless():
        while True:
            yield b"x" * 50_000_000

    headers = {"content-type": "video/webm"}
    answer = await site.client.post("/_sandbox/mux/files", content=endless(), headers=headers)
    assert answer.status_code == 413
    assert list(site.mux.upload_folder().iterdir()) == []


def heard(*cues: Cue) -> Heard:
    words = (Word(text="Hello", start=0.0, end=0.5),)
    return Heard(language_code="en", confidence=0.7, duration_seconds=61, words=words, cues=cues)


async def test_an_added_file_is_captioned_by_the_recogniser(mux_site) -> None:
    async def listen(clip, _job):
        assert clip.title == "Mine"
        return heard(Cue(start=0.0, end=0.5, text="Hello"))

    async with mux_site(transcriber=listen) as site:
        added = (await add_file(site, title="Mine")).json()
        job = await site.finished(added["id"], include_words=True)
        assert job["outputs"]["auto_language_confidence"] == 0.7
        assert job["units_consumed"] == 300
        text = (await site.client.get(job["outputs"]["temporary_srt_url"])).text
        assert text == "1\n00:00:00,000 --> 00:00:00,500\nHello\n"


async def test_a_recogniser_that_cannot_says_why(mux_site) -> None:
    async def refuse(_clip, _job):
        raise CannotTranscribeError("Install the extra.")

    async def silence(_clip, _job):
        return heard()

    for transcriber, message in ((refuse, "Install the extra."), (silence, "No speech was found")):
        async with mux_site(transcriber=transcriber) as site:
            job = await site.finished((await add_file(site)).json()["id"])
            assert job["status"] == "errored"
            assert job["errors"][0]["message"].startswith(message)


async def test_a_job_that_is_cancelled_while_it_listens_stays_cancelled(mux_site) -> None:
    listening, go_on = asyncio.Event(), asyncio.Event()

    async def listen(_clip, _job):
        listening.set()
        await go_on.wait()
        return heard(Cue(start=0.0, end=0.5, text="Hello"))

    async with mux_site(transcriber=listen) as site:
        job_id = await site.start((await add_file(site)).json()["id"])
        site.mux.clock.advance(10)
        assert (await site.job(job_id))["status"] == "processing"
        await listening.wait()
        await site.client.post(f"/robots/v0/jobs/{job_id}/cancel")
        go_on.set()
        await site.mux.tick()
        assert (await site.job(job_id))["status"] == "cancelled"


async def test_what_is_still_listening_is_given_up_at_the_end(mux_site) -> None:
    async def listen(_clip, _job):
        await asyncio.Event().wait()

    async with mux_site(transcriber=listen) as site, site.mux.running():
        job_id = await site.start((await add_file(site)).json()["id"])
        site.mux.clock.advance(10)
        assert (await site.job(job_id))["status"] == "processing"
