"""Words are fixed, tracks are replaced and put back, through the unmodified bot and the local vendors."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest
from pydantic import SecretStr

from bot.sandbox.config import SandboxConfig
from tests.journeys.acts import buttons, eventually, press, state

ENGLISH = "annualMeeting9Xp6h04"
"""Has an English track, trackAnnualEn01, already."""
CHAIRS = "twoChairs4Kd8w02"
"""A dialogue."""
SIGNED = "investorCall6Zv4n08"
"""Plays with signed addresses only."""


@pytest.fixture
def sandbox_config() -> SandboxConfig:
    """Return vendors that are quick."""
    return SandboxConfig(job_seconds=0.2, list_lag_seconds=0.1)


async def message_with(world: Any, kind: str, action_id: str, *, saying: str = "") -> dict[str, Any]:
    async def find() -> Any:
        found = [one for one in await world.messages(kind) if action_id in buttons(one)]
        return next((one for one in found if saying in one["text"]), None)

    return dict(await eventually(find))


async def view_of(world: Any, user: str = "U0ANA") -> dict[str, Any]:
    async def find() -> Any:
        return (await state(world))["views"][user]

    return dict((await eventually(find))[-1])


async def submit(world: Any, view: dict[str, Any], **values: Any) -> dict[str, Any]:
    filled = {name: {f"caption_{name}": value} for name, value in values.items()}
    return dict(await world.control("slack/submit", user_id="U0ANA", view_id=view["id"], values=filled))


async def told(world: Any, saying: str, *, user: str = "U0ANA") -> Any:
    """Wait for a private message that contains `saying`."""

    async def find() -> Any:
        channels = (await state(world))["channels"]
        private = [one for each in channels for one in each["messages"] if one["ephemeral_to"] == user]
        return next((one for one in private if saying in one["text"]), None)

    return await eventually(find)


async def tracks(world: Any, asset_id: str) -> list[dict[str, Any]]:
    """Return an asset's text tracks with their text as the local Mux serves it."""
    base = world.config.public_url
    async with world.http.get(f"{base}/_sandbox/mux/assets") as answer:
        assets = {asset["id"]: asset for asset in (await answer.json())["assets"]}
    found = []
    for track in assets[asset_id]["tracks"]:
        if track["type"] == "text":
            async with world.http.get(f"{base}/stream/play{asset_id}/text/{track['id']}.vtt") as answer:
                found.append({**track, "vtt": await answer.read(), "status_code": answer.status})
    return found


