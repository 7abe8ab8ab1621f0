"""The local Slack: one workspace, its Web API and its people."""

from __future__ import annotations

from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faults import Faults
from bot.sandbox.journal import Journal
from bot.sandbox.slack.core import Core
from bot.sandbox.slack.people import People


class Slack(Core):
    """A workspace with people in it; serve `api.routes` and `control.routes` with it."""

    def __init__(self, config: SandboxConfig, clock: SandboxClock, journal: Journal, faults: Faults) -> None:
        super().__init__(config, clock, journal, faults)
        self.people = People(self)
