"""What is said around the form is within Slack's limits and gives a next step."""

from __future__ import annotations

import pytest

from bot.rules.files import SlackFile
from bot.rules.jobs import Outcome, State
from bot.rules.links import Pointer, PointerKind
from bot.sandbox.slack.blocks import checked_view
from bot.ui import form_messages


def pointer(number: int) -> Pointer:
    return Pointer(kind=PointerKind.ASSET, id=f"As5et{number}", written=f"As5et{number}")


def test_a_form_that_did_not_open_comes_with_the_button_that_opens_it():
    message = form_messages.not_opened("draft1")
    (button,) = message.blocks[-1]["elements"]
    assert (button["action_id"], button["value"]) == (form_messages.REOPEN, "draft1")
    assert "kept" in message.text


@pytest.mark.parametrize("message", [form_messages.draft_gone(), form_messages.job_gone()])
def test_what_is_gone_is_said_with_a_way_on(message, takes):
    takes(message)
    assert "`/caption`" in message.text


def test_the_videos_of_a_message_are_named():
    assert form_messages.named([]) == form_messages.NO_LINK
    assert form_messages.named([pointer(1)]) == ""
    assert "2 videos" in form_messages.named([pointer(1), pointer(2)])
    assert "`As5et2`" in form_messages.named([pointer(1), pointer(2)])
    assert len(form_messages.named([pointer(number) for number in range(100)])) < 3_000


def test_asking_again_says_what_is_there_already(job):
    assert form_messages.once_more(job) == ""
    done = job.changed(state=State.COMPLETED, outcome=Outcome(language_code="en", track_id="t1"))
    assert "`t1`" in form_messages.once_more(done)
    files_only = done.changed(outcome=Outcome(language_code="en"))
    assert "charged again" in form_messages.once_more(files_only)


def test_the_end_of_a_form_is_a_view_that_slack_takes():
    view = form_messages.ended(form_messages.job_gone())
    assert "submit" not in checked_view(view)


def test_our_mistake_names_the_reference():
    assert "abc123" in form_messages.our_mistake("abc123")


def test_the_files_of_a_message_are_named_with_the_size_of_the_first():
    films = [SlackFile(id=f"F{number}", name=f"cut {number}.mp4", size=2_100_000) for number in range(1, 40)]
    assert form_messages.attached(films[:1]) == "The message has the file `cut 1.mp4` (2.1 MB)."
    assert "first of 2; the others are `cut 2.mp4`" in form_messages.attached(films[:2])
    assert len(form_messages.attached(films)) < 3_000
    small = [SlackFile(id="F1", name="a.wav", size=size) for size in (0, 10, 5_000)]
    assert [form_messages.attached([each]) for each in small] == [
        "The message has the file `a.wav`.",
        "The message has the file `a.wav` (1 kB).",
        "The message has the file `a.wav` (5 kB).",
    ]
