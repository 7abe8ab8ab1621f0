"""The form's doors: opened, searched in, sent; what is typed is never lost and never paid for twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.errors import NotReached, SlackRefused, StoreError
from bot.rules.form import CaptionForm
from bot.rules.policy import Asker
from bot.rules.video import TextTrack, Video
from bot.services import catalogue, drafts
from bot.ui import caption_modal, form_messages
from handlers import slack
from handlers.modals import apology
from handlers.shortcuts import said

ASSET = "As5et1dAs5et1dAs5et1d"
TRACK = TextTrack(id="t1", name="English (Studio)", language_code="en", source="uploaded", status="ready")
VIDEO = Video(
    asset_id=ASSET,
    title="Launch keynote",
    status="ready",
    duration_seconds=61,
    policy="public",
    playback_id="PlayBack1dPlayBack1d",
    tracks=(TRACK,),
)


class LostStoreError(StoreError):
    """What the store raises when it is gone."""


@pytest.fixture
def send(doors) -> Callable[..., Any]:
    """Return a function that sends an interaction as Ana in the team T1."""

    async def interact(kind: str, **fields: Any) -> Any:
        body = {
            "type": kind,
            "team": {"id": "T1", "domain": "films"},
            "user": {"id": "U1", "username": "ana", "team_id": "T1"},
            "trigger_id": "1.2.3",
            "response_url": "http://127.0.0.1/secret",
            **fields,
        }
        response = await doors.slack(
            urlencode({"payload": json.dumps(body)}).encode(), "application/x-www-form-urlencoded"
        )
        assert response.status_code == 200, response.text
        return response.json() if response.content else {}

    return interact


@pytest.fixture
async def known(doors) -> Video:
    """Put a video into the catalogue."""
    await doors.store.transaction(catalogue.learn, "default", [VIDEO])
    return VIDEO


def filled(form: CaptionForm, **changes: Any) -> dict[str, Any]:
    """Return the view that Slack would send for a form; `changes` are what somebody typed, by block."""
    view = caption_modal.build(form)
    values: dict[str, Any] = {}
    fields = {
        "plain_text_input": ("initial_value", "value"),
        "checkboxes": ("initial_options", "selected_options"),
        "conversations_select": ("initial_conversation", "selected_conversation"),
    }
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            initial, name = fields.get(element["type"], ("initial_option", "selected_option"))
            value = changes.get(block["block_id"], element.get(initial))
            values[block["block_id"]] = {element["action_id"]: {"type": element["type"], name: value}}
    return {**view, "id": "V1", "hash": "1.abc", "team_id": "T1", "state": {"values": values}}


def shown(view: dict[str, Any]) -> str:
    return json.dumps(view, ensure_ascii=False)


async def jobs(doors: Any) -> list[Any]:
    def read(tx: Any) -> list[Any]:
        rows = tx.conn.exec_driver_sql("SELECT public_id, channel_id, thread_ts, asset_id, params FROM job")
        return list(rows)

    return await doors.store.transaction(read)


async def test_a_command_without_text_opens_the_form_for_its_channel(doors) -> None:
    response = await doors.command("", trigger_id="9.9.9")
    assert (response.status_code, response.content) == (200, b"")
    (view,) = doors.told.views
    assert (view["trigger_id"], view["token"]) == ("9.9.9", "xoxb-T1")
    assert '"initial_conversation": "C1"' in shown(view)
    assert doors.told.looked == 1


@pytest.mark.parametrize(
    "error",
    [
        SlackRefused("expired_trigger_id", method="views.open"),
        SlackRefused("exchanged_trigger_id", method="views.open"),
        NotReached("no connection"),
        TimeoutError(),
    ],
)
async def test_a_form_that_did_not_open_is_offered_again_with_what_was_in_it(doors, error) -> None:
    doors.told.view_error = error
    form = CaptionForm(video=ASSET, language="de", channel_id="C1", phrases=("Mux",))
    draft = await doors.store.transaction(
        drafts.keep, form, Asker(team_id="T1", user_id="U1", channel_id="C1")
    )
    await doors.press(form_messages.REOPEN, draft)
    assert doors.told.views == []
    (draft_again,) = [
        element["value"]
        for element in doors.told.answers[-1]["blocks"][-1]["elements"]
        if element["action_id"] == form_messages.REOPEN
    ]
    doors.told.view_error = None
    gone = await doors.press(form_messages.REOPEN, draft_again, in_private=True)
    assert gone is not None
    assert gone["delete_original"]
    assert caption_modal.read(filled_from(doors.told.views[-1])) == form


def filled_from(view: dict[str, Any]) -> dict[str, Any]:
    """Return an opened view as Slack sends it back untouched."""
    values: dict[str, Any] = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            value = next((element[name] for name in element if name.startswith("initial_")), None)
            names = {"plain_text_input": "value", "checkboxes": "selected_options"}
            names |= {"conversations_select": "selected_conversation"}
            field = names.get(element["type"], "selected_option")
            values[block["block_id"]] = {element["action_id"]: {"type": element["type"], field: value}}
    return {**view, "state": {"values": values}}


async def test_the_form_of_a_draft_is_for_its_author_alone(doors) -> None:
    form = CaptionForm(video=ASSET)
    mine = Asker(team_id="T1", user_id="U1", channel_id="C1")
    draft = await doors.store.transaction(drafts.keep, form, mine)
    answer = await doors.press(form_messages.REOPEN, draft, user="U2")
    assert "not there any more" in answer["text"]
    answer = await doors.press(form_messages.REOPEN, "never-was")
    assert "not there any more" in answer["text"]
    assert doors.told.views == []


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


@pytest.mark.usefixtures("known")
async def test_a_job_is_asked_for_again_with_what_it_was_asked_for_with(doors) -> None:
    await doors.command(f"{ASSET} de --speakers", trigger_id="7.7.7")
    ((job_id, *_),) = await jobs(doors)
    await doors.press(form_messages.AGAIN, job_id)
    form = caption_modal.read(filled_from(doors.told.views[-1]))
    assert form == CaptionForm(video=ASSET, language="de", include_speakers=True, channel_id="C1")
    assert "Launch keynote" in shown(doors.told.views[-1])


async def test_a_job_of_others_cannot_be_looked_into_through_its_form(doors) -> None:
    await doors.command(f"{ASSET} de", trigger_id="7.7.7")
    ((job_id, *_),) = await jobs(doors)
    for stranger in ({"team": "T2"}, {"user": "U2", "channel": "C2"}):
        answer = await doors.press(form_messages.AGAIN, job_id, **stranger)
        assert "no such job" in answer["text"]
    assert "no such job" in (await doors.press(form_messages.AGAIN, "unknown"))["text"]
    assert doors.told.views == []


async def test_the_form_of_a_job_in_a_thread_reports_there_again(doors, send) -> None:
    form = CaptionForm(video=ASSET, channel_id="C1", thread_ts="1790000000.000100")
    await send("view_submission", view=filled(form))
    ((job_id, *_),) = await jobs(doors)
    await doors.press(form_messages.AGAIN, job_id)
    assert caption_modal.read(filled_from(doors.told.views[-1])) == form


async def test_the_global_shortcut_opens_an_empty_form(doors, send) -> None:
    await send("shortcut", callback_id="caption_video", action_ts="1.1")
    (view,) = doors.told.views
    assert caption_modal.read(filled_from(view)) == CaptionForm()
    assert "default_to_current_conversation" in shown(view)


async def test_the_global_shortcut_has_no_channel_so_the_offer_goes_to_the_person(doors, send) -> None:
    doors.told.view_error = SlackRefused("expired_trigger_id", method="views.open")
    await send("shortcut", callback_id="caption_video", action_ts="1.1")
    assert doors.told.answers[-1]["channel"] == "U1"


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


async def test_our_mistake_leaves_the_form_open_with_what_was_typed() -> None:
    view = filled(CaptionForm(channel_id="C1"))
    answer = await slack.failed(LostStoreError("gone"), {"type": "view_submission", "view": view})
    body = json.loads(answer.body)
    assert answer.status == 200
    assert body["response_action"] == "errors"
    assert "still here" in body["errors"]["video"]


async def test_an_offer_that_cannot_be_made_breaks_nothing(doors) -> None:
    doors.told.view_error = doors.told.error = NotReached("no connection")
    assert (await doors.command("")).status_code == 200
    assert doors.told.answers == []


async def test_our_mistake_in_a_list_is_an_empty_list() -> None:
    answer = await slack.failed(LostStoreError("gone"), {"type": "block_suggestion"})
    assert (answer.status, json.loads(answer.body)) == (200, {"options": []})
    assert apology({"type": "block_actions"}, "ref") is None


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
