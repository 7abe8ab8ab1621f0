"""Ends runs of the workflow step, with the app's own token, however long the job took."""

from __future__ import annotations

from typing import Any, Final

import structlog

from bot.errors import SlackRefused, VendorError
from bot.rules.jobs import State
from bot.services import outbox, progress
from bot.services.claiming import Claim
from bot.slack.client import SlackClient
from bot.slack.tokens import TokenOf
from bot.store.database import Database
from bot.ui import step

_OVER: Final = "execution_not_in_running_state"
_ODD_OUTPUTS: Final = "parameter_validation_failed"

log = structlog.get_logger(__name__)


class Steps:
    """The part of `Delivery` that tells workflows; what it raises is dealt with there."""

    def __init__(self, store: Database, slack: SlackClient, *, token_of: TokenOf) -> None:
        self._store = store
        self._slack = slack
        self._token_of = token_of

    async def perform(self, taken: Claim) -> None:
        """Tell the end of the claim's job to the run that its key names; told twice is told once."""
        execution_id = taken.effect.key.partition(f":{progress.STEP}")[2]
        token = await self._token_of(taken.stored.job.team_id)
        try:
            await self._end(taken, token, execution_id)
        except SlackRefused as error:
            if error.code != _OVER:
                raise
            log.info("slack.step_over", job=taken.stored.job.id)
        await self._store.transaction(outbox.settled, taken)

    async def _end(self, taken: Claim, token: str, execution_id: str) -> None:
        job = taken.stored.job
        if job.state is not State.COMPLETED:
            await self._slack.fail_step(token, execution_id, step.failed(job))
            return
        outputs = step.outputs(job, await self._link(taken, token))
        try:
            await self._slack.complete_step(token, execution_id, outputs)
        except SlackRefused as error:
            if error.code != _ODD_OUTPUTS:
                raise
            # The app was made of an older manifest, which declares fewer outputs; this one there always was.
            log.warning("slack.step_outputs_refused", job=job.id)
            needed: dict[str, Any] = {"job_id": job.id}
            await self._slack.complete_step(token, execution_id, needed)

    async def _link(self, taken: Claim, token: str) -> str:
        """Return where the captions are; without it the workflow goes on all the same."""
        if taken.anchor is None:
            return ""
        try:
            return await self._slack.permalink(token, *taken.anchor)
        except VendorError as error:
            log.info("slack.step_without_link", job=taken.stored.job.id, error=str(error))
            return ""
