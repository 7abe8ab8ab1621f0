"""What became of the files and of the track is said plainly in the result."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.rules import srt
from bot.rules.archive import SRT, TEXT, VTT, Archive, FilesState, Offer, TrackState
from bot.rules.hosts import Hosts
from bot.rules.jobs import Job
from bot.rules.quality import check, profile
from bot.rules.video import Video
from bot.ui.result import result
from tests.ui.result.shown import pressable, shown

_KEPT = Archive(files=FilesState.KEPT, kinds=(TEXT, SRT, VTT), track=TrackState.READY)


def test_once_the_files_are_there_muxs_link_is_in_small_print_and_viewers_have_the_track(done: Job, takes):
    told = result(done.changed(archive=_KEPT))

    takes(told)
    assert "The files are in this thread: SRT, WebVTT and plain text." in shown(told)
    assert "Track `tr1` is attached to the asset and ready: viewers can choose it." in told.text
    small = [block for block in told.blocks if block["type"] == "context" and "f.example" in str(block)]
    assert len(small) == 1
    assert "f.example" in told.text
    assert pressable(told)[0] == "Files"


def test_the_report_is_in_the_result_with_times_that_lead_into_the_film(done: Job, takes):
    raw = b"1\n00:00:05,000 --> 00:00:05,400\nFar too many words for so short a time\n"
    report = check(srt.read(raw), profile=profile("netflix-en", "en"), language="en", duration_seconds=60.0)
    video = Video(asset_id="As5et1d", status="ready", playback_id="play1", policy="public")
    job = done.changed(archive=replace(_KEPT, report=report), video=video)

    told = result(job, Hosts(player="https://player.example"))

    takes(told)
    assert "<https://player.example/play1?start-time=5|0:05>" in "".join(shown(told))
    assert "measured by the limits of" in told.text
    private = result(job.changed(video=replace(video, policy="signed")))
    assert "player" not in "".join(shown(private))


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
    assert line in shown(told)
    assert "<!channel>" not in "".join(shown(told))


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

    assert line in shown(told)[1]


def test_files_that_could_not_be_had_can_be_tried_again_unless_there_are_none(done: Job):
    failed = Archive(files=FilesState.FAILED, reason="expired")
    assert "Try again" in pressable(result(done.changed(archive=failed)))
    assert "Try again" not in pressable(result(done.changed(archive=replace(failed, reason="empty"))))
    assert "Files" not in pressable(result(done.changed(archive=Archive(files=FilesState.WAITING))))
