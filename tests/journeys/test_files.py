"""From a file that somebody shared in Slack to an asset at Mux and its captions in the thread."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest

from bot.sandbox.config import SandboxConfig
from tests.journeys.acts import eventually

CLIP = b"not really a film, but as many bytes as one asks for. " * 40_000


async def shared(world: Any, name: str = "launch cut.mp4", content: bytes = CLIP) -> dict[str, Any]:
    url = f"{world.config.public_url}/_sandbox/slack/share_file"
    query = {"user_id": "U0BEN", "channel_id": "C0DEMO", "name": name, "text": "please caption this"}
    headers = {"Content-Type": "video/mp4"}
    async with world.http.post(url, params=query, data=io.BytesIO(content), headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        return dict(await answer.json())


async def form_of(world: Any, message: dict[str, Any]) -> dict[str, Any]:
    """Use the shortcut on a message and return the form."""
    await world.control(
        "slack/shortcut",
        user_id="U0ANA",
        callback_id="caption_message",
        channel_id="C0DEMO",
        ts=message["ts"],
    )

    async def find() -> Any:
        async with world.http.get(f"{world.config.public_url}/_sandbox/slack/state") as answer:
            return (await answer.json())["views"]["U0ANA"]

    (view,) = await eventually(find)
    return dict(view)


async def submit(world: Any, view: dict[str, Any], **values: Any) -> dict[str, Any]:
    filled = {name: {f"caption_{name}": value} for name, value in values.items()}
    return dict(await world.control("slack/submit", user_id="U0ANA", view_id=view["id"], values=filled))


async def added(world: Any) -> list[dict[str, Any]]:
    """Return the assets that were made of uploads."""
    async with world.http.get(f"{world.config.public_url}/_sandbox/mux/assets") as answer:
        assets = (await answer.json())["assets"]
    return [asset for asset in assets if asset["title"] == "launch cut.mp4"]


def texts(view: dict[str, Any]) -> str:
    return "\n".join(block["text"]["text"] for block in view["blocks"] if block["type"] == "section")


async def test_a_shared_file_becomes_an_asset_and_is_captioned_in_the_thread_of_its_message(world) -> None:
    message = await shared(world)
    view = await form_of(world, message)
    assert "`launch cut.mp4` (2.2 MB)" in texts(view)
    assert "Mux charges for its storage and encoding too" in texts(view)
    outcome = await submit(world, view)
    assert (outcome["errors"], outcome["open_view"]) == ({}, None)
    (result,) = await world.eventually("result")
    (asset,) = await added(world)
    (upload,) = await world.journal("mux.call", "mux:upload")
    # The local Mux hears speech only with its recogniser, and says so honestly.
    assert "local-captions" in result["text"]
    assert "launch cut.mp4" in result["text"]
    assert result["thread_ts"] == message["ts"]
    assert upload["data"]["body"]["new_asset_settings"]["playback_policies"] == ["public"]
    (create,) = await world.journal("mux.call", "mux:create")
    assert create["data"]["body"]["parameters"]["asset_id"] == asset["id"]


async def test_a_file_that_is_asked_for_again_is_not_sent_again(world) -> None:
    message = await shared(world)
    await submit(world, await form_of(world, message))
    await world.eventually("result")
    await submit(world, await form_of(world, message), phrases="Mux")
    await world.eventually("result", 2)
    assert len(await added(world)) == 1
    assert len(await world.journal("mux.call", "mux:upload-put")) == 1


async def test_a_transfer_that_broke_off_is_done_again_and_makes_one_asset(world) -> None:
    await world.control("faults", kind="drop_after", target="mux:upload-put", times=1)
    await submit(world, await form_of(world, await shared(world)))
    await world.eventually("result")
    assert len(await added(world)) == 1


async def test_a_bot_that_dies_after_it_asked_goes_on_when_it_is_back(world) -> None:
    await world.control("faults", kind="error_before", target="slack:files.info", times=1)
    await submit(world, await form_of(world, await shared(world)))
    await world.stop_bot()
    await world.start_bot()
    await world.eventually("result")
    assert len(await added(world)) == 1


class TestWithoutTheOptionalScope:
    @pytest.fixture
    def sandbox_config(self, sandbox_config: SandboxConfig) -> SandboxConfig:
        scopes = tuple(scope for scope in sandbox_config.slack_scopes if scope != "files:read")
        return replace(sandbox_config, slack_scopes=scopes)

    async def test_the_thread_says_which_scope_to_add(self, world) -> None:
        message = await shared(world)
        await submit(world, await form_of(world, message))
        (result,) = await world.eventually("result")
        assert "`files:read`" in result["text"]
        assert "install the app again" in result["text"]
        assert result["thread_ts"] == message["ts"]
        assert await added(world) == []


async def test_a_message_without_video_or_links_says_that_there_is_none(world) -> None:
    view = await form_of(world, await shared(world, name="notes.txt"))
    assert "no video or sound file" in texts(view)
