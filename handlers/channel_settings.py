"""The doors of a channel's settings: the form is opened, and sent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.errors import VendorError
from bot.rules import channel as rules
from bot.rules.channel import SettingsForm
from bot.rules.form import FormErrors
from bot.services import channel_settings
from bot.ui import settings_modal
from handlers.acting import Press
from handlers.modals import TRIGGER_SECONDS, Modals, Opening
from handlers.replying import Work

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettings:
    """The form of a channel's settings, beside the caption form and with the same means."""

    modals: Modals

    async def opening(self, wish: Opening) -> Work:
        """Return what opens the form once the answer to the command has left; only the disk is waited for."""
        asker, modals = wish.asker, self.modals
        found = await modals.store.transaction(
            channel_settings.read, team_id=asker.team_id, channel_id=asker.channel_id
        )
        form = SettingsForm.of(found.options, channel_id=asker.channel_id)
        view = settings_modal.build(form, changed_by=found.changed_by, changed_at=found.changed_at)

        async def show() -> None:
            try:
                async with asyncio.timeout(TRIGGER_SECONDS):
                    await modals.slack.views_open(await modals.token_of(asker.team_id), wish.trigger_id, view)
            except (VendorError, TimeoutError) as error:
                log.warning("slack.settings_not_opened", error=str(error) or type(error).__name__)
                await wish.tell(settings_modal.not_opened())

        return show

    async def submitted(self, ack: AsyncAck, body: Mapping[str, Any]) -> None:
        """Commit the settings, then ack; a mistake is answered at its field and nothing is lost."""
        form = settings_modal.read(body["view"])
        found = rules.check(form)
        if isinstance(found, FormErrors):
            await ack(response_action="errors", errors=settings_modal.errors(found))
            return
        asker = replace(Press.from_body(body).asker, channel_id=form.channel_id)
        changed = await self.modals.store.transaction(
            channel_settings.save,
            found.options,
            asker,
            mux_account=await self.modals.account_of(asker.team_id),
        )
        await ack(response_action="update", view=settings_modal.saved(found.warnings, changed=changed))
