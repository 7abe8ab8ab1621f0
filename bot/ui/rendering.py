"""Which message an effect is, rendered from the job as it is now. Performs no I/O."""

from __future__ import annotations

from typing import Final

from bot.rules.effects import Effect, Kind
from bot.rules.hosts import Hosts
from bot.rules.jobs import Job
from bot.ui import mended
from bot.ui.card import card
from bot.ui.message import Message
from bot.ui.mrkdwn import clip
from bot.ui.notices import redirected, undeliverable
from bot.ui.result import result

_MUX: Final = Hosts()
PLAIN_LIMIT: Final = 3_000


def render(effect: Effect, job: Job, *, in_thread: bool, hosts: Hosts = _MUX) -> Message:
    """Return what to say for `effect` at this moment; `hosts` are where Mux shows pictures and films.

    A message that had to leave its channel says why, unless the card above it in the same thread did.
    """
    if effect.kind is Kind.CARD:
        shown = card(job, hosts)
        return shown if effect.detour is None else redirected(shown, effect.detour, job.channel_id)
    if effect.kind is Kind.RESTORED:
        return mended.told(job)
    if effect.detour is not None and not in_thread:
        return undeliverable(job, effect.detour, job.channel_id, hosts=hosts)
    return result(job, hosts)


def plain(message: Message) -> Message:
    """Return the same message without blocks and short enough for every limit, when Slack refused it."""
    return Message(text=clip(message.text, PLAIN_LIMIT))
