"""What a form is filled in with: what somebody typed before, or what a job was asked for with."""

from __future__ import annotations

import secrets
from typing import Final

from bot.rules.form import CaptionForm
from bot.rules.jobs import Job
from bot.rules.policy import Act, Answer, Asker, decide
from bot.store import drafts, jobs
from bot.store.tx import Tx

KEPT_SECONDS: Final = 7 * 86_400.0

_FORM: Final = "caption_form"


def keep(tx: Tx, form: CaptionForm, asker: Asker) -> str:
    """Keep a form for a week, for this person alone, and return the draft's id."""
    drafts.purge(tx, before=tx.now - KEPT_SECONDS)
    draft_id = secrets.token_urlsafe(12)
    drafts.add(tx, draft_id, team_id=asker.team_id, user_id=asker.user_id, kind=_FORM, content=form.to_json())
    return draft_id


def kept(tx: Tx, draft_id: str, asker: Asker) -> CaptionForm | None:
    """Return the form that was kept, None when it is gone or another person's."""
    content = drafts.get(tx, draft_id, team_id=asker.team_id, user_id=asker.user_id, kind=_FORM)
    return None if content is None else CaptionForm.from_json(content)


def again(tx: Tx, job_id: str, asker: Asker) -> tuple[CaptionForm, Job] | None:
    """Return a job and the form that asks for it once more, None when this person may not see the job.

    The captions are reported where the wish is made: in the job's thread when that is where the job is.
    """
    stored = jobs.by_public_id(tx, job_id)
    job = None if stored is None else stored.job
    if job is None or decide(Act.SEE, job, asker) is not Answer.YES:
        return None
    in_thread = job.thread_ts is not None and asker.channel_id == job.channel_id
    form = CaptionForm.of_request(
        job.request,
        channel_id=asker.channel_id or job.channel_id,
        pointer=job.pointer,
        thread_ts=job.thread_ts or "" if in_thread else "",
    )
    return form, job
