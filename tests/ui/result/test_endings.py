"""Every end of a job is told with what it made, what it cost and what comes next."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import BotError
from bot.rules.jobs import Failure, Job, ReplacedTrack, State, is_finished
from bot.ui.message import Message
from bot.ui.result import result
from tests.ui.result.shown import shown, with_outcome

_ENDS = "<!date^1795604925^{date_short_pretty} at {time}|25 Nov 2026, 11:08 UTC>"
_IDS = "Job `job_42` · Mux job `rjob_7` · asset `As5et1d`"
_TRACK = "Track `tr1` is attached to the asset and still being prepared."
_FOLLOW = "The files are being fetched and follow in this thread."
_ANYONE = "Anyone who has this link can open the file."
_REVIEW = "These captions were made by a machine. Review them before you publish them."


def test_finished_captions_are_told_with_track_language_link_and_cost(done: Job, takes):
    told = result(done)

    takes(told)
    assert shown(told) == [
        "<@U0ANA>: The captions for *Launch keynote* are done.",
        f"Language: English (`en`).\n{_TRACK}",
        _FOLLOW,
        f"<https://f.example/a.srt?x=1&amp;y=2|Download the SRT file> until {_ENDS}. {_ANYONE}",
        "This took 2 min 5 s. 3,000 units used.",
        _IDS,
        _REVIEW,
    ]
    assert told.text == (
        f"<@U0ANA>: The captions for Launch keynote are done. Language: English (`en`). {_TRACK} "
        f"3,000 units used. {_REVIEW} {_FOLLOW} <https://f.example/a.srt?x=1&amp;y=2|Download the SRT file> "
        f"until 25 Nov 2026, 11:08 UTC. {_ANYONE}"
    )


def test_everybody_who_waits_is_mentioned_once(done: Job):
    told = result(done.changed(watchers=("U0BEN", "U0ANA")))

    assert shown(told)[0].startswith("<@U0ANA> and <@U0BEN>: ")
    assert "".join(shown(told)).count("<@U0ANA>") == 1


@pytest.mark.parametrize(
    ("asked", "outcome", "line"),
    [
        (None, {"language_confidence": 0.97}, "Language: English (`en`), detected, 97 % sure."),
        (None, {"language_confidence": None}, "Language: English (`en`), detected."),
        ("en", {"language_confidence": 1.0}, "Language: English (`en`)."),
        (None, {"language_code": "", "detected_language": "de", "language_confidence": 0.5},
         "Language: German (`de`), detected, 50 % sure."),
        ("fr", {"language_code": ""}, "Language: French (`fr`)."),
        (None, {"language_code": ""}, "Language: Mux did not say."),
    ],
)  # fmt: skip
def test_certainty_is_told_only_of_a_detected_language(done: Job, asked, outcome, line):
    job = with_outcome(done, **outcome)

    assert line in shown(result(job.changed(request=job.request.changed(language_code=asked))))[1]


def test_without_an_upload_the_captions_are_only_in_the_file(done: Job):
    job = with_outcome(done, track_id=None)

    told = result(job.changed(request=job.request.changed(upload_to_mux=False)))

    assert "No track was attached to the asset, as asked: the captions are only in the file." in told.text


def test_success_without_a_track_or_a_link_is_not_taken_for_granted(done: Job):
    told = result(with_outcome(done, track_id=None, srt_url=None))

    assert "Mux named no track, so check in the Mux dashboard that the asset has one." in told.text
    assert "Mux sent no link to an SRT file." in told.text
    assert "Mux sent no link to an SRT file." in shown(told)


def test_word_timings_have_a_link_of_their_own(done: Job):
    told = result(with_outcome(done, words_url="https://f.example/w.json"))

    assert shown(told)[4].startswith("<https://f.example/w.json|Download the word timings (JSON)> until ")
    assert "<https://f.example/w.json|Download the word timings (JSON)> until 25 Nov 2026" in told.text


def test_an_address_too_long_for_slack_is_not_cut_into_a_dead_link(done: Job, takes):
    told = result(with_outcome(done, srt_url="https://f.example/" + "x" * 3_000))

    takes(told)
    assert (
        f"Download the SRT file: the link does not fit into a Slack message. Mux still has it: {_IDS}."
        in shown(told)
    )


def test_replaced_tracks_are_named(done: Job):
    gone = (ReplacedTrack(id="old1", name="English", language_code="en"), ReplacedTrack(id="old2"))

    assert (
        "Replaced and deleted: `old1` (English, en) and `old2`."
        in result(with_outcome(done, replaced=gone)).text
    )


def test_a_job_that_ended_at_an_unknown_time_has_links_until_a_week_after_its_last_change(done: Job):
    told = result(done.changed(finished_at=None))

    assert "until 25 Nov 2026, 11:06 UTC" in told.text
    assert "3,000 units used." in shown(told)


def test_a_completed_job_without_an_outcome_still_says_so(done: Job, takes):
    takes(result(done.changed(outcome=None)))


def test_a_failed_job_tells_muxs_reason_the_cost_and_the_next_step(job: Job, takes):
    failure = Failure(code="timeout_error", message="Transcription was stopped.", retryable=True)

    told = result(job.changed(state=State.ERRORED, failure=failure, units_consumed=12))

    takes(told)
    assert shown(told) == [
        "<@U0ANA>: Mux made no captions for *Launch keynote*.",
        "Mux ran out of time while it worked on this video. Mux's own words: “Transcription was stopped”.",
        "*What to do next:* Mux says that a retry can help: run the same command again.",
        "Mux charged 12 units.",
        _IDS,
    ]
    assert told.text == (
        "<@U0ANA>: Mux made no captions for Launch keynote. Mux ran out of time while it worked on this "
        "video. Mux's own words: “Transcription was stopped”. Mux charged 12 units. "
        "Mux says that a retry can help: run the same command again."
    )


def test_a_refused_job_cost_nothing(job: Job):
    failure = Failure(code="too_many_requests", message="", status=429)

    assert result(job.changed(state=State.REFUSED, failure=failure, mux_id=None)).text == (
        "<@U0ANA>: Captions for Launch keynote were not started. Mux is getting too many requests from this "
        "environment. Nothing was charged: Mux refused before any work began. "
        "Wait a minute, then run the command again."
    )


def test_a_failure_that_was_never_learnt_is_still_explained(job: Job, takes):
    told = result(job.changed(state=State.ERRORED))

    takes(told)
    assert "Mux gave up on this video for a reason that this bot does not know (`unknown`)." in told.text


@pytest.mark.parametrize(
    ("mux_id", "units_consumed", "cost"),
    [
        (None, 0, "No job was sent to Mux, so no captions were charged."),
        ("rjob_7", 0, "Mux reports 0 units used."),
        ("rjob_7", 1, "Mux charged 1 unit."),
    ],
)
def test_a_cancelled_job_tells_what_it_cost(job: Job, mux_id, units_consumed, cost):
    told = result(job.changed(state=State.CANCELLED, mux_id=mux_id, units_consumed=units_consumed))

    assert told.text == (
        f"<@U0ANA>: Captions for Launch keynote were cancelled. {cost} "
        "If you want them after all, press Retry or type `/caption retry job_42`."
    )


def test_an_abandoned_job_tells_where_to_look(job: Job):
    assert result(job.changed(state=State.ABANDONED)).text == (
        "<@U0ANA>: How the captions for Launch keynote ended is not known. Mux keeps jobs for 30 days, and "
        "this one is gone. Look at the text tracks of the asset `As5et1d` in the Mux dashboard. If the "
        "captions are there, all is well; if not, run the command again. What it cost is shown in the "
        "Mux dashboard."
    )


def test_there_is_no_result_before_the_end(job: Job):
    with pytest.raises(BotError, match="job_42 is processing"):
        result(job)


@settings(deadline=None)
@given(data=st.data())
def test_no_result_is_ever_refused_by_slack_or_says_what_we_did_not(
    data, draw_jobs: Callable[..., st.SearchStrategy[Job]], takes: Callable[[Message], None]
):
    takes(result(data.draw(draw_jobs(*filter(is_finished, State)))))
