"""The doors of the Home tab: it is opened, its buttons are pressed, the form that connects Mux is sent."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.errors import OperatorError, SlackRefused, UserError, VendorError
from bot.rules.form import CaptionForm
from bot.rules.policy import Asker
from bot.services import environments
from bot.services import home as service
from bot.store.environments import Environment
from bot.ui import home
from bot.ui.home import Connection, Shown
from bot.workers.accounts import Accounts
from handlers.acting import Press
from handlers.greeting import NOT_KNOWN
from handlers.modals import TRIGGER_SECONDS, Modals, Opening
from handlers.replying import afterwards

NO_PERMISSION: Final = "this token may not add a webhook, or Mux did not answer"

REMEMBERED: Final = 1_000
"""Of how many people it is known what their tab shows, so that looking at it again costs nothing."""

# An answer to a form has three seconds; https://docs.slack.dev/interactivity/handling-user-interaction
_PATIENCE_SECONDS: Final = 2.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """One person's view of their jobs and of the connection to Mux.

    `environment` is what the operator's settings name, in words; with `accounts` each workspace connects its
    own instead.
    """

    modals: Modals
    accounts: Accounts | None = None
    environment: str = ""
    polled: str = ""
    patience_seconds: float = _PATIENCE_SECONDS
    _published: OrderedDict[tuple[str, str], str] = field(default_factory=OrderedDict)

    async def opened(
        self, event: Mapping[str, Any], body: Mapping[str, Any], context: AsyncBoltContext
    ) -> None:
        """Show the tab to whoever opened it, unless they see just that already."""
        if event.get("tab") != "home":
            return
        asker = Asker(team_id=_team(body), user_id=str(event.get("user", "")), channel_id="")
        # Without a view in the event Slack shows nothing yet, whatever was published before.
        fresh = not isinstance(event.get("view"), Mapping)
        afterwards(context, lambda: self.publish(asker, fresh=fresh))

    async def pressed(self, ack: AsyncAck, body: Mapping[str, Any], context: AsyncBoltContext) -> None:
        """Ack, then open the form that was asked for, or disconnect Mux."""
        press = Press.from_body(body)
        trigger_id = str(body.get("trigger_id", ""))
        if press.action_id == home.CAPTION:
            wish = Opening(
                asker=press.asker, trigger_id=trigger_id, tell=self.modals.directly(press.asker), fresh=True
            )
            afterwards(context, await self.modals.opening(CaptionForm(), wish))
        elif self.accounts is not None and press.action_id == home.CONNECT:
            afterwards(context, lambda: self._offer(press.asker, trigger_id))
        elif self.accounts is not None and press.action_id == home.DISCONNECT:
            afterwards(context, lambda: self._disconnect(press.asker))
        await ack()

    async def submitted(self, ack: AsyncAck, body: Mapping[str, Any], context: AsyncBoltContext) -> None:
        """Connect, and say in the form what came of it; only if Mux is slow, say that it is being asked.

        Here a door waits for a vendor, so that a mistake is told at its field and nothing typed is lost.
        """
        token_id, secret = home.read(body["view"])
        if wrong := home.missing(token_id, secret):
            await ack(response_action="errors", errors=wrong)
            return
        asker, view_id = Press.from_body(body).asker, str(body["view"]["id"])
        asking = asyncio.create_task(self._connect(asker, token_id, secret), name="connect")
        done, _ = await asyncio.wait({asking}, timeout=self.patience_seconds)
        if not done:
            afterwards(context, lambda: self._tell_late(asker, view_id, token_id, asking))
            await ack(response_action="update", view=home.checking())
            return
        afterwards(context, lambda: self.publish(asker))
        outcome = asking.result()
        if isinstance(outcome, str):
            await ack(response_action="errors", errors=home.refused(outcome))
        else:
            await ack(response_action="update", view=outcome)

    async def publish(self, asker: Asker, *, fresh: bool = False) -> None:
        """Publish a person's tab if it has changed, or in any case if it is `fresh`; best effort."""
        try:
            view = home.build(await self._shown(asker))
            # Slack tells of every look at the tab, and most of them change nothing.
            known, text = (asker.team_id, asker.user_id), json.dumps(view, sort_keys=True)
            if not fresh and self._published.get(known) == text:
                return
            await self.modals.slack.views_publish(
                await self.modals.token_of(asker.team_id), asker.user_id, view
            )
        except VendorError as error:
            log.warning("slack.home_not_shown", error=str(error))
            return
        self._published[known] = text
        while len(self._published) > REMEMBERED:
            self._published.popitem(last=False)

    async def welcome(self, team_id: str, user_id: str) -> None:
        """Tell whoever installed the app what is left to do; best effort, since the page said it too."""
        said = home.welcome(user_id)
        try:
            token = await self.modals.token_of(team_id)
            await self.modals.slack.post(token, user_id, said.text, said.blocks)
        except VendorError as error:
            log.warning("slack.welcome_not_said", team=team_id, error=str(error))

    async def _shown(self, asker: Asker) -> Shown:
        jobs = await self.modals.store.transaction(service.jobs_of, asker)
        if self.accounts is None:
            unnamed = self.environment.startswith(NOT_KNOWN)
            name = "the environment of this bot" if unnamed else self.environment
            connection = Connection(environment=name, polled=self.polled)
            return Shown(connection=connection, may_connect=False, jobs=jobs)
        found = await self.modals.store.transaction(environments.of_team, asker.team_id)
        return Shown(
            connection=None if found is None else _told(found),
            may_connect=await self._may_connect(asker),
            jobs=jobs,
        )

    async def _may_connect(self, asker: Asker) -> bool:
        """Say whether somebody administers the workspace, as far as Slack says so, or installed the app."""
        installer = await self.modals.store.transaction(service.installer_of, asker.team_id)
        if installer == asker.user_id:
            return True
        try:
            token = await self.modals.token_of(asker.team_id)
            return (await self.modals.slack.person(token, asker.user_id)).runs_workspace
        except SlackRefused as error:
            log.info("slack.role_not_known", code=error.code)
            return False

    async def _offer(self, asker: Asker, trigger_id: str) -> None:
        try:
            async with asyncio.timeout(TRIGGER_SECONDS):
                view = home.connect_form() if await self._may_connect(asker) else home.not_allowed()
                token = await self.modals.token_of(asker.team_id)
                await self.modals.slack.views_open(token, trigger_id, view)
        except (VendorError, TimeoutError) as error:
            log.warning("slack.form_not_opened", error=str(error) or type(error).__name__)

    async def _tell_late(
        self, asker: Asker, view_id: str, token_id: str, asking: asyncio.Task[dict[str, Any] | str]
    ) -> None:
        outcome = await asking
        view = home.connect_form(token_id=token_id, error=outcome) if isinstance(outcome, str) else outcome
        try:
            await self.modals.slack.views_update(await self.modals.token_of(asker.team_id), view_id, view)
        except VendorError as error:
            log.warning("slack.form_not_updated", error=str(error))
        await self.publish(asker)

    async def _connect(self, asker: Asker, token_id: str, secret: str) -> dict[str, Any] | str:
        """Connect, and return the view that follows, or what is wrong with what was typed."""
        try:
            if self.accounts is None or not await self._may_connect(asker):
                return home.not_allowed()
            made = await self.accounts.connect(
                team_id=asker.team_id, user_id=asker.user_id, token_id=token_id, token_secret=secret
            )
        except UserError as error:
            return str(error)
        except VendorError as error:
            log.warning("mux.not_connected", error=str(error))
            return "Mux or Slack did not answer. Try it again."
        except OperatorError:
            log.exception("mux.not_connected")
            return "The token could not be stored. Tell whoever runs this bot."
        return home.connected(
            Connection(environment=_words(made.environment), polled=made.polled, by=asker.user_id)
        )

    async def _disconnect(self, asker: Asker) -> None:
        # Nothing is lost if this process dies in between: the tab still says that it is connected.
        try:
            if self.accounts is not None and await self._may_connect(asker):
                await self.accounts.disconnect(team_id=asker.team_id, user_id=asker.user_id)
        except VendorError as error:
            log.warning("mux.not_disconnected", error=str(error))
        await self.publish(asker)


def _told(found: Environment) -> Connection:
    return Connection(
        environment=_words(found),
        polled="" if found.webhook_secret is not None else NO_PERMISSION,
        by=found.connected_by,
        at=found.connected_at,
    )


def _words(found: Environment) -> str:
    name = found.environment_name or found.environment_id
    return f"{name} of {found.organization_name}" if found.organization_name else name


def _team(body: Mapping[str, Any]) -> str:
    told: Mapping[str, Any] = next(iter(body.get("authorizations") or ()), {})
    return str(body.get("team_id") or told.get("team_id") or "")
