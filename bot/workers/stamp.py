"""The stamp on every message, by which it is found again. Performs no I/O."""

from __future__ import annotations

from typing import Any, Final

from bot.rules.effects import Kind
from bot.services.claiming import Claim
from bot.slack.values import Found

EVENT_TYPE: Final = "caption_job"


def metadata(taken: Claim) -> dict[str, Any]:
    """Return the message's stamp: ids only, since every app in the channel may read it.

    `v` is the version of the effect that the message shows, so that an audit can tell stale text.
    """
    return {
        "event_type": EVENT_TYPE,
        "event_payload": {
            "job": taken.stored.job.id,
            "kind": _name(taken),
            "v": taken.effect.want,
        },
    }


def _name(taken: Claim) -> str:
    """Return what the message is among its job's: each wish to restore has a message of its own."""
    name = taken.effect.kind.name_in_metadata
    number = taken.effect.key.rpartition(":")[2]
    return f"{name}-{number}" if taken.effect.kind is Kind.RESTORED else name


def is_stamped(message: Found, taken: Claim) -> bool:
    """Say whether a message is the one, or a copy of the one, that the claim is about."""
    payload = message.metadata.get("event_payload") or {}
    wanted = metadata(taken)["event_payload"]
    return message.metadata.get("event_type") == EVENT_TYPE and all(
        payload.get(name) == wanted[name] for name in ("job", "kind")
    )


def version(message: Found) -> int:
    """Return the version of the effect that a stamped message shows."""
    return int((message.metadata.get("event_payload") or {}).get("v", 0))
