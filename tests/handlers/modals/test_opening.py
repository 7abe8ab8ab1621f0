"""The form is opened by a command, by a job and by a shortcut, with what is already known in it."""

from __future__ import annotations

import pytest

from bot.errors import NotReached, SlackRefused
from bot.rules.form import CaptionForm
from bot.rules.policy import Asker
from bot.services import drafts
from bot.ui import caption_modal, form_messages
from tests.handlers.modals.forms import ASSET, filled, filled_from, jobs, shown


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


async def test_the_form_of_a_draft_is_for_its_author_alone(doors) -> None:
    form = CaptionForm(video=ASSET)
    mine = Asker(team_id="T1", user_id="U1", channel_id="C1")
    draft = await doors.store.transaction(drafts.keep, form, mine)
    answer = await doors.press(form_messages.REOPEN, draft, user="U2")
    assert "not there any more" in answer["text"]
    answer = await doors.press(form_messages.REOPEN, "never-was")
    assert "not there any more" in answer["text"]
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


async def test_an_offer_that_cannot_be_made_breaks_nothing(doors) -> None:
    doors.told.view_error = doors.told.error = NotReached("no connection")
    assert (await doors.command("")).status_code == 200
    assert doors.told.answers == []
