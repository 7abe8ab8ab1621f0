"""What belongs to the app itself, and not to one of the workspaces that it is in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faults import Faults
from bot.sandbox.journal import Journal
from bot.sandbox.slack.grants import Grants, Installation
from bot.sandbox.slack.ids import Ids
from bot.sandbox.slack.model import Refusal
from bot.sandbox.slack.sockets import Sockets

if TYPE_CHECKING:
    from bot.sandbox.slack.core import Core


class App:
    """Its connections, its installations, and every workspace that there is by its id."""

    def __init__(self, config: SandboxConfig, clock: SandboxClock, journal: Journal, faults: Faults) -> None:
        self.ids = Ids()
        self.sockets = Sockets(config, clock, journal, faults)
        self.grants = Grants(clock, journal, rotation=config.slack_token_rotation)
        self.teams: dict[str, Core] = {}

    def joined(self, core: Core) -> None:
        """Take a workspace in."""
        config = core.config
        self.teams[config.team_id] = core
        if config.slack_bot_token:
            first = config.people[0].id if config.people else ""
            self.grants.preinstall(config.team_id, config.slack_bot_token, config.slack_scopes, first)

    def workspaces_of(self, place: str) -> list[Core]:
        """Return the workspace of this id, or all workspaces of the organization of this id."""
        if place in self.teams:
            return [self.teams[place]]
        return [core for core in self.teams.values() if core.config.enterprise_id == place]

    def installation(self, core: Core) -> Installation | None:
        """Return how the app is installed in a workspace: there, or in its organization; None if not."""
        installed = self.grants.installations
        return installed.get(core.config.team_id) or installed.get(core.config.enterprise_id)

    def team(self, team_id: str) -> Core:
        """Return a workspace.

        Raises:
            Refusal: `team_not_found`.
        """
        found = self.teams.get(team_id)
        if found is None:
            raise Refusal("team_not_found")
        return found

    def home_of(self, *ids: str) -> Core | None:
        """Return the workspace that knows one of these people, channels, files or views, or None."""
        for core in self.teams.values():
            if any(core.workspace.knows(one) for one in ids):
                return core
        return None
