"""The workspace as one person sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.sandbox.page.mrkdwn import Names
from bot.sandbox.page.offers import Offers
from bot.sandbox.page.scene import Scene
from bot.sandbox.slack.commands import SLACKBOT
from bot.sandbox.slack.model import Channel, Message, View
from bot.sandbox.slack.workspace import Workspace

APP_NAME = "Caption Bot"
HOME = "home"
"""Where a person is who looks at the app's Home tab."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A workspace that one can go to, as the one of its people who is first."""

    team: str
    name: str
    person: str
    installed: bool


def _no_doors() -> list[Door]:
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Who looks at what; `viewer` is a person's id, `doors` gives every workspace there is."""

    workspace: Workspace
    viewer: str
    offers: Offers = field(default_factory=Offers)
    doors: Callable[[], Sequence[Door]] = _no_doors

    @property
    def names(self) -> Names:
        """Return what ids are called."""
        users = {person.id: person.real_name for person in self.workspace.people.values()}
        users[self.workspace.config.bot_user_id] = APP_NAME
        users[SLACKBOT] = "The workspace"
        channels = {
            channel.id: channel.name
            for channel in self.workspace.channels.values()
            if channel.kind != "im" and self.viewer in channel.members
        }
        if (direct := self.direct()) is not None:
            channels[direct.id] = f"{APP_NAME} (direct messages)"
        return Names(users=users, channels=channels, viewer=self.viewer)

    def channels(self) -> list[Channel]:
        """Return the person's channels, without DMs."""
        return [
            channel
            for channel in self.workspace.channels.values()
            if channel.kind != "im" and self.viewer in channel.members
        ]

    def direct(self) -> Channel | None:
        """Return the person's DM with the bot, or None."""
        members = {self.viewer, self.workspace.config.bot_user_id}
        return next(
            (
                channel
                for channel in self.workspace.channels.values()
                if channel.kind == "im" and channel.members == members
            ),
            None,
        )

    @property
    def has_home(self) -> bool:
        """Say whether the person finds the app's Home tab: where the app offers one, beside its messages."""
        return self.offers.home and self.direct() is not None

    def conversations(self) -> list[Channel]:
        """Return the person's channels and the DM with the bot."""
        direct = self.direct()
        return [*self.channels(), *([direct] if direct else [])]

    def company_of(self, user_id: str) -> str:
        """Return the company of somebody from elsewhere; empty for everybody else."""
        person = self.workspace.people.get(user_id)
        return person.company.name if person is not None and person.company is not None else ""

    def shared_with(self, channel: Channel) -> str:
        """Return the companies that see a channel through Slack Connect, as words; empty when none do."""
        rooms = [room for room in self.workspace.config.rooms if room.id == channel.id]
        return ", ".join(company.name for room in rooms for company in room.shared_with)

    def title(self, channel: Channel) -> str:
        """Return what a conversation is called on the page."""
        return APP_NAME if channel.kind == "im" else channel.name

    def is_bot(self, user_id: str) -> bool:
        """Say whether messages of this author carry the APP label."""
        return user_id == self.workspace.config.bot_user_id

    def timeline(self, channel: Channel) -> list[Message]:
        """Return what stands in the channel itself, oldest first.

        A deleted message stays as a gravestone while its thread has replies.
        """
        return [
            message
            for message in channel.messages.values()
            if message.ephemeral_to in {None, self.viewer}
            and (message.broadcast or not message.is_reply)
            and (not message.deleted or message.reply_ts)
        ]

    def thread(self, channel: Channel, ts: str) -> list[Message]:
        """Return a thread, its parent first, with the notes that only this person sees; [] without one."""
        return [
            message
            for message in channel.messages.values()
            if (message.ts == ts and not message.is_reply and (not message.deleted or message.reply_ts))
            or (
                message.is_reply
                and message.thread_ts == ts
                and not message.deleted
                and message.ephemeral_to in {None, self.viewer}
            )
        ]

    def scene_of(self, message: Message, place: str) -> Scene:
        """Return what is needed to draw a message; `place` tells a channel's copy from a thread's."""
        return Scene(
            key=f"{place}-{message.ts}",
            names=self.names,
            own_url=self.workspace.config.public_url,
            conversations=self.conversations(),
        )

    def scene_of_view(self, view: View) -> Scene:
        """Return what is needed to draw a modal or a Home tab, typed values and errors included."""
        return Scene(
            key=view.id,
            names=self.names,
            own_url=self.workspace.config.public_url,
            state=view.state,
            errors=view.errors,
            conversations=self.conversations(),
        )
