"""Jobs that replaced captions, and that fixed them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.rules.archive import Archive, FilesState, TrackState
from bot.rules.jobs import Job, Outcome, ReplacedTrack, State
from bot.rules.request import CaptionRequest, Replace
from tests.ui.mending.mended_jobs import EDIT, TRACK


@pytest.fixture
def done(job: Job) -> Job:
    """Return a job that replaced a track whose text was kept."""
    return job.changed(
        state=State.COMPLETED,
        request=CaptionRequest(asset_id="As5et1d", language_code="en", replace=Replace.ALL),
        outcome=Outcome(language_code="en", track_id="t1", replaced=(ReplacedTrack(id="t0"),)),
        saved=(TRACK,),
        archive=Archive(files=FilesState.KEPT, track=TrackState.READY),
    )


@pytest.fixture
def fixed(done: Job) -> Job:
    """Return a job that fixed words in the captions of another one."""
    outcome = Outcome(track_id="t2", replacements=1_234, replaced=(ReplacedTrack(id="t1"),))
    return done.changed(edit=EDIT, edit_of="job_7", outcome=outcome, saved=(replace(TRACK, id="t1"),))
