from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import BotError
from bot.rules import srt
from bot.rules.archive import SRT, TEXT, VTT, Archive, FilesState, Offer, TrackState
from bot.rules.hosts import Hosts
from bot.rules.jobs import Failure, Job, Outcome, ReplacedTrack, State, is_finished
from bot.rules.quality import check, profile
from bot.rules.video import Video
from bot.ui.message import Message
from bot.ui.result import result

_ENDS = "<!date^1795604925^{date_short_pretty} at {time}|25 Nov 2026, 11:08 UTC>"
_IDS = "Job `job_42` · Mux job `rjob_7` · asset `As5et1d`"
_TRACK = "Track `tr1` is attached to the asset and still being prepared."
_FOLLOW = "The files are being fetched and follow in this thread."
_ANYONE = "Anyone who has this link can open the file."
_REVIEW = "These captions were made by a machine. Review them before you publish them."


@pytest.fixture
def done(job: Job) -> Job:
    return job.changed(
        state=State.COMPLETED,
        finished_at=job.created_at + 125,
        units_consumed=3_000,
        outcome=Outcome(
            language_code="en",
            track_id="tr1",
            language_confidence=1.0,
            srt_url="https://f.example/a.srt?x=1&y=2",
        ),
    )


def _shown(message: Message) -> list[str]:
    return [
        text["text"]
        for block in message.blocks
        if block["type"] not in {"actions", "divider"}
        for text in ([block["text"]] if "text" in block else block["elements"])
    ]


def _with(job: Job, **changes: object) -> Job:
    assert job.outcome
    return job.changed(outcome=Outcome(**{**_fields(job.outcome), **changes}))


def _fields(outcome: Outcome) -> dict[str, object]:
    return {name: getattr(outcome, name) for name in Outcome.__slots__}


