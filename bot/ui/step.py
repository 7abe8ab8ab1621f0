"""What a workflow is told of the job that it waits for. Performs no I/O."""

from __future__ import annotations

import html
import re
from typing import Any, Final

from bot.errors import UserError
from bot.rules.jobs import Job, Outcome
from bot.ui.mrkdwn import clean, clip
from bot.ui.result import tell

_LIMIT: Final = 500
_FORM: Final = re.compile(r"<(?:[^<>|]*\|)?([^<>|]*)>")


def outputs(job: Job, link: str) -> dict[str, Any]:
    """Return the outputs of a completed job; they travel in an address, so they are short."""
    outcome = job.outcome or Outcome()
    found = {
        "job_id": job.id,
        "captions_url": link,
        "track_id": outcome.track_id,
        "language": outcome.language_code,
        "units": job.units_consumed,
    }
    return {name: value for name, value in found.items() if value not in (None, "")}


def failed(job: Job) -> str:
    """Return why a job brought no captions, as plain text.

    Raises:
        BotError: The job is not finished.
    """
    return _plain(tell(job).spoken)


def refused(error: UserError) -> str:
    """Return why there is no job, as plain text; nothing was started."""
    fix = getattr(error, "fix", "")
    return _plain(f"{error} Nothing was started.{f' To mend it: {fix}.' if fix else ''}")


def _plain(text: str) -> str:
    """Return mrkdwn as people read it where nothing is formatted."""
    return clip(clean(html.unescape(_FORM.sub(r"\1", text)).replace("`", "")), _LIMIT)
