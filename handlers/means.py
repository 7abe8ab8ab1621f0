"""What doors and workers have in common, in one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.clock import Clock
from bot.mux.accounts import AccountOf, MuxOf
from bot.mux.fetching import Files
from bot.mux.texts import Signing, TrackTexts
from bot.rules.admission import Admission
from bot.rules.hosts import Hosts
from bot.rules.pacing import Timing
from bot.settings import Settings
from bot.slack.client import SlackClient
from bot.slack.files import SlackFiles
from bot.slack.tokens import TokenOf
from bot.store.database import Database
from bot.workers.arrivals import Arrivals


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """The open store, the vendors' clients, and who is asked for what belongs to one workspace.

    `arrivals` leads from the door for Mux's webhooks to the workers.

    `told` says whether Mux tells of an environment's jobs by webhook, where each has one of its own.
    `reached` hears each step boundary as it is passed, for tests that stop a process there.
    """

    settings: Settings
    store: Database
    slack: SlackClient
    slack_files: SlackFiles
    mux_files: Files
    token_of: TokenOf
    mux_of: MuxOf
    account_of: AccountOf
    clock: Clock
    timing: Timing
    reached: Callable[[str], None]
    arrivals: Arrivals
    told: Callable[[str], bool] = lambda _account: False

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
    def hosts(self) -> Hosts:
        """Where Mux shows streams, pictures and films."""
        settings = self.settings
        return Hosts(
            stream=settings.mux_stream_url, image=settings.mux_image_url, player=settings.mux_player_url
        )

    @property
    def texts(self) -> TrackTexts:
        """Where the text of tracks is read before they are replaced.

        Raises:
            OperatorError: the signing key is none.
        """
        settings = self.settings
        key = settings.mux_signing_private_key.get_secret_value()
        signer = _signer(settings.mux_signing_key_id, key) if key else None
        return TrackTexts(self.mux_files, self.hosts, signer, now=self.clock.now)

    @property
    def webhooks(self) -> bool:
        """Whether Mux tells by webhook; otherwise it is polled, more often."""
        return bool(self.settings.mux_webhook_secret) and not self.settings.several_workspaces


def _signer(key_id: str, key: str) -> Signing:
    # The packages behind it cost a start time and memory, and few installations sign.
    from bot.mux.tokens import Signer

    return Signer(key_id, key)
