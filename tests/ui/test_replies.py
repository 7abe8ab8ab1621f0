from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import BadCommand
from bot.rules.jobs import Job
from bot.ui import replies
from bot.ui.message import Message

_ROWS = [
    ("--speakers", "Label who speaks.", "/caption As5et1d --speakers"),
    ("--no-upload", "Make files only & leave the asset as it is.", ""),
]


def _shown(message: Message) -> list[str]:
    return [
        text["text"]
        for block in message.blocks
        for text in ([block["text"]] if "text" in block else block["elements"])
    ]


def test_an_accepted_request_is_repeated_in_words(job: Job, takes):
    reply = replies.accepted(job)

    takes(reply)
    following = "The card in this channel shows how it goes, and the captions follow in its thread."
    assert reply.text == f"Captioning Launch keynote. English. {following}"
    assert _shown(reply) == [
        f"Captioning *Launch keynote*.\n{following}",
        "English.",
        "Job `job_42` · Mux job `rjob_7` · asset `As5et1d`",
    ]


def test_a_request_under_way_is_joined_and_not_paid_twice(job: Job, takes):
    reply = replies.joined(job, whose="U0BEN")

    takes(reply)
    following = "No second job was started, so nothing is paid twice. You will be mentioned when it is done."
    assert reply.text == (
        f"Launch keynote: <@U0BEN> asked for the same captions (18 Nov 2026, 11:06 UTC). {following}"
    )
    assert _shown(reply)[0] == (
        "*Launch keynote*: <@U0BEN> asked for the same captions "
        f"(<!date^1795000000^{{date_short_pretty}} at {{time}}|18 Nov 2026, 11:06 UTC>).\n{following}"
    )


def test_who_joins_a_job_that_is_being_cancelled_is_told_to_ask_again(job: Job):
    told = replies.joined(job.changed(stopped_by="U0BEN"), whose="U0ANA")

    assert told.text.endswith(
        "<@U0BEN> asked to cancel that job: no second one was started. Ask again when it has ended."
    )


def test_who_asks_twice_is_told_so(job: Job):
    reply = replies.joined(job, whose="")

    assert reply.text.startswith(
        "Launch keynote: You asked for these captions already (18 Nov 2026, 11:06 UTC)."
    )


def test_a_command_that_is_not_understood_comes_back_with_its_value_marked(takes):
    text = "As5et1d germn --speakers"
    error = BadCommand('"germn" is not a language.', at=8, value="germn", fix="did you mean `german`?")

    reply = replies.bad_command(error, text)

    takes(reply)
    assert reply.text == (
        'Nothing was started. "germn" is not a language. Did you mean `german`? '
        "You typed: /caption As5et1d germn --speakers"
    )
    assert _shown(reply) == [
        (
            'Nothing was started. "germn" is not a language.\nHere: As5et1d `germn` --speakers\nDid you '
            "mean `german`?"
        ),
        "What you typed, to copy and correct:",
        "```\n/caption As5et1d germn --speakers\n```",
        "`/caption help` lists everything that can be typed.",
    ]


@pytest.mark.parametrize(
    ("error", "text", "first"),
    [
        (BadCommand("There is no asset id."), "", "Nothing was started. There is no asset id."),
        (
            BadCommand("Odd.", at=99, value="odd", fix="leave it out"),
            "an odd one",
            "Nothing was started. Odd.\nHere: an `odd` one\nLeave it out.",
        ),
        (BadCommand("Odd.", at=3, value="gone"), "an odd one", "Nothing was started. Odd."),
        (
            BadCommand("Odd.", at=70, value="odd"),
            "x" * 69 + " odd " + "y" * 70,
            f"Nothing was started. Odd.\nHere: …{'x' * 59} `odd` {'y' * 59}…",
        ),
    ],
)
def test_the_marked_value_is_shown_with_the_words_around_it(error, text, first):
    assert _shown(replies.bad_command(error, text))[0] == first


def test_a_renamed_command_is_given_back_under_its_name():
    reply = replies.bad_command(BadCommand("Odd."), "", command="/subtitle")

    assert _shown(reply)[2:] == [
        "```\n/subtitle\n```",
        "`/subtitle help` lists everything that can be typed.",
    ]


def test_a_long_command_is_given_back_whole_as_far_as_slack_allows(takes):
    typed = " ".join(f"--phrase word{number:03}" for number in range(350))

    reply = replies.bad_command(BadCommand("Too many phrases."), typed)

    takes(reply)
    copies = [text[4:-4] for text in _shown(reply) if text.startswith("```")]
    assert "".join(copies) == f"/caption {typed}"


def test_a_command_longer_than_slack_allows_says_that_it_was_cut(takes):
    reply = replies.bad_command(BadCommand("Too long."), "x" * 20_000)

    takes(reply)
    assert "The rest of what you typed does not fit here." in _shown(reply)


def test_help_comes_from_the_grammars_own_table(takes):
    reply = replies.help_message("/caption <asset-id> [language] [options]", _ROWS)

    takes(reply)
    assert _shown(reply) == [
        "Captions for a Mux video",
        "`/caption &lt;asset-id&gt; [language] [options]`",
        (
            "`--speakers` Label who speaks. Example: `/caption As5et1d --speakers`\n"
            "`--no-upload` Make files only &amp; leave the asset as it is."
        ),
        "Slash commands do not work inside threads; type them in the channel itself.",
    ]
    assert "--speakers: Label who speaks.\n" in reply.text


def test_help_of_any_length_fits(takes):
    takes(replies.help_message("/caption " + "x" * 900, [("s" * 200, "m" * 900, "e" * 300)] * 40))
    takes(replies.help_message("", []))


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (
            replies.not_in_channel(),
            (
                "Nothing was started: I am not a member of this channel, so the captions could not be posted "
                "here. "
                "Type `/invite @Caption Bot`, then run the command again."
            ),
        ),
        (
            replies.unexpected_error("ab12"),
            (
                "Something went wrong inside Caption Bot. It is not your fault, and nothing was lost. "
                "Run the command again. If this comes back, give an administrator the reference `ab12`."
            ),
        ),
        (
            replies.denied("Only <editors> may replace tracks."),
            (
                "Nothing was started. Only &lt;editors&gt; may replace tracks. "
                "An administrator of Caption Bot can change that."
            ),
        ),
        (
            replies.busy(),
            (
                "Nothing was started: Caption Bot has more to do than it can take in at the moment. "
                "Run the command again in a minute."
            ),
        ),
    ],
)
def test_every_short_answer_says_what_happened_and_what_to_do(reply, text, takes):
    takes(reply)
    assert reply.text == text
    assert " ".join(_shown(reply)[0].split("\n")) == text


@settings(deadline=None)
@given(data=st.data())
def test_no_reply_is_ever_refused_by_slack_or_says_what_we_did_not(
    data,
    draw_jobs: Callable[..., st.SearchStrategy[Job]],
    draw_text: Callable[..., st.SearchStrategy[str]],
    takes: Callable[[Message], None],
):
    job, typed = data.draw(draw_jobs()), data.draw(draw_text(3_000))
    value = typed[: data.draw(st.integers(0, 40))]
    error = BadCommand(
        data.draw(draw_text()), at=data.draw(st.integers(0, 50)), value=value, fix=data.draw(draw_text())
    )

    takes(replies.accepted(job))
    takes(replies.joined(job, whose=job.user_id))
    takes(replies.bad_command(error, typed))
    takes(replies.denied(typed))
    takes(replies.unexpected_error(typed))
