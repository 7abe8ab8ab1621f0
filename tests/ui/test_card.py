from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.archive import Archive, FilesState, TrackState
from bot.rules.hosts import Hosts
from bot.rules.jobs import Job, Outcome, State
from bot.rules.request import CaptionRequest, Replace
from bot.rules.video import Video
from bot.ui.card import card
from bot.ui.message import Message

_FETCHING = "The result is in this thread; its files are being fetched."
_LATER = "The captions will be posted in this thread."


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (State.REQUESTED, f"Sending to Mux. {_LATER}"),
        (State.SUBMITTING, f"Sending to Mux. {_LATER}"),
        (
            State.UNCONFIRMED,
            f"Checking with Mux whether the job was created; nothing is sent twice. {_LATER}",
        ),
        (State.PENDING, f"Queued at Mux. {_LATER}"),
        (State.PROCESSING, f"Mux is transcribing. {_LATER}"),
        (State.COMPLETED, f"Done in 2 min 5 s, 3,000 units used. {_FETCHING}"),
        (State.ERRORED, "Failed, 3,000 units used. This thread says why and what it cost."),
        (State.CANCELLED, "Cancelled, 3,000 units used. This thread says what it cost."),
        (State.REFUSED, "Not started: Mux refused. This thread says why and what to do next."),
        (State.ABANDONED, "Result unknown: Mux keeps jobs for 30 days. This thread says what to do next."),
    ],
)
def test_every_state_is_told_in_words_with_what_happens_next(job: Job, state, line, takes):
    shown = card(job.changed(state=state, finished_at=job.created_at + 125, units_consumed=3_000))

    takes(shown)
    assert shown.blocks[0]["text"]["text"] == f"*Launch keynote*\n{line}"


def test_a_job_without_an_end_or_a_cost_is_simply_done(job: Job):
    shown = card(job.changed(state=State.COMPLETED))

    assert shown.blocks[0]["text"]["text"] == f"*Launch keynote*\nDone. {_FETCHING}"


def test_the_card_names_the_options_the_person_and_the_ids(job: Job, takes):
    wanted = CaptionRequest(
        asset_id="As5et1d",
        replace=Replace.ALL,
        track_name="English CC",
        include_speakers=True,
        include_words=True,
        phrases=("Vercel", "K8s"),
    )

    shown = card(job.changed(request=wanted, mux_id=None, warnings=("The phrase “x” is <long>.",)))

    takes(shown)
    assert [part["text"] for part in shown.blocks[2]["elements"]] == [
        (
            "Detect the language · speaker labels · a file of word timings · replaces every track of the "
            "same language or name · track name `English CC` · 2 phrases to recognise: `Vercel` and `K8s`"
        ),
        "Asked for by <@U0ANA>",
    ]
    assert shown.blocks[1]["text"]["text"] == "Please note: The phrase “x” is &lt;long&gt;."
    assert shown.blocks[3]["elements"][0]["text"] == "Job `job_42` · asset `As5et1d`"


def test_the_spoken_card_carries_the_whole_meaning(job: Job):
    wanted = job.request.changed(upload_to_mux=False, replace=Replace.GENERATED, phrases=("Vercel",))

    assert card(job.changed(request=wanted)).text == (
        "Captions for Launch keynote: Mux is transcribing. English, files only, no track on the asset, "
        "replaces only tracks that Mux generated itself, 1 phrase to recognise: `Vercel`. "
        "Asked for by <@U0ANA>. The captions will be posted in this thread."
    )


def test_a_video_without_a_title_is_known_by_its_asset_id(job: Job):
    shown = card(job.changed(title="\u200b"))

    assert shown.text.startswith("Captions for As5et1d: ")
    assert shown.blocks[0]["text"]["text"].startswith("*As5et1d*\n")


def test_a_long_list_of_phrases_is_counted_and_many_notes_are_cut_short(job: Job, takes):
    wanted = job.request.changed(phrases=tuple(f"phrase {number}" for number in range(100)))

    shown = card(job.changed(request=wanted, warnings=tuple(f"Note {number}." for number in range(7))))

    takes(shown)
    assert "100 phrases to recognise: `phrase 0`, `phrase 1`" in shown.text
    assert "`phrase 4` and 95 more" in shown.text
    assert shown.blocks[1]["text"]["text"].endswith("Please note: Note 4.\nFurther notes, not shown: 2.")


@settings(deadline=None)
@given(data=st.data())
def test_no_card_is_ever_refused_by_slack_or_says_what_we_did_not(
    data, draw_jobs: Callable[..., st.SearchStrategy[Job]], takes: Callable[[Message], None]
):
    job = data.draw(draw_jobs())

    takes(card(job))
    assert card(job) == card(job)


def test_the_card_shows_a_still_only_where_everybody_may_see_one(job: Job, takes):
    video = Video(asset_id="As5et1d", status="ready", playback_id="play1", policy="public")
    hosts = Hosts(image="https://image.example")

    shown = card(job.changed(video=video), hosts)

    takes(shown)
    still = shown.blocks[0]["accessory"]
    assert still["image_url"] == "https://image.example/play1/thumbnail.png?width=200"
    assert still["alt_text"] == "A still of the video Launch keynote"
    for other in (
        replace(video, policy="signed"),
        replace(video, has_picture=False),
        replace(video, status="preparing"),
        replace(video, playback_id=None, policy=None),
    ):
        assert "accessory" not in card(job.changed(video=other), hosts).blocks[0]


@pytest.mark.parametrize(
    ("archive", "line"),
    [
        (
            Archive(files=FilesState.WAITING),
            "Done. The result is in this thread; its files are being fetched.",
        ),
        (Archive(files=FilesState.KEPT), "Done. The captions are in this thread."),
        (
            Archive(files=FilesState.FAILED, reason="expired"),
            "Done. This thread says what became of the files.",
        ),
        (
            Archive(files=FilesState.KEPT, track=TrackState.PREPARING),
            "Done. The captions are in this thread. The track is attached, and Mux is still preparing it.",
        ),
        (
            Archive(files=FilesState.KEPT, track=TrackState.READY),
            "Done. The captions are in this thread. Viewers have the track.",
        ),
    ],
)
def test_the_card_says_how_far_files_and_track_are(job: Job, archive, line):
    done = job.changed(
        state=State.COMPLETED, archive=archive, outcome=Outcome(track_id=archive.track or None)
    )

    assert card(done).blocks[0]["text"]["text"] == f"*Launch keynote*\n{line}"
