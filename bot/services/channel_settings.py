"""What captions asked for in a channel begin with: kept, read and merged. One function, one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.rules import channel
from bot.rules.channel import ChannelOptions, Merged
from bot.rules.form import CaptionForm
from bot.rules.policy import Asker
from bot.rules.request import CaptionRequest
from bot.store import records
from bot.store.tx import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A channel's options, and who changed them last and when; an empty `changed_by` is nobody yet."""

    options: ChannelOptions
    changed_by: str = ""
    changed_at: float = 0.0


def read(tx: Tx, *, team_id: str, channel_id: str) -> Saved:
    """Return the options of a channel; those of an unknown one are empty."""
    return decoded(records.channel_options(tx, team_id=team_id, channel_id=channel_id))


def decoded(stored: Mapping[str, Any] | None) -> Saved:
    """Return options as `save` has stored them; those of a channel without any are empty."""
    if stored is None:
        return Saved(options=ChannelOptions())
    return Saved(
        options=ChannelOptions.from_json(stored),
        changed_by=str(stored.get("changed_by", "")),
        changed_at=float(stored.get("changed_at", 0.0)),
    )


def save(tx: Tx, options: ChannelOptions, asker: Asker, *, mux_account: str) -> bool:
    """Keep the options of the asker's channel, and say whether that changed anything."""
    if read(tx, team_id=asker.team_id, channel_id=asker.channel_id).options == options:
        return False
    records.know_channel(
        tx,
        team_id=asker.team_id,
        channel_id=asker.channel_id,
        user_id=asker.user_id,
        mux_account=mux_account,
    )
    content = options.to_json()
    records.set_channel_options(
        tx,
        team_id=asker.team_id,
        channel_id=asker.channel_id,
        options={**content, "changed_by": asker.user_id, "changed_at": tx.now},
    )
    records.audited(
        tx,
        team_id=asker.team_id,
        user_id=asker.user_id,
        action="channel.settings",
        channel=asker.channel_id,
        options=content,
    )
    return True


def merge(tx: Tx, request: CaptionRequest, *, team_id: str, channel_id: str) -> Merged:
    """Return the request with the phrases of the channel that it was asked for in."""
    return channel.merged(request, read(tx, team_id=team_id, channel_id=channel_id).options)


def filled_in(tx: Tx, form: CaptionForm, *, team_id: str) -> CaptionForm:
    """Return a form that nobody has touched yet, filled in with the options of its channel."""
    if not form.channel_id:
        return form
    return channel.filled_in(form, read(tx, team_id=team_id, channel_id=form.channel_id).options)
