"""A job of ours is one of two kinds at Mux, and each goes to its own address."""

from __future__ import annotations

from typing import Any

import pytest

from bot.rules.edits import CaptionEdit, EditReport, WordEdit
from bot.rules.jobs import Job, Report, Signal, State
from bot.rules.request import CaptionRequest
from bot.store.jobs import StoredJob
from bot.workers import robots

REPORT = Report(signal=Signal.PENDING, mux_id="m1")
EDITED = EditReport(signal=Signal.PENDING, mux_id="m1")
EDIT = CaptionEdit(asset_id="a1", track_id="t1", words=(WordEdit(find="a", replace="b"),))


class Client:
    """Answers every call, and remembers which it was."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        async def answer(*_: Any, **__: Any) -> Any:
            self.calls.append(name)
            one = EDITED if "edit" in name else REPORT
            return [one] if name in {"copies", "running", "edit_copies", "edits_running"} else one

        return answer


@pytest.mark.parametrize(
    ("edit", "calls"),
    [
        (None, ["create", "get", "copies", "running"]),
        (EDIT, ["edit_captions", "edit", "edit_copies", "edits_running"]),
    ],
)
async def test_every_question_goes_to_the_jobs_own_workflow(edit, calls) -> None:
    job = Job(
        id="job1",
        state=State.PENDING,
        request=CaptionRequest(asset_id="a1"),
        team_id="T1",
        channel_id="C1",
        user_id="U1",
        created_at=0.0,
        updated_at=0.0,
        mux_id="m1",
        edit=edit,
    )
    stored = StoredJob(row_id=1, job=job, passthrough="p", mux_account="default", polls=0)
    client: Any = Client()
    assert await robots.create(client, stored) == REPORT
    assert await robots.get(client, job) == REPORT
    assert await robots.copies(client, stored, since=None) == [REPORT]
    assert await robots.running(client, job) == [REPORT]
    assert client.calls == calls
