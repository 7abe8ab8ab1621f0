"""What doors and workers have in common, in one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.clock import Clock
from bot.mux.accounts import AccountOf, MuxOf
from bot.rules.admission import Admission
from bot.rules.pacing import Timing
from bot.settings import Settings
from bot.slack.client import SlackClient
from bot.slack.tokens import TokenOf
from bot.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """The open store, the vendors' clients, and who is asked for what belongs to one workspace.

    `reached` hears each step boundary as it is passed, for tests that stop a process there.
    """

    settings: Settings
    store: Database
    slack: SlackClient
    token_of: TokenOf
    mux_of: MuxOf
    account_of: AccountOf
    clock: Clock
    timing: Timing
    reached: Callable[[str], None]

    @property
    def admission(self) -> Admission:
        """Who may use the bot, by the settings."""
        return Admission(
            users=frozenset(self.settings.allowed_users),
            channels=frozenset(self.settings.allowed_channels),
            guests=self.settings.allow_guests,
            external=self.settings.allow_external,
        )

    @property
    def webhooks(self) -> bool:
        """Whether Mux tells by webhook; otherwise it is polled, more often."""
        return bool(self.settings.mux_webhook_secret)
