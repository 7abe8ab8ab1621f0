"""The doors of what mends captions: the form that fixes words, and the buttons that put captions back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.errors import SlackRefused, VendorError
from bot.rules import fixing as rules
from bot.rules.fixing import Fixed, Outcome
from bot.rules.form import FormErrors
from bot.services import fixing, restoring
from bot.services.fixing import Wish
from bot.ui import fix_modal, mend_answers, mend_buttons
from bot.ui.message import Message
from handlers.acting import Press
from handlers.modals import TRIGGER_SECONDS, Modals
from handlers.replying import Work, afterwards

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixes:
    """The form of fixes, beside the caption form and with the same means.

    `public_url` is where Mux can fetch saved captions, empty when nowhere; `can_sign` says whether the text
    of signed videos can be read.
    """

    modals: Modals
    public_url: str
    can_sign: bool

    async def pressed(self, ack: AsyncAck, body: Mapping[str, Any], context: AsyncBoltContext) -> None:
        """Commit what the press does, then ack; forms and answers follow when the ack has left."""
        press = Press.from_body(body)
        if press.action_id == mend_buttons.FIX:
            afterwards(context, await self._opening(press, str(body.get("trigger_id", ""))))
        elif press.action_id == fix_modal.ADD_ROW and isinstance(body.get("view"), Mapping):
            afterwards(context, self._growing(press, body["view"]))
        else:
            answer = self._answers().get(press.action_id)
            if answer is not None:
                message = await answer(press)
                afterwards(context, lambda: self._tell(press, message))
        await ack()

    async def submitted(self, ack: AsyncAck, body: Mapping[str, Any]) -> None:
        """Commit the job of a form, then ack; a mistake is answered at its field and nothing is lost."""
        view: Mapping[str, Any] = body["view"]
        form = fix_modal.read(view)
        asker = Press.from_body(body).asker
        known = await self.modals.store.transaction(fixing.known, form.job_id, asker)
        if isinstance(known, Fixed):
            await ack(response_action="update", view=fix_modal.told(fix_modal.answer(known)))
            return
        job, captions = known
        edit = rules.check(form, captions, asset_id=job.request.asset_id)
        if isinstance(edit, FormErrors):
            await ack(response_action="errors", errors=fix_modal.errors(edit))
            return
        wish = Wish(
            asker=asker,
            job_id=form.job_id,
            edit=edit,
            # A form that is sent twice is one act, since both come from the same view.
            key=f"view:{asker.team_id}:{view['id']}",
            poll_in_seconds=self.modals.poll_in_seconds,
        )
        fixed = await self.modals.store.transaction(fixing.fix, wish)
        if fixed.outcome is Outcome.STARTED:
            await ack()
        else:
            await ack(response_action="update", view=fix_modal.told(fix_modal.answer(fixed)))

    def _answers(self) -> dict[str, Callable[[Press], Awaitable[Message]]]:
        return {mend_buttons.RESTORE: self._restore, mend_buttons.PHRASES: self._phrases}

    async def _opening(self, press: Press, trigger_id: str) -> Work:
        found = await self.modals.store.transaction(
            fixing.opened, press.value, press.asker, can_sign=self.can_sign
        )
        if isinstance(found, Fixed):
            return lambda: self._tell(press, fix_modal.answer(found))
        view = fix_modal.build(found.form, found.job, problem=found.problem, unread=found.unread)

        async def show() -> None:
            try:
                async with asyncio.timeout(TRIGGER_SECONDS):
                    token = await self.modals.token_of(press.asker.team_id)
                    await self.modals.slack.views_open(token, trigger_id, view)
            except (VendorError, TimeoutError) as error:
                log.warning("slack.fixes_not_opened", error=str(error) or type(error).__name__)
                await self._tell(press, fix_modal.not_opened())

        return show

    def _growing(self, press: Press, view: Mapping[str, Any]) -> Work:
        """Return what adds a row; Slack keeps what was typed, since every field keeps its id."""
        fresh = fix_modal.rebuilt(fix_modal.read(view).grown(), view)

        async def show() -> None:
            try:
                token = await self.modals.token_of(press.asker.team_id)
                await self.modals.slack.views_update(token, str(view["id"]), fresh, str(view.get("hash", "")))
            except SlackRefused as error:
                log.info("slack.fixes_not_grown", code=error.code)
            except VendorError as error:
                log.warning("slack.fixes_not_grown", error=str(error))

        return show

    async def _restore(self, press: Press) -> Message:
        wished = await self.modals.store.transaction(
            restoring.wish, press.value, press.asker, public_url=self.public_url
        )
        return mend_answers.restoring(wished)

    async def _phrases(self, press: Press) -> Message:
        added = await self.modals.store.transaction(fixing.add_phrases, press.value, press.asker)
        if added is None:
            return mend_answers.nothing_to_add()
        return mend_answers.phrases(added.added, added.known, added.left_out)

    async def _tell(self, press: Press, message: Message) -> None:
        await self.modals.through(press.response_url, replace_original=press.in_private)(message)
