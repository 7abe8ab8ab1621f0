"""Messages as they stand in a channel or a thread."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.sandbox.page.attachments import file_card
from bot.sandbox.page.blocks import render_blocks
from bot.sandbox.page.html import Html, tag
from bot.sandbox.page.look import Look
from bot.sandbox.page.mrkdwn import mrkdwn
from bot.sandbox.slack.model import Message

_HUES = 6


def message_item(message: Message, look: Look, *, place: str) -> Html:
    """Return one message; `place` is `channel` or `thread`, and only a channel leads into threads."""
    bot = look.is_bot(message.author)
    classes = ["message"]
    if message.ephemeral_to is not None:
        classes.append("ephemeral")
    return tag(
        "li",
        avatar(look.names.users.get(message.author, message.author), bot=bot),
        tag(
            "div",
            _private_note(message),
            _heading(message, look, bot=bot),
            _content(message, look, place),
            _thread_link(message) if place == "channel" and message.reply_ts else None,
            class_="message-body",
        ),
        None if message.deleted else _tools(message, look, place),
        class_=" ".join(classes),
        data_channel=message.channel,
        data_ts=message.ts,
    )


def avatar(name: str, *, bot: bool = False) -> Html:
    """Return a person's initials on a colour of their own; screen readers skip it."""
    initials = "".join(word[0] for word in name.split()[:2]).upper()
    hue = "app" if bot else f"hue-{sum(map(ord, name)) % _HUES}"
    return tag("span", initials, class_=f"avatar {hue}", aria_hidden="true")


def timestamp(at: float, pattern: str = "{stamp}") -> Html:
    """Return a moment that the page's script rewrites for the reader's time zone."""
    moment = datetime.fromtimestamp(at, UTC)
    return tag(
        "time", f"{moment:%H:%M} UTC", datetime=moment.isoformat(), data_unix=int(at), data_format=pattern
    )


def _private_note(message: Message) -> Html | None:
    if message.ephemeral_to is None:
        return None
    return tag("p", "Only visible to you", class_="private-note")


def _heading(message: Message, look: Look, *, bot: bool) -> Html:
    company = look.company_of(message.author)
    return tag(
        "div",
        tag("strong", look.names.users.get(message.author, message.author), class_="author"),
        tag("span", "APP", class_="badge") if bot else None,
        tag("span", company, class_="company") if company else None,
        timestamp(float(message.ts)),
        class_="message-head",
    )


def _content(message: Message, look: Look, place: str) -> Html:
    if message.deleted:
        return tag("p", "This message was deleted.", class_="gravestone")
    if message.blocks:
        body = render_blocks(message.blocks, look.scene_of(message, place))
    else:
        body = tag("div", mrkdwn(message.text, look.names), class_="block text")
    # With blocks Slack shows no such mark: https://docs.slack.dev/reference/methods/chat.update
    edited = message.edited_at is not None and not message.blocks
    files = [look.workspace.files[file_id] for file_id in message.files if file_id in look.workspace.files]
    return tag(
        "div",
        tag("p", message.command, class_="typed-command") if message.command else None,
        body,
        tag("span", "(edited)", class_="edited") if edited else None,
        *(file_card(file) for file in files),
        class_="content",
    )


def _thread_link(message: Message) -> Html:
    count = message.reply_count
    return tag(
        "button",
        tag("span", f"{count} {'reply' if count == 1 else 'replies'}", class_="count"),
        tag("span", "Last reply ", timestamp(float(message.reply_ts[-1])), class_="last"),
        type="button",
        class_="thread-link",
        data_thread=message.ts,
    )


def _tools(message: Message, look: Look, place: str) -> Html | None:
    if message.ephemeral_to is not None:
        # Shortcuts and threads do not exist on messages that only one person sees.
        return None
    reply = tag("button", "Reply in thread", type="button", data_thread=message.thread_ts or message.ts)
    menu = [
        *([reply] if place == "channel" else []),
        *(
            tag("button", shortcut.label, type="button", data_shortcut=shortcut.callback_id)
            for shortcut in look.offers.message_shortcuts
        ),
    ]
    if not menu:
        return None
    return tag(
        "details",
        tag("summary", "⋯", aria_label="Message actions"),
        tag("div", *menu, class_="menu"),
        class_="tools overflow",
    )
