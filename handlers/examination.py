"""What `/caption doctor` looks at, and for whom. A start goes without it; see `examining`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import structlog

from bot.errors import OperatorError, SlackRefused, StoreError, VendorError
from bot.rules.diagnosis.finding import Finding
from bot.rules.policy import Asker
from bot.store import facts as store_facts
from bot.store import whereabouts
from bot.store.facts import Facts
from bot.ui import diagnosis
from bot.ui.message import Message
from handlers.checks import everything, stored
from handlers.checks.subject import Workspace, asked
from handlers.means import Means

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """Finds out for one person, who may know what they may know."""

    means: Means

    async def answer(self, asker: Asker, response_url: str) -> None:
        """Say what was found, or why it is not said."""
        said = await self._examined(asker)
        try:
            await self.means.slack.respond(response_url, said.text, said.blocks)
        except VendorError as error:
            log.warning("slack.doctor_unsaid", error=str(error))

    async def _examined(self, asker: Asker) -> Message:
        try:
            facts = await self.means.store.transaction(store_facts.look, channels=stored.KNOWN_CHANNELS)
            known, may = await self._may(asker, facts)
        except (VendorError, StoreError) as error:
            log.warning("slack.asker_unknown", error=str(error))
            return diagnosis.failed()
        if not may:
            log.warning("slack.doctor_refused", user=asker.user_id, team=asker.team_id)
            return diagnosis.refused(known=known)
        return diagnosis.findings(await self._findings(asker, facts))

    async def _may(self, asker: Asker, facts: Facts) -> tuple[bool, bool]:
        """Say whether Slack told what the person is, and whether they may ask."""
        installers = {each.installer_id for each in facts.installed if each.place == asker.team_id}
        if asker.user_id in installers | set(self.means.settings.allowed_admins):
            return True, True
        token = await self.means.token_of(asker.team_id)
        try:
            person = await asked(partial(self.means.slack.person, token, asker.user_id))
        except SlackRefused as error:
            if error.code != "missing_scope":
                raise
            return False, False
        return True, person.runs_workspace

    async def _findings(self, asker: Asker, facts: Facts) -> list[Finding]:
        settings, clock = self.means.settings, self.means.clock
        if settings.several_workspaces:
            return await self._of_workspace(asker.team_id, facts)
        async with everything.opened(settings, clock, facts) as subject:
            own = [*everything.alone(settings), *_place(settings.database_url), *stored.of_facts(facts)]
            return [*own, *await everything.outside(subject)]

    async def _of_workspace(self, team_id: str, facts: Facts) -> list[Finding]:
        """Look at one workspace and its environment, and at nothing that belongs to others."""
        mine = replace(
            facts, installed=(), connected=tuple(each for each in facts.connected if each.team_id == team_id)
        )
        token = await self.means.token_of(team_id)
        async with everything.opened(self.means.settings, self.means.clock, mine) as subject:
            return await everything.of_workspace(
                replace(
                    subject,
                    workspaces=(Workspace(token=token, team_id=team_id),),
                    environments=tuple(replace(each, label="") for each in subject.environments),
                )
            )


def _place(url: str) -> list[Finding]:
    try:
        return [*stored.around(whereabouts.find(url))]
    except OperatorError as error:
        return [stored.broken(error)]
