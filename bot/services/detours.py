"""What happens when a message cannot be said where it belongs: the requester hears it directly."""

from __future__ import annotations

from bot.rules.effects import Effect, Kind, channel_lane
from bot.services import outbox, progress
from bot.services.claiming import Claim
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


def unanswerable(tx: Tx, taken: Claim, *, code: str) -> bool:
    """Send a reply to the requester instead, because Slack takes none in its thread, with `code`.

    The channel itself is all right, so it is not marked.
    """
    if not _hold(tx, taken):
        return False
    _divert(tx, taken, reason=code)
    outbox.rest(tx, taken)
    return True


def orphaned(tx: Tx, taken: Claim, *, code: str) -> bool:
    """Close a card that somebody deleted: it is edited no more, and the requester hears the result directly.

    A result that is on its way to the thread already is dealt with when it strays. A card that was itself
    a reply leaves its thread behind, where the result still belongs.
    """
    if taken.stored.job.thread_ts is not None and taken.effect.target == taken.stored.job.channel_id:
        return outbox.retired(tx, taken, error=code)
    if not _hold(tx, taken):
        return False
    user_id = taken.stored.job.user_id
    effects.orphan(tx, taken.effect.id, target=user_id, detour=PARENT_DELETED, error=code)
    result = effects.by_key(tx, progress.key(taken.stored, "result"))
    if result is not None and result.ext_id is None and result.maybe_sent_at is None:
        _retarget(tx, taken, result, reason=PARENT_DELETED, due_at=tx.now)
    outbox.rest(tx, taken)
    return True


def _hold(tx: Tx, taken: Claim) -> bool:
    jobs.hold(tx, taken.effect.job_id)
    return lanes.holds(tx, taken.effect.lane, taken.owner)


def _divert(tx: Tx, taken: Claim, *, reason: str) -> None:
    for effect in effects.of_job(tx, taken.effect.job_id):
        if effect.id == taken.effect.id:
            _retarget(tx, taken, effect, reason=reason, due_at=tx.now)
        elif taken.effect.kind is Kind.CARD and effect.kind is Kind.RESULT and effect.ext_id is None:
            _retarget(tx, taken, effect, reason=reason, due_at=effect.due_at)


def _retarget(tx: Tx, taken: Claim, effect: Effect, *, reason: str, due_at: float) -> None:
    job = taken.stored.job
    effects.retarget(
        tx,
        effect.id,
        lane=channel_lane(job.team_id, job.user_id),
        target=job.user_id,
        detour=reason,
        due_at=due_at,
    )
