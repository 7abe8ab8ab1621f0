"""The form is searched in and sent; what is typed is never lost and never paid for twice."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from bot.errors import NotReached, SlackRefused
from bot.rules.form import CaptionForm
from handlers import slack
from handlers.modals import apology
from tests.handlers.modals.forms import ASSET, LostStoreError, filled, jobs, shown


async def test_sending_the_form_makes_the_job_and_closes_it(doors, send) -> None:
    form = CaptionForm(video=ASSET, language="pt-BR", channel_id="C7", phrases=("Mux", "HLS"))
    assert await send("view_submission", view=filled(form)) == {}
    ((_, channel, thread, asset, params),) = await jobs(doors)
    assert (channel, thread, asset) == ("C7", None, ASSET)
    assert json.loads(params)["phrases"] == ["Mux", "HLS"]


async def test_a_form_that_is_sent_twice_is_one_job(doors, send) -> None:
    view = filled(CaptionForm(video=ASSET, channel_id="C1"))
    answers = await asyncio.gather(*(send("view_submission", view=view) for _ in range(3)))
    assert answers == [{}, {}, {}]
    assert len(await jobs(doors)) == 1


async def test_a_mistake_stays_at_its_field_and_nothing_is_started(doors, send) -> None:
    view = filled(CaptionForm(channel_id="C1"), phrases="p" * 51, link="https://youtu.be/x")
    answer = await send("view_submission", view=view)
    assert answer["response_action"] == "errors"
    assert set(answer["errors"]) == {"phrases", "link"}
    assert await jobs(doors) == []


async def test_a_pasted_player_link_is_looked_up_before_the_job_is_sent(doors, send) -> None:
    view = filled(CaptionForm(channel_id="C1"), link="https://player.mux.com/PlayBack1dPlayBack1d?x=1")
    assert await send("view_submission", view=view) == {}

    def pointers(tx: Any) -> list[str]:
        return [row[0] for row in tx.conn.exec_driver_sql("SELECT pointer FROM job")]

    (pointer,) = await doors.store.transaction(pointers)
    assert json.loads(pointer)["id"] == "PlayBack1dPlayBack1d"


async def test_who_asks_for_work_that_is_under_way_is_told_so_in_the_form(doors, send) -> None:
    await doors.command(f"{ASSET}", user_id="U9")
    answer = await send("view_submission", view=filled(CaptionForm(video=ASSET, channel_id="C1")))
    assert answer["response_action"] == "update"
    assert "submit" not in answer["view"]
    assert "No second job was started" in shown(answer["view"])
    assert len(await jobs(doors)) == 1


async def test_the_captions_of_a_message_are_reported_in_its_thread(doors, send) -> None:
    form = CaptionForm(video=ASSET, channel_id="C1", thread_ts="1790000000.000100")
    assert await send("view_submission", view=filled(form)) == {}
    ((_, channel, thread, _, _),) = await jobs(doors)
    assert (channel, thread) == ("C1", "1790000000.000100")


async def suggestions(send: Any, action_id: str, query: str) -> list[tuple[str, str]]:
    answer = await send("block_suggestion", action_id=action_id, block_id="x", value=query)
    return [(option["text"]["text"], option["value"]) for option in answer["options"]]


@pytest.mark.usefixtures("known")
async def test_typing_finds_videos_and_languages(send) -> None:
    assert await suggestions(send, "caption_video", "keyn") == [("Launch keynote · 1:01 · ready", ASSET)]
    assert await suggestions(send, "caption_video", "nothing like it") == []
    link = "https://stream.mux.com/An0therPlayback1d.m3u8"
    assert await suggestions(send, "caption_video", link) == [
        (f"Use {link}", "playback:An0therPlayback1d"),
    ]
    assert (await suggestions(send, "caption_language", "germ"))[0] == ("German · de", "de")
    assert len(await suggestions(send, "caption_language", "")) == 100


@pytest.mark.usefixtures("known")
async def test_choosing_a_video_names_the_track_that_is_in_the_way(doors, send) -> None:
    view = filled(CaptionForm(video=ASSET, language="en", channel_id="C1"))
    actions = [{"action_id": "caption_video", "block_id": "video", "type": "external_select"}]
    assert await send("block_actions", view=view, actions=actions) == {}
    (updated,) = doors.told.views
    assert (updated["id"], updated["hash"]) == ("V1", "1.abc")
    assert "English (Studio)" in shown(updated)
    doors.told.views.clear()
    await send("block_actions", view={**view, "blocks": updated["blocks"]}, actions=actions)
    assert doors.told.views == []


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    "error", [SlackRefused("hash_conflict", method="views.update"), NotReached("no connection")]
)
async def test_a_form_that_was_closed_meanwhile_is_left_alone(doors, send, error) -> None:
    doors.told.view_error = error
    view = filled(CaptionForm(video=ASSET, language="en", channel_id="C1"))
    actions = [{"action_id": "caption_language", "block_id": "language", "type": "external_select"}]
    assert await send("block_actions", view=view, actions=actions) == {}
    assert doors.told.views == []


async def test_our_mistake_leaves_the_form_open_with_what_was_typed() -> None:
    view = filled(CaptionForm(channel_id="C1"))
    answer = await slack.failed(LostStoreError("gone"), {"type": "view_submission", "view": view})
    body = json.loads(answer.body)
    assert answer.status == 200
    assert body["response_action"] == "errors"
    assert "still here" in body["errors"]["video"]


async def test_our_mistake_in_a_list_is_an_empty_list() -> None:
    answer = await slack.failed(LostStoreError("gone"), {"type": "block_suggestion"})
    assert (answer.status, json.loads(answer.body)) == (200, {"options": []})
    assert apology({"type": "block_actions"}, "ref") is None
