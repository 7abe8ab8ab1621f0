"""The doors of the two shortcuts: the form from anywhere, and the form for a message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.rules import links
from bot.rules.files import FILE_ID, SlackFile, is_media
from bot.rules.form import CaptionForm, value_of
from bot.rules.links import Pointer, PointerKind
from bot.rules.policy import Asker
from bot.slack.values import read_file
from bot.ui import form_messages
from bot.ui.mrkdwn import clean
from handlers.acting import Press
from handlers.modals import Modals, Opening
from handlers.replying import afterwards

GLOBAL: Final = "caption_video"
MESSAGE: Final = "caption_message"

# Where a message of Slack's holds what people see or follow; everything else is ids and switches.
# https://docs.slack.dev/reference/block-kit and https://docs.slack.dev/legacy/legacy-messaging
_SAID: Final = frozenset(
    {
        *("text", "url", "title", "pretext", "fallback", "value", "alt_text", "footer"),
        *("title_link", "from_url", "original_url", "image_url", "thumb_url", "video_url"),
    }
)
_DEEPEST: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcuts:
    """Opens the form for people who do not type a command."""

    modals: Modals

    async def picked(self, ack: AsyncAck, body: Mapping[str, Any], context: AsyncBoltContext) -> None:
        """Open the form, filled in from the message when it was picked there."""
        asker = Press.from_body(body).asker
        if body.get("type") == "message_action":
            form, wish = self._of_message(body, asker)
        else:
            form = CaptionForm()
            wish = Opening(asker=asker, trigger_id=str(body["trigger_id"]), tell=self.modals.directly(asker))
        afterwards(context, await self.modals.opening(form, wish))
        await ack()

    def _of_message(self, body: Mapping[str, Any], asker: Asker) -> tuple[CaptionForm, Opening]:
        message: Mapping[str, Any] = body.get("message") or {}
        pointers = links.find(" \n".join(said(message)))
        files = () if pointers else tuple(shared(message))
        form = CaptionForm(
            video=_first(pointers, files),
            channel_id=asker.channel_id,
            # A reply's own stamp would begin a thread that nobody sees.
            thread_ts=str(message.get("thread_ts") or message.get("ts") or body.get("message_ts") or ""),
        )
        return form, Opening(
            asker=asker,
            trigger_id=str(body["trigger_id"]),
            tell=self.modals.through(str(body.get("response_url", ""))),
            notice=form_messages.attached(files) if files else form_messages.named(pointers),
            fresh=True,
        )


def shared(message: Mapping[str, Any]) -> Iterator[SlackFile]:
    """Yield the videos and sounds among a message's files, as far as the message itself describes them."""
    for file in message.get("files") or ():
        known = read_file(file, "") if isinstance(file, Mapping) else None
        if known is not None and FILE_ID.fullmatch(known.id) and is_media(known.media_type):
            yield replace(known, name=clean(known.name) or known.id)


def _first(pointers: Sequence[Pointer], files: Sequence[SlackFile]) -> str:
    if pointers:
        return value_of(pointers[0])
    if not files:
        return ""
    return value_of(Pointer(kind=PointerKind.FILE, id=files[0].id, written=files[0].name))


def said(part: Any, depth: int = 0) -> Iterator[str]:
    """Yield what a message says: its text, its blocks, its attachments, and the links in all of them."""
    if depth > _DEEPEST:
        return
    if isinstance(part, list):
        for each in part:
            yield from said(each, depth + 1)
    elif isinstance(part, Mapping):
        for name, value in part.items():
            if isinstance(value, str):
                if name in _SAID:
                    yield value
            else:
                yield from said(value, depth + 1)