def test_finished_captions_are_told_with_track_language_link_and_cost(done: Job, takes):
    told = result(done)

    takes(told)
    assert _shown(told) == [
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

    assert _shown(told)[0].startswith("<@U0ANA> and <@U0BEN>: ")
    assert "".join(_shown(told)).count("<@U0ANA>") == 1


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
    job = _with(done, **outcome)

    assert line in _shown(result(job.changed(request=job.request.changed(language_code=asked))))[1]


def test_without_an_upload_the_captions_are_only_in_the_file(done: Job):
    job = _with(done, track_id=None)

    told = result(job.changed(request=job.request.changed(upload_to_mux=False)))

    assert "No track was attached to the asset, as asked: the captions are only in the file." in told.text


def test_success_without_a_track_or_a_link_is_not_taken_for_granted(done: Job):
    told = result(_with(done, track_id=None, srt_url=None))

    assert "Mux named no track, so check in the Mux dashboard that the asset has one." in told.text
    assert "Mux sent no link to an SRT file." in told.text
    assert "Mux sent no link to an SRT file." in _shown(told)


def test_word_timings_have_a_link_of_their_own(done: Job):
    told = result(_with(done, words_url="https://f.example/w.json"))

    assert _shown(told)[4].startswith("<https://f.example/w.json|Download the word timings (JSON)> until ")
    assert "<https://f.example/w.json|Download the word timings (JSON)> until 25 Nov 2026" in told.text


def test_an_address_too_long_for_slack_is_not_cut_into_a_dead_link(done: Job, takes):
    told = result(_with(done, srt_url="https://f.example/" + "x" * 3_000))

    takes(told)
    assert (
        f"Download the SRT file: the link does not fit into a Slack message. Mux still has it: {_IDS}."
        in _shown(told)
    )


def test_replaced_tracks_are_named(done: Job):
    gone = (ReplacedTrack(id="old1", name="English", language_code="en"), ReplacedTrack(id="old2"))

    assert "Replaced and deleted: `old1` (English, en) and `old2`." in result(_with(done, replaced=gone)).text


def test_a_job_that_ended_at_an_unknown_time_has_links_until_a_week_after_its_last_change(done: Job):
    told = result(done.changed(finished_at=None))

    assert "until 25 Nov 2026, 11:06 UTC" in told.text
    assert "3,000 units used." in _shown(told)


def test_a_completed_job_without_an_outcome_still_says_so(done: Job, takes):
    takes(result(done.changed(outcome=None)))


def test_a_failed_job_tells_muxs_reason_the_cost_and_the_next_step(job: Job, takes):
    failure = Failure(code="timeout_error", message="Transcription was stopped.", retryable=True)

    told = result(job.changed(state=State.ERRORED, failure=failure, units_consumed=12))

    takes(told)
    assert _shown(told) == [
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


_KEPT = Archive(files=FilesState.KEPT, kinds=(TEXT, SRT, VTT), track=TrackState.READY)


def test_once_the_files_are_there_muxs_link_is_in_small_print_and_viewers_have_the_track(done: Job, takes):
    told = result(done.changed(archive=_KEPT))

    takes(told)
    assert "The files are in this thread: SRT, WebVTT and plain text." in _shown(told)
    assert "Track `tr1` is attached to the asset and ready: viewers can choose it." in told.text
    small = [block for block in told.blocks if block["type"] == "context" and "f.example" in str(block)]
    assert len(small) == 1
    assert "f.example" in told.text
    assert _pressable(told)[0] == "Files"


def test_the_report_is_in_the_result_with_times_that_lead_into_the_film(done: Job, takes):
    raw = b"1\n00:00:05,000 --> 00:00:05,400\nFar too many words for so short a time\n"
    report = check(srt.read(raw), profile=profile("netflix-en", "en"), language="en", duration_seconds=60.0)
    video = Video(asset_id="As5et1d", status="ready", playback_id="play1", policy="public")
    job = done.changed(archive=replace(_KEPT, report=report), video=video)

    told = result(job, Hosts(player="https://player.example"))

    takes(told)
    assert "<https://player.example/play1?start-time=5|0:05>" in "".join(_shown(told))
    assert "measured by the limits of" in told.text
    private = result(job.changed(video=replace(video, policy="signed")))
    assert "player" not in "".join(_shown(private))


@pytest.mark.parametrize(
    ("archive", "line"),
    [
        (
            Archive(files=FilesState.FAILED, reason="empty"),
            "No speech was heard, so the caption file is empty.",
        ),
        (
            Archive(files=FilesState.FAILED, reason="expired"),
            "Mux's link to the caption file has ended. Press Try again to fetch it once more.",
        ),
        (
            Archive(files=FilesState.FAILED, reason="markup", said="The file is HTML. Line 1: <!channel>"),
            (
                "What Mux's link leads to is no caption file: The file is HTML. Line 1: &lt;!channel&gt; "
                "Press Try again to fetch it once more."
            ),
        ),
        (
            Archive(files=FilesState.FAILED, reason="http_418"),
            "The caption file could not be had (`http_418`). Press Try again to fetch it once more.",
        ),
        (
            replace(_KEPT, offer=Offer(code="file_uploads_disabled")),
            (
                "This workspace does not allow files to be uploaded. The files are kept here all the same. "
                "Whoever runs this bot can set PUBLIC_URL, so that files can be downloaded from it instead."
            ),
        ),
        (
            replace(_KEPT, offer=Offer(code="odd", links=(("SRT", "https://bot.example/f"),), ends_at=0.0)),
            (
                "Slack did not take the files (`odd`). Download them here until "
                "<!date^0^{date_short_pretty} at {time}|1 Jan 1970, 00:00 UTC>: <https://bot.example/f|SRT>. "
                "Anyone who has these links can open the files; press Files for new ones."
            ),
        ),
    ],
)
def test_why_there_are_no_files_in_the_thread_is_said_plainly(done: Job, takes, archive, line):
    told = result(done.changed(archive=archive))

    takes(told)
    assert line in _shown(told)
    assert "<!channel>" not in "".join(_shown(told))


@pytest.mark.parametrize(
    ("state", "said", "line"),
    [
        (TrackState.ERRORED, "", "so viewers do not have it."),
        (TrackState.ERRORED, "Bad <timing>.", "so viewers do not have it. Mux says: Bad &lt;timing&gt;."),
        (TrackState.GONE, "", "Track `tr1` was attached to the asset, and is not there any more."),
        (TrackState.UNKNOWN, "", "Mux has not said that it is ready."),
    ],
)
def test_what_became_of_the_track_is_said_plainly(done: Job, state, said, line):
    told = result(done.changed(archive=replace(_KEPT, track=state, track_said=said)))

    assert line in _shown(told)[1]


def test_files_that_could_not_be_had_can_be_tried_again_unless_there_are_none(done: Job):
    failed = Archive(files=FilesState.FAILED, reason="expired")
    assert "Try again" in _pressable(result(done.changed(archive=failed)))
    assert "Try again" not in _pressable(result(done.changed(archive=replace(failed, reason="empty"))))
    assert "Files" not in _pressable(result(done.changed(archive=Archive(files=FilesState.WAITING))))


def _pressable(message: Message) -> list[str]:
    return [
        element["text"]["text"]
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
    ]
