"""The doors of the caption form: it is opened, searched in, looked after while it is filled in, and sent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.errors import SlackRefused, StoreError, VendorError
from bot.mux.accounts import AccountOf
from bot.rules import form as rules
from bot.rules.form import CaptionForm, FormErrors, Wanted
from bot.rules.policy import Asker
from bot.services import captions, catalogue, channel_settings, drafts
from bot.services.captions import Ask, Asked
from bot.slack.client import SlackClient
from bot.slack.tokens import TokenOf
from bot.store.database import Database
from bot.ui import caption_modal, form_messages, pickers, replies, settings_modal
from bot.ui.message import Message
from handlers.acting import Press
from handlers.replying import Work, afterwards

# https://docs.slack.dev/interactivity/handling-user-interaction: a trigger lives for three seconds.
TRIGGER_SECONDS: Final = 3.0

_LANGUAGE: Final = f"{caption_modal.ACTION_PREFIX}{caption_modal.LANGUAGE}"

Tell = Callable[[Message], Awaitable[None]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One wish to see the form: whose, on which click, and how they are told that it did not open.

    `opened` is done when it did. `fresh` says that nobody has filled it in yet, so its channel's settings do.
    """

    asker: Asker
    trigger_id: str
    tell: Tell
    notice: str = ""
    opened: Work | None = None
    fresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Modals:
    """The caption form.

    `token_of` gives a workspace's bot token, `account_of` its Mux environment. `looked` is told whose videos
    somebody is about to choose from. `can_sign` says whether the text of signed videos can be read.
    `poll_in_seconds` is when a new job is first asked about.
    """

    store: Database
    slack: SlackClient
    token_of: TokenOf
    account_of: AccountOf
    poll_in_seconds: float
    looked: Callable[[str], None]
    can_sign: bool = False

    async def opening(self, form: CaptionForm, wish: Opening) -> Work:
        """Return what opens the form once the answer to the click has left; only the disk is waited for."""
        account = await self.account_of(wish.asker.team_id)
        self.looked(account)
        if wish.fresh:
            team_id = wish.asker.team_id
            form = await self.store.transaction(channel_settings.filled_in, form, team_id=team_id)
        known, video = await self.store.transaction(catalogue.chosen, account, form)
        view = caption_modal.build(known, video=video, notice=wish.notice, can_sign=self.can_sign)

        async def show() -> None:
            try:
                async with asyncio.timeout(TRIGGER_SECONDS):
                    await self.slack.views_open(
                        await self.token_of(wish.asker.team_id), wish.trigger_id, view
                    )
            except (VendorError, TimeoutError) as error:
                log.warning("slack.form_not_opened", error=str(error) or type(error).__name__)
                await self._offer_again(known, wish)
            else:
                if wish.opened is not None:
                    await wish.opened()

        return show

    async def acted(self, ack: AsyncAck, body: Mapping[str, Any], context: AsyncBoltContext) -> None:
        """Hear a button that opens the form, or a field of the form in which something was chosen."""
        press = Press.from_body(body)
        if press.action_id in {form_messages.AGAIN, form_messages.REOPEN}:
            afterwards(context, await self._reopening(press, str(body.get("trigger_id", ""))))
        elif isinstance(body.get("view"), Mapping):
            afterwards(context, await self._looking_after(press.asker, body["view"]))
        await ack()

    async def suggested(self, ack: AsyncAck, body: Mapping[str, Any]) -> None:
        """Answer somebody who types into a list of the form, from what is stored."""
        query = str(body.get("value") or "")
        if body.get("action_id") == _LANGUAGE:
            await ack(options=pickers.language_options(query))
            return
        account = await self.account_of(Press.from_body(body).asker.team_id)
        videos, named = await self.store.transaction(catalogue.offer, account, query)
        options = [pickers.video_option(video) for video in videos if pickers.fits(video.asset_id)]
        if named is not None and pickers.fits(rules.value_of(named)):
            options.append(pickers.use_option(rules.value_of(named), named.written))
        await ack(options=options[: pickers.MOST_OPTIONS])

    async def submitted(self, ack: AsyncAck, body: Mapping[str, Any]) -> None:
        """Commit the job of a form, then ack; a mistake is answered at its field and nothing is lost."""
        view: Mapping[str, Any] = body["view"]
        form = caption_modal.read(view)
        found = rules.check(form)
        if isinstance(found, FormErrors):
            await ack(response_action="errors", errors=caption_modal.errors(found, view))
            return
        asker = Press.from_body(body).asker
        ask = await self._ask(found, form, asker, str(view["id"]))
        outcome = await self.store.transaction(captions.request, ask)
        if outcome.joined:
            await ack(response_action="update", view=form_messages.ended(_joined(outcome, asker)))
        else:
            await ack()

    async def _ask(self, wanted: Wanted, form: CaptionForm, asker: Asker, view_id: str) -> Ask:
        """Return the act; a form that is sent twice is one act, since both come from the same view."""
        return Ask(
            request=wanted.request,
            pointer=wanted.pointer,
            warnings=wanted.warnings,
            request_key=f"view:{asker.team_id}:{view_id}",
            team_id=asker.team_id,
            channel_id=form.channel_id,
            thread_ts=form.thread_ts or None,
            user_id=asker.user_id,
            mux_account=await self.account_of(asker.team_id),
            poll_in_seconds=self.poll_in_seconds,
        )

    async def _reopening(self, press: Press, trigger_id: str) -> Work:
        tell = self.through(press.response_url, replace_original=press.in_private)
        wish = Opening(asker=press.asker, trigger_id=trigger_id, tell=tell)
        if press.action_id == form_messages.AGAIN:
            found = await self.store.transaction(drafts.again, press.value, press.asker)
            if found is None:
                return lambda: tell(form_messages.job_gone())
            form, job = found
            return await self.opening(form, replace(wish, notice=form_messages.once_more(job)))
        kept = await self.store.transaction(drafts.kept, press.value, press.asker)
        if kept is None:
            return lambda: tell(form_messages.draft_gone())
        return await self.opening(kept, replace(wish, opened=self._withdrawing(press.response_url)))

    async def _looking_after(self, asker: Asker, view: Mapping[str, Any]) -> Work:
        """Return what shows the person what is known about the video that they have just chosen."""
        form = caption_modal.read(view)
        account = await self.account_of(asker.team_id)
        known, video = await self.store.transaction(catalogue.chosen, account, form)
        fresh = caption_modal.build(known, video=video, can_sign=self.can_sign)

        async def show() -> None:
            if caption_modal.remarks(fresh) == caption_modal.remarks(view):
                return
            try:
                await self.slack.views_update(
                    await self.token_of(asker.team_id), str(view["id"]), fresh, str(view.get("hash", ""))
                )
            except SlackRefused as error:
                log.info("slack.form_not_updated", code=error.code)
            except VendorError as error:
                log.warning("slack.form_not_updated", error=str(error))

        return show

    async def _offer_again(self, form: CaptionForm, wish: Opening) -> None:
        try:
            draft_id = await self.store.transaction(drafts.keep, form, wish.asker)
        except StoreError:
            log.exception("slack.form_not_kept")
            return
        await wish.tell(form_messages.not_opened(draft_id))

    def through(self, response_url: str, *, replace_original: bool = False) -> Tell:
        """Return a way to tell somebody privately through a response_url, best effort."""

        async def tell(message: Message) -> None:
            await _at_best(
                self.slack.respond(
                    response_url, message.text, message.blocks, replace_original=replace_original
                )
            )

        return tell

    def _withdrawing(self, response_url: str) -> Work:
        return lambda: _at_best(self.slack.respond(response_url, "", (), delete_original=True))

    def directly(self, asker: Asker) -> Tell:
        """Return a way to tell somebody in their conversation with the bot, best effort."""

        async def tell(message: Message) -> None:
            token = await self.token_of(asker.team_id)
            await _at_best(self.slack.post(token, asker.user_id, message.text, message.blocks))

        return tell


async def _at_best(sending: Awaitable[object]) -> None:
    try:
        await sending
    except VendorError as error:
        log.warning("slack.private_answer_lost", error=str(error))


def apology(body: Mapping[str, Any], reference: str) -> dict[str, Any] | None:
    """Return the answer to a form or a list of it when we made a mistake; None for what is neither."""
    if body.get("type") == "block_suggestion":
        return {"options": []}
    if body.get("type") == "view_submission":
        view, mistake = body.get("view") or {}, form_messages.our_mistake(reference)
        if view.get("callback_id") == settings_modal.CALLBACK_ID:
            return {"response_action": "errors", "errors": {settings_modal.LANGUAGE: mistake}}
        said = FormErrors(sentences={caption_modal.VIDEO: mistake})
        return {"response_action": "errors", "errors": caption_modal.errors(said, view)}
    return None


def _joined(outcome: Asked, asker: Asker) -> Message:
    whose = outcome.job.user_id
    return replies.joined(outcome.job, whose="" if whose == asker.user_id else whose)
