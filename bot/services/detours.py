"""What happens when a message cannot be said where it belongs: the requester hears it directly."""

from __future__ import annotations

from bot.rules.effects import Kind, channel_lane
from bot.services import outbox, progress
from bot.services.outbox import Claim
from bot.store import effects, jobs, lanes, records
from bot.store.tx import Tx
from bot.ui.notices import PARENT_DELETED


def closed(tx: Tx, taken: Claim, *, code: str) -> bool:
    """Send a message to the requester instead, because Slack refuses its channel with `code`.

    The channel is marked, never forgotten. When the requester cannot be written to either, the effect is
    given up and stays visible to the operator.
    """
    job = taken.stored.job
    if taken.effect.target != job.channel_id:
        return outbox.buried(tx, taken, error=code)
    if not _hold(tx, taken):
        return False
    records.park_channel(tx, team_id=job.team_id, channel_id=job.channel_id, reason=code)
    _divert(tx, taken, reason=code)
    outbox.rest(tx, taken)
    return True


def strayed(tx: Tx, taken: Claim, *, channel: str, ts: str) -> bool:
    """Take back a reply that landed in the channel because its thread is gone; the requester hears it."""
    if not _hold(tx, taken):
        return False
    job = taken.stored.job
    effects.add(
        tx,
        key=progress.key(taken.stored, f"undo:{ts}"),
        kind=Kind.UNDO,
        lane=channel_lane(job.team_id, taken.effect.target),
        job_id=taken.effect.job_id,
        target=f"{channel}:{ts}",
    )
    _divert(tx, taken, reason=PARENT_DELETED)
    outbox.rest(tx, taken)
    return True


def _hold(tx: Tx, taken: Claim) -> bool:
    jobs.lock(tx, taken.effect.job_id)
    return lanes.holds(tx, taken.effect.lane, taken.owner)


def _divert(tx: Tx, taken: Claim, *, reason: str) -> None:
    job = taken.stored.job
    for effect in effects.of_job(tx, taken.effect.job_id):
        follows = taken.effect.kind is Kind.CARD and effect.kind is Kind.RESULT and effect.ext_id is None
        if effect.id == taken.effect.id or follows:
            effects.retarget(
                tx,
                effect.id,
                lane=channel_lane(job.team_id, job.user_id),
                target=job.user_id,
                detour=reason,
                due_at=tx.now if effect.id == taken.effect.id else effect.due_at,
            )
