from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.jobs import Job, Outcome, State, is_finished
from bot.ui.card import card
from bot.ui.message import Message
from bot.ui.notices import PARENT_DELETED, redirected, undeliverable
from bot.ui.result import result

_INVITE = "Type `/invite @Caption Bot` in that channel, so that later results can be posted there."
_WHOLE = "Nothing is lost: what could not be said there is said here."
_ADMIN = "Ask a workspace administrator, if later results should be posted there."


@pytest.fixture
def done(job: Job) -> Job:
    return job.changed(
        state=State.COMPLETED,
        outcome=Outcome(language_code="en", track_id="tr1", srt_url="https://f.example/a.srt"),
    )


@pytest.mark.parametrize(
    ("reason", "why", "remedy"),
    [
        ("not_in_channel", "I am not a member of that channel.", _INVITE),
        ("channel_not_found", "I cannot see that channel; it is private, or it was deleted.", _INVITE),
        ("is_archived", "That channel is archived.", "Run later commands in another channel."),
        (PARENT_DELETED, "The message that the thread belongs to was deleted.", _WHOLE),
        ("msg_too_long", "Slack found the message too long for the channel.", _WHOLE),
        ("restricted_action", "A rule of this workspace keeps apps from posting in that channel.", _ADMIN),
        (
            "restricted_action_new_form",
            "A rule of this workspace keeps apps from posting in that channel.",
            _ADMIN,
        ),
        ("restricted_action_thread_locked", "That thread is locked.", _ADMIN),
        (
            "slack_connect_file_link_sharing_blocked",
            "A rule of a workspace that shares the channel keeps apps from posting there.",
            _ADMIN,
        ),
        ("<!here>", "Slack did not take the message (`&lt;!here&gt;`).", _ADMIN),
    ],
)
def test_the_requester_is_told_why_and_the_one_thing_to_do(done: Job, reason, why, remedy, takes):
    notice = undeliverable(done, reason, "C0CHANNEL")

    takes(notice)
    opening = f"I could not post this result in <#C0CHANNEL>. {why}"
    assert notice.blocks[0]["text"]["text"] == f"{opening}\n{remedy}"
    assert notice.text.startswith(f"{opening} {remedy} The captions for Launch keynote are done.")


def test_the_direct_message_holds_the_whole_result(done: Job):
    notice = undeliverable(done, "is_archived", "C0CHANNEL")

    assert all(block in notice.blocks for block in result(done).blocks[1:])
    assert notice.blocks[2]["text"]["text"] == "The captions for *Launch keynote* are done."


def test_the_bots_own_name_is_invited(done: Job):
    notice = undeliverable(done, "not_in_channel", "C0CHANNEL", bot_name="Subtitles")

    assert "Type `/invite @Subtitles` in that channel" in notice.text


def test_a_card_that_cannot_be_posted_goes_to_the_requester_and_says_why(job: Job, takes):
    notice = redirected(card(job), "not_in_channel", "C0CHANNEL")

    takes(notice)
    assert notice.text == (
        "I could not post this in <#C0CHANNEL>. I am not a member of that channel. "
        f"{_INVITE} {card(job).text}"
    )
    assert notice.blocks[2:-1] == card(job).blocks


@settings(deadline=None)
@given(data=st.data())
def test_no_notice_is_ever_refused_by_slack_or_says_what_we_did_not(
    data,
    draw_jobs: Callable[..., st.SearchStrategy[Job]],
    draw_text: Callable[..., st.SearchStrategy[str]],
    takes: Callable[[Message], None],
):
    job, reason = data.draw(draw_jobs(*filter(is_finished, State))), data.draw(draw_text())

    takes(undeliverable(job, reason, job.channel_id))
    takes(redirected(card(job), reason, job.channel_id))
