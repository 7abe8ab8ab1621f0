"""Direct messages about what could not be said where it should have been. Performs no I/O."""

from __future__ import annotations

from typing import Final

from bot.rules.hosts import Hosts
from bot.rules.jobs import Job
from bot.ui.blocks import context, divider, message, section
from bot.ui.message import Block, Message
from bot.ui.mrkdwn import channel, code, lines, plain, sentences
from bot.ui.result import tell

_MUX: Final = Hosts()
PARENT_DELETED: Final = "parent_deleted"
"""Our own reason: the message that began the thread is gone. All other reasons are Slack's error codes."""

_ADMIN: Final = "Ask a workspace administrator, if later results should be posted there."
_INVITE: Final = "Type `/invite @{bot}` in that channel, so that later results can be posted there."
_SAID_HERE: Final = "Nothing is lost: what could not be said there is said here."
_ELSEWHERE: Final = "Run later commands in another channel."

# https://docs.slack.dev/reference/methods/chat.postMessage#errors
_REASONS: Final[dict[str, tuple[str, str]]] = {
    "not_in_channel": ("I am not a member of that channel.", _INVITE),
    "channel_not_found": ("I cannot see that channel; it is private, or it was deleted.", _INVITE),
    "is_archived": ("That channel is archived.", _ELSEWHERE),
    PARENT_DELETED: ("The message that the thread belongs to was deleted.", _SAID_HERE),
    "message_not_found": ("The message that the thread belongs to was deleted.", _SAID_HERE),
    "thread_not_found": ("The message that the thread belongs to was deleted.", _SAID_HERE),
    "cannot_reply_to_message": ("Slack does not allow replies to that message.", _SAID_HERE),
    "msg_too_long": ("Slack found the message too long for the channel.", _SAID_HERE),
    "msg_blocks_too_long": ("Slack found the message too long for the channel.", _SAID_HERE),
    "restricted_action": ("A rule of this workspace keeps apps from posting in that channel.", _ADMIN),
    "restricted_action_read_only_channel": ("That channel is read-only for apps.", _ADMIN),
    "restricted_action_thread_only_channel": ("That channel allows posts in threads only.", _ADMIN),
    "restricted_action_non_threadable_channel": ("That channel does not allow threads.", _ADMIN),
    "restricted_action_thread_locked": ("That thread is locked.", _ADMIN),
    "message_limit_exceeded": ("This workspace has reached its limit of messages.", _ADMIN),
    "app_access_restricted": ("This workspace restricts where apps may post.", _ADMIN),
    "ekm_access_denied": ("This workspace's encryption keys do not allow posting at the moment.", _ADMIN),
}
_SHARED: Final = ("A rule of a workspace that shares the channel keeps apps from posting there.", _ADMIN)


def undeliverable(
    job: Job, reason: str, channel_id: str, *, bot_name: str = "Caption Bot", hosts: Hosts = _MUX
) -> Message:
    """Return the direct message to the requester: why the channel got no result, and the whole result.

    `reason` is Slack's error code or `PARENT_DELETED`; an unknown one is quoted. `bot_name` is what people
    type after `/invite @`.

    Raises:
        BotError: The job is not finished.
    """
    opening, remedy = _opening("this result", reason, channel_id, bot_name)
    told = tell(job, hosts)
    return message(
        sentences(opening, remedy, told.spoken),
        [
            section(lines(opening, remedy)),
            divider(),
            section(told.headline),
            *told.blocks,
            _reason(reason),
        ],
    )


def redirected(shown: Message, reason: str, channel_id: str, *, bot_name: str = "Caption Bot") -> Message:
    """Return the card, which is `shown`, as a direct message to the requester, and why it is one.

    The arguments are those of `undeliverable`; the job may be in any state, and the message is edited in
    place as a card in a channel is.
    """
    opening, remedy = _opening("this", reason, channel_id, bot_name)
    return message(
        sentences(opening, remedy, shown.text),
        [section(lines(opening, remedy)), divider(), *shown.blocks, _reason(reason)],
    )


def _opening(what: str, reason: str, channel_id: str, bot_name: str) -> tuple[str, str]:
    why, remedy = _why(reason)
    opening = f"I could not post {what} in {channel(channel_id)}. {why}"
    return opening, remedy.replace("{bot}", plain(bot_name, 80))


def _reason(reason: str) -> Block:
    return context(f"Slack's reason: {code(reason, 80)}")


def _why(reason: str) -> tuple[str, str]:
    if reason in _REASONS:
        return _REASONS[reason]
    if reason.startswith("restricted_action"):
        return _REASONS["restricted_action"]
    if reason.startswith("slack_connect_"):
        return _SHARED
    return f"Slack did not take the message ({code(reason, 80)}).", _ADMIN