def as_they_were(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return tracks without what Mux alone decides, in an order of their own.

    That is their ids, and that whatever comes through its API counts as uploaded.
    """
    bare = [
        {name: value for name, value in track.items() if name not in {"id", "text_source"}} for track in found
    ]
    return sorted(bare, key=lambda track: track["name"])


async def test_a_replace_and_a_restore_leave_the_tracks_as_they_were_byte_for_byte(world) -> None:
    before = await tracks(world, ENGLISH)
    assert [track["status_code"] for track in before] == [200]

    await world.says(f"{ENGLISH} en --replace all")
    result = await message_with(world, "result", "fix_restore")
    assert "Saved before that: the track" in result["text"]
    during = await tracks(world, ENGLISH)
    assert as_they_were(during) != as_they_were(before)

    await asyncio.gather(*(press(world, result, "fix_restore") for _ in range(2)))
    await world.eventually("restored-1", saying="are back")

    assert as_they_were(await tracks(world, ENGLISH)) == as_they_were(before)
    assert not await world.messages("restored-2")
    (told,) = await world.messages("restored-1")
    assert told["thread_ts"] == result["thread_ts"]
    made = await world.journal("mux.effect", "track.created")
    assert len([one for one in made if one["data"]["asset"] == ENGLISH]) == 2


async def fix_form(world: Any, result: dict[str, Any], *, speakers: bool = False) -> dict[str, Any]:
    """Open the form; with `speakers` again and again, until the captions are read and they have fields."""

    async def find() -> Any:
        await press(world, result, "fix_words")
        view = await view_of(world)
        return view if not speakers or any(each["block_id"] == "name_0" for each in view["blocks"]) else None

    return dict(await eventually(find))


async def touch(world: Any, view: dict[str, Any], block_id: str, action_id: str, value: Any = None) -> None:
    where = {"view_id": view["id"], "block_id": block_id, "action_id": action_id}
    await world.control("slack/press", user_id="U0ANA", value=value, **where)


async def test_the_form_grows_and_refuses_without_losing_what_was_typed(world) -> None:
    await world.says(f"{CHAIRS} en --speakers")
    view = await fix_form(world, await message_with(world, "result", "fix_words"), speakers=True)
    said = view["blocks"][0]["text"]["text"]
    assert "track's ID changes" in said
    assert "bills it" in said
    await touch(world, view, "find_0", "caption_find_0", "thank")
    await touch(world, view, "add", "fix_add_row")

    async def grown() -> Any:
        fresh = await view_of(world)
        return fresh if any(block["block_id"] == "find_3" for block in fresh["blocks"]) else None

    view = await eventually(grown)
    assert view["state"]["values"]["find_0"]["caption_find_0"]["value"] == "thank"
    refused = await submit(world, view, find_0="zzz", replace_0="zzz", name_0="[Ana]")
    assert set(refused["errors"]) == {"find_0", "replace_0", "name_0"}
    assert (await view_of(world))["state"]["values"]["find_0"]["caption_find_0"]["value"] == "zzz"


async def test_words_are_fixed_in_the_thread_and_offered_to_the_channels_phrases(world) -> None:
    await world.says(f"{CHAIRS} en --speakers")
    result = await message_with(world, "result", "fix_words")
    (old,) = await tracks(world, CHAIRS)
    assert b"[speaker_0]" in old["vtt"]
    view = await fix_form(world, result, speakers=True)
    word = a_word(old["vtt"])
    outcome = await submit(world, view, find_0=word, replace_0="Asterisk", name_0="Ana")
    assert (outcome["errors"], outcome["open_view"]) == ({}, None)

    fixed = await message_with(world, "result", "fix_phrases")
    (new,) = await tracks(world, CHAIRS)
    assert new["id"] != old["id"]
    assert b"[Ana]" in new["vtt"]
    assert b"Asterisk" in new["vtt"]
    assert fixed["thread_ts"] == result["thread_ts"]
    parent = await world.eventually("result", 2, saying=new["id"])
    assert result["ts"] in {one["ts"] for one in parent}
    await world.eventually("result", saying="Compared with the captions before the fix")

    await asyncio.gather(*(press(world, fixed, "fix_phrases") for _ in range(2)))
    await told(world, "Added to this channel's phrases: `Asterisk` and `Ana`")
    await told(world, "There already: `Asterisk` and `Ana`")
    assert len(await world.journal("mux.effect", "job.created")) == 2


def a_word(vtt: bytes) -> str:
    return next(word for word in vtt.decode().split() if word.islower() and word.isalpha() and len(word) > 4)


@pytest.mark.parametrize("kind", ["drop_after", "error_after"])
async def test_a_fix_whose_answer_is_lost_is_paid_for_once(world, kind) -> None:
    await world.says(f"{CHAIRS} en")
    view = await fix_form(world, await message_with(world, "result", "fix_words"))
    word = a_word((await tracks(world, CHAIRS))[0]["vtt"])
    await world.control("faults", kind=kind, target="mux:edit", times=1)
    twice = [submit(world, view, find_0=word, replace_0="Asterisk") for _ in range(2)]
    await asyncio.gather(*twice, return_exceptions=True)
    await world.eventually("result", saying="are fixed")
    assert len(await world.journal("mux.effect", "job.created")) == 2


async def test_a_restore_goes_on_where_a_stop_broke_it_off(world) -> None:
    before = await tracks(world, ENGLISH)
    await world.says(f"{ENGLISH} en --replace all")
    result = await message_with(world, "result", "fix_restore")
    await world.control("faults", kind="drop_after", target="mux:track", times=1)
    await world.control("faults", kind="drop_after", target="mux:track-delete", times=1)
    await press(world, result, "fix_restore")
    for _ in range(4):
        await world.stop_bot()
        await world.start_bot()
        await asyncio.sleep(0.15)
    await world.eventually("restored-1", saying="are back")
    assert as_they_were(await tracks(world, ENGLISH)) == as_they_were(before)


async def test_a_signed_video_is_saved_with_a_key_and_told_plainly_without_one(world) -> None:
    await world.says(f"{SIGNED} en")
    await message_with(world, "result", "fix_words")
    await world.says(f"{SIGNED} en --replace all")
    await world.eventually("result", saying="this bot has no signing key")

    url = f"{world.config.public_url}/system/v1/signing-keys"
    token = f"{world.config.mux_token_id}:{world.config.mux_token_secret}".encode()
    headers = {"Authorization": f"Basic {base64.b64encode(token).decode()}"}
    async with world.http.post(url, headers=headers) as answer:
        key = (await answer.json())["data"]
    await world.stop_bot()
    signing = {
        "mux_signing_key_id": key["id"],
        "mux_signing_private_key": SecretStr(key["private_key"]),
    }
    world.settings = world.settings.model_copy(update=signing)
    await world.start_bot()
    await world.says(f"{SIGNED} en --replace all --name English")
    result = await message_with(world, "result", "fix_restore")
    await press(world, result, "fix_restore")
    await world.eventually("restored-1", saying="are back")


async def test_without_an_address_of_ours_the_saved_captions_come_as_files(world) -> None:
    await world.stop_bot()
    world.settings = world.settings.model_copy(update={"public_url": ""})
    await world.start_bot()
    await world.says(f"{ENGLISH} en --replace all")
    await press(world, await message_with(world, "result", "fix_restore"), "fix_restore")
    await told(world, "this bot has none. Ask whoever runs it to set `PUBLIC_URL`")

    async def shared() -> Any:
        return [file for file in (await state(world))["files"] if file["name"] == "before.English.vtt"]

    await eventually(shared)
