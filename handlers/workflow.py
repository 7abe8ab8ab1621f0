"""The door for Workflow Builder's step "Generate captions": the same job that `/caption` makes.

https://docs.slack.dev/workflows/workflow-steps
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog

from bot.errors import BadCommand, SlackRefused, UserError
from bot.mux.accounts import AccountOf
from bot.rules import arguments
from bot.rules.admission import Admission
from bot.rules.limits import Checked
from bot.rules.text import normalise, split
from bot.services import captions
from bot.services.captions import Ask
from bot.slack.client import SlackClient
from bot.slack.tokens import TokenOf
from bot.store.database import Database
from bot.ui import admission as turning_away
from bot.ui import step as said

CALLBACK: Final = "generate_captions"

_OVER: Final = frozenset({"execution_not_in_running_state", "function_execution_not_found"})

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """Takes runs of the step. The end of a run is an effect of its job, so no run is forgotten.

    The token that comes with a run is not kept: it dies after 15 minutes, and jobs may take longer.
    """

    store: Database
    slack: SlackClient
    token_of: TokenOf
    account_of: AccountOf
    admission: Admission
    poll_in_seconds: float

    async def executed(self, body: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """Commit the job, or end the run at once with the reason why there is none."""
        function = event.get("function") or {}
        if function.get("callback_id") != CALLBACK:
            log.warning("slack.step_unknown", step=str(function.get("callback_id", "")))
            return
        team_id, execution_id = str(body.get("team_id", "")), str(event.get("function_execution_id", ""))
        try:
            ask = await self._ask(team_id, execution_id, event.get("inputs") or {})
        except UserError as error:
            await self._end(team_id, execution_id, said.refused(error))
            return
        asked = await self.store.transaction(captions.request, ask)
        log.info("slack.step_begun", job=asked.job.id, joined=asked.joined)

    async def _ask(self, team_id: str, execution_id: str, inputs: Mapping[str, Any]) -> Ask:
        user_id, channel_id = (str(inputs.get(name) or "") for name in ("requester", "channel"))
        reason = self.admission.refuse(user_id=user_id, channel_id=channel_id)
        if reason is not None:
            raise UserError(turning_away.plainly(reason, user_id, channel_id))
        checked = _read(str(inputs.get("video") or ""), str(inputs.get("language") or ""))
        return Ask(
            request=checked.request,
            pointer=checked.pointers[0],
            warnings=checked.warnings,
            request_key=f"step:{team_id}:{execution_id}",
            team_id=team_id,
            channel_id=channel_id,
            user_id=user_id,
            mux_account=await self.account_of(team_id),
            poll_in_seconds=self.poll_in_seconds,
            with_channels_phrases=True,
            step=execution_id,
        )

    async def _end(self, team_id: str, execution_id: str, why: str) -> None:
        """End a run that has no job; when that fails, Slack sends the event again."""
        log.info("slack.step_refused", execution=execution_id)
        try:
            await self.slack.fail_step(await self.token_of(team_id), execution_id, why)
        except SlackRefused as error:
            if error.code not in _OVER:
                raise


def _read(video: str, language: str) -> Checked:
    """Read the inputs as the words of a command, of which the first is never a subcommand.

    Raises:
        BadCommand: they are not understood, or name several videos.
    """
    words = split(normalise(f"{video} {language}"))
    if not video.strip() or not words:
        raise BadCommand("The step has no video.", fix="give an asset id of Mux, or a link to the video")
    checked = arguments.read(words)
    if len(checked.pointers) > 1:
        raise BadCommand("The step names several videos.", fix="give one video for each step")
    return checked
