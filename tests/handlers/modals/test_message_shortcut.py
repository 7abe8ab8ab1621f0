"""The shortcut of a message opens the form for the video that the message is about."""

from __future__ import annotations

from typing import Any

import pytest

from bot.rules.form import CaptionForm
from bot.ui import caption_modal, form_messages
from handlers.shortcuts import said
from tests.handlers.modals.forms import ASSET, filled_from, shown


def message(**fields: Any) -> dict[str, Any]:
    return {"type": "message", "user": "U5", "ts": "1790000000.000200", "text": "Look", **fields}


async def picked(send: Any, **fields: Any) -> None:
    await send(
        "message_action",
        callback_id="caption_message",
        channel={"id": "C1", "name": "films"},
        message_ts="1790000000.000200",
        message=message(**fields),
    )


LINKS = {
    "text": {"text": "see <https://player.mux.com/PlayBack1dPlayBack1d|the cut> &amp; tell me"},
    "rich_text": {
        "blocks": [
            {
                "type": "rich_text",
                "elements": [
                    {
                        "type": "rich_text_section",
                        "elements": [
                            {
                                "type": "link",
                                "url": "https://player.mux.com/PlayBack1dPlayBack1d",
                                "text": "cut",
                            }
                        ],
                    }
                ],
            }
        ]
    },
    "attachment": {"attachments": [{"from_url": "https://stream.mux.com/PlayBack1dPlayBack1d.m3u8"}]},
    "dashboard": {
        "text": f"<https://dashboard.mux.com/organizations/o/environments/e/video/assets/{ASSET}/monitor>"
    },
}


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("fields", LINKS.values(), ids=LINKS)
async def test_a_message_shortcut_finds_the_link_wherever_it_is(doors, send, fields) -> None:
    await picked(send, **fields)
    (view,) = doors.told.views
    form = caption_modal.read(filled_from(view))
    assert form == CaptionForm(video=ASSET, channel_id="C1", thread_ts="1790000000.000200")
    assert "Launch keynote" in shown(view)
    assert "thread of the message" in shown(view)


async def test_a_message_inside_a_thread_is_answered_in_that_thread(doors, send) -> None:
    await picked(send, thread_ts="1790000000.000100")
    assert caption_modal.read(filled_from(doors.told.views[0])).thread_ts == "1790000000.000100"


async def test_a_message_without_a_link_opens_an_empty_form_that_says_so(doors, send) -> None:
    await picked(send, text="no link here")
    (view,) = doors.told.views
    assert form_messages.NO_LINK in shown(view)
    assert caption_modal.read(filled_from(view)).video == ""


async def test_a_message_with_several_videos_says_which_one_the_form_is_for(doors, send) -> None:
    await picked(send, text=f"https://player.mux.com/Fir5tPlayBack1d and {ASSET}")
    (view,) = doors.told.views
    assert "names 2 videos" in shown(view)
    assert caption_modal.read(filled_from(view)).video == "playback:Fir5tPlayBack1d"


def test_what_a_message_says_is_read_to_a_depth_that_no_message_has() -> None:
    nested: Any = {"text": "deep"}
    for _ in range(50):
        nested = {"elements": [nested]}
    assert list(said(nested)) == []
    assert list(said({"text": "a", "ts": "1.2", "blocks": [{"text": {"text": "b", "block_id": "c"}}]})) == [
        "a",
        "b",
    ]


FILM = {"id": "F0CUT", "name": "cut.mp4", "mimetype": "video/mp4", "size": 2_000_000}


async def test_a_message_with_files_opens_the_form_for_its_first_video(doors, send) -> None:
    notes = {"id": "F0TXT", "name": "notes.txt", "mimetype": "text/plain", "size": 5}
    sound = {**FILM, "id": "F0SND", "name": "sound.mp3", "mimetype": "audio/mpeg"}
    odd = ["F0", {"id": "../x", "mimetype": "video/mp4"}]
    await picked(send, text="please", files=[*odd, notes, FILM, sound])
    (view,) = doors.told.views
    form = caption_modal.read(filled_from(view))
    assert form.video == "file:F0CUT|cut.mp4"
    assert "first of 2" in shown(view)
    assert "new video" in shown(view)


async def test_a_link_in_a_message_counts_before_its_files(doors, send) -> None:
    await picked(send, text=f"see {ASSET}", files=[FILM])
    assert caption_modal.read(filled_from(doors.told.views[0])).video == ASSET
