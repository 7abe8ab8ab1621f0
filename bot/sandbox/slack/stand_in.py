"""The local Slack: workspaces, their Web API and their people."""

from __future__ import annotations

from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faults import Faults
from bot.sandbox.journal import Journal
from bot.sandbox.slack.app import App
from bot.sandbox.slack.core import Core
from bot.sandbox.slack.people import People


class Workplace(Core):
    """A workspace with people in it."""

    def __init__(
        self,
        config: SandboxConfig,
        clock: SandboxClock,
        journal: Journal,
        faults: Faults,
        app: App | None = None,
    ) -> None:
        super().__init__(config, clock, journal, faults, app)
        self.people = People(self)
        self.reporter = self.people


class Slack(Workplace):
    """The first workspace, and the others beside it; serve `api.routes` and `control.routes` with it."""

    def __init__(self, config: SandboxConfig, clock: SandboxClock, journal: Journal, faults: Faults) -> None:
        super().__init__(config, clock, journal, faults)
        self.others = [Workplace(config.of(team), clock, journal, faults, self.app) for team in config.teams]

    @property
    def workplaces(self) -> list[Workplace]:
        """Return every workspace, the first one first."""
        return [self, *self.others]

    def workplace(self, team_id: str = "", *named: str) -> Workplace:
        """Return the workspace of this id, or the one that knows one of the `named` ids, or the first.

        Raises:
            Refusal: `team_not_found`.
        """
        chosen = self.app.team(team_id) if team_id else self.app.home_of(*named)
        return next((one for one in self.workplaces if one is chosen), self)

    async def start(self) -> None:
        """Open every workspace's line to the bot."""
        await super().start()
        for one in self.others:
            await one.start()

    async def stop(self) -> None:
        """Give up what is under way everywhere; safe to call twice."""
        for one in self.others:
            await one.stop()
        await super().stop()
