"""Files on their way into a thread: each share once, whatever becomes of the connection.

Slack shows uploaded files to nobody before the last of three requests, so only that one must not be sent
twice. The files' ids are written down before it, and Slack is asked about them afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from bot.rules import archive as rules
from bot.rules.archive import FilesState, Offer
from bot.rules.effects import Effect, Kind, share_lane
from bot.rules.pacing import Timing, backoff
from bot.rules.policy import Act, Answer, Asker, decide
from bot.rules.sharing import Asked, Wish
from bot.services import archiving, downloads, outbox, progress, steering
from bot.services.claiming import Claim
from bot.store import archive, effects, files, jobs, lanes, records
from bot.store.archive import Share
from bot.store.files import StoredFile
from bot.store.jobs import StoredJob
from bot.store.tx import Tx

PAUSE_SECONDS: Final = 30.0
"""How long after a share the same job's files are not shared again, so that a double click shares once."""

MOST_ROUNDS: Final = 3
"""How often files that Slack took and never showed are sent anew before they are offered as links."""

_BEFORE: Final = "files:before"

FIRST_LOOK_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What is to be shared and where: in a thread of a channel, or with a person, who has no thread yet."""

    channel: str
    thread_ts: str | None = None
    files: tuple[tuple[StoredFile, bytes], ...] = ()


def parcel(tx: Tx, taken: Claim) -> Parcel | None:
    """Return what the claim is to share and where, None when the result it belongs to is not said yet."""
    where = place(tx, taken)
    if where is None:
        return None
    kept = {each.kind: each for each in files.listed(tx, taken.effect.job_id)}
    before = taken.effect.key == progress.key(taken.stored, _BEFORE)
    kinds = rules.replaced(tuple(kept)) if before else rules.shareable(tuple(kept))
    chosen = (kept[kind] for kind in kinds)
    full = tuple((each, files.content(tx, each.id) or b"") for each in chosen if each.size)
    return replace(where, files=full)


def place(tx: Tx, taken: Claim) -> Parcel | None:
    """Return where the claim's files go, without them: to the job's result, or to a person.

    None while the result is not said yet; an empty channel when there is no place for them.
    """
    if taken.effect.target:
        return Parcel(channel=taken.effect.target)
    result = effects.by_key(tx, progress.key(taken.stored, "result"))
    if result is None or (result.ext_id is None and result.buried):
        return Parcel(channel="")
    if result.ext_id is None:
        return None
    job = taken.stored.job
    if job.thread_ts is not None and result.target == job.channel_id:
        return Parcel(channel=job.channel_id, thread_ts=job.thread_ts)
    card = effects.by_key(tx, progress.key(taken.stored, "card"))
    if card is not None and card.ext_id is not None and card.target == result.target and card.ext_channel:
        return Parcel(channel=card.ext_channel, thread_ts=card.ext_id)
    return Parcel(channel=result.ext_channel or result.target, thread_ts=result.ext_id)


def renewed(tx: Tx, taken: Claim, *, timing: Timing) -> bool:
    """Keep the claim while its files are sent one by one."""
    return lanes.renew(tx, taken.effect.lane, taken.owner, tx.now + timing.lease)


def intended(tx: Tx, taken: Claim, slack_ids: tuple[str, ...]) -> int | None:
    """Write down which files are about to be shown; None when the claim is not ours any more."""
    if not _is_ours(tx, taken):
        return None
    effects.intend(tx, taken.effect.id)
    return archive.intend_share(
        tx, job_id=taken.effect.job_id, effect_key=taken.effect.key, slack_ids=slack_ids
    )


def answered(tx: Tx, taken: Claim, share_id: int) -> bool:
    """Write down that Slack said yes; it shows the files a little later, which is looked at then."""
    if not _is_ours(tx, taken):
        return False
    archive.note_share(tx, share_id, answered_at=tx.now)
    effects.schedule(tx, taken.effect.id, due_at=tx.now + FIRST_LOOK_SECONDS)
    outbox.rest(tx, taken)
    return True


def not_done(
    tx: Tx, taken: Claim, share_id: int | None, *, error: str, retry_in: float | None, jitter: float
) -> bool:
    """Write down that nothing was shown, so that it is all sent again later."""
    if not outbox.not_done(tx, taken, error=error, retry_in=retry_in, jitter=jitter):
        return False
    if share_id is not None:
        archive.forget_share(tx, share_id)
    return True


def tries(tx: Tx, taken: Claim) -> list[Share]:
    """Return every try to share the claim's files, oldest first."""
    return archive.shares(tx, taken.effect.key)


def sent_anew(tx: Tx, taken: Claim) -> bool:
    """Let the files be sent once more, because what was sent before is deleted; the doubt is audited."""
    if not _is_ours(tx, taken):
        return False
    effects.disbelieve(tx, taken.effect.id)
    effects.schedule(tx, taken.effect.id, due_at=tx.now)
    outbox.rest(tx, taken)
    return True


def nothing_sent(tx: Tx, taken: Claim) -> bool:
    """Write down that whoever had the claim before died before anything could be shown."""
    if not _is_ours(tx, taken):
        return False
    effects.disbelieve(tx, taken.effect.id)
    effects.clear_doubt(tx, taken.effect.id)
    effects.schedule(tx, taken.effect.id, due_at=tx.now)
    outbox.rest(tx, taken)
    return True


def shown(tx: Tx, taken: Claim, share_id: int, *, channel: str, ts: str, timing: Timing) -> bool:
    """Write down the message that shows the files."""
    if not outbox.done(tx, taken, ext_id=ts, ext_channel=channel, timing=timing):
        return False
    archive.note_share(tx, share_id, ts=ts)
    known = archive.get(tx, taken.effect.job_id)
    if known is not None and known.offer is not None:
        archive.note_offer(tx, taken.effect.job_id, None)
        progress.show(tx, taken.stored)
    return True


def not_shown(tx: Tx, taken: Claim, latest: Share, *, timing: Timing, jitter: float) -> bool:
    """Write down that a look found the files nowhere; True when they are to be deleted and sent anew.

    That is believed only of a look which began long enough after the request.
    """
    if not _is_ours(tx, taken):
        return False
    if taken.at - latest.intended_at >= timing.settle:
        return True
    again = min(tx.now + backoff(min(taken.effect.attempts, 4), jitter), latest.intended_at + timing.settle)
    effects.postpone(tx, taken.effect.id, due_at=max(again, tx.now), error="not shown yet")
    outbox.rest(tx, taken)
    return False


def offered(tx: Tx, taken: Claim, *, code: str, public_url: str) -> bool:
    """Give people our own links instead, because Slack does not take the files, and close the effect."""
    if not _is_ours(tx, taken):
        return False
    ends_at = tx.now + downloads.LIFE_SECONDS
    kept = {each.kind: each for each in files.listed(tx, taken.effect.job_id)}
    key = downloads.key(tx) if public_url else b""
    links = tuple(
        (rules.NAMED[kind], downloads.link(key, public_url, kept[kind], expires_at=ends_at))
        for kind in rules.shareable(tuple(kept))
        if public_url
    )
    archive.note_offer(tx, taken.effect.job_id, Offer(code=code, links=links, ends_at=ends_at))
    progress.show(tx, taken.stored)
    effects.settle(tx, taken.effect.id, error=code)
    outbox.rest(tx, taken)
    return True


def to_person(tx: Tx, taken: Claim, *, code: str) -> bool:
    """Share the files with the person who asked for the job, because their thread takes none."""
    if not _is_ours(tx, taken):
        return False
    effects.retarget(
        tx,
        taken.effect.id,
        lane=taken.effect.lane,
        target=taken.stored.job.user_id,
        detour=code,
        due_at=tx.now,
    )
    outbox.rest(tx, taken)
    return True


def ask(tx: Tx, asker: Asker, *, name: str, account: str) -> Asked:
    """Share the files of the job of that id, ours or Mux's, again, however long ago that was.

    They go to the job's thread, or to a person who is elsewhere, and at most once a moment.
    """
    found = steering.find(tx, account=account, name=name)
    if found is None or decide(Act.SEE, found.job, asker) is not Answer.YES:
        return Asked(wish=Wish.UNKNOWN)
    stored = jobs.lock(tx, found.row_id)
    known = archive.get(tx, stored.row_id)
    if known is None or known.files is FilesState.WAITING:
        return Asked(wish=Wish.NONE, job=stored.job, archive=known)
    if known.files is FilesState.FAILED:
        archiving.again(tx, stored)
        return Asked(wish=Wish.FETCHING, job=stored.job, archive=known)
    target = "" if asker.channel_id == stored.job.channel_id else asker.user_id
    earlier = [each for each in effects.of_job(tx, stored.row_id) if each.kind is Kind.SHARE]
    if any(_is_recent(tx, each) for each in earlier if each.target == target):
        return Asked(wish=Wish.REPEATED, job=stored.job, archive=known, to_person=bool(target))
    _add(tx, stored, number=len(earlier) + 1, target=target)
    records.audited(
        tx, team_id=asker.team_id, user_id=asker.user_id, action="files.share", job_id=stored.row_id
    )
    return Asked(wish=Wish.SHARED, job=stored.job, archive=known, to_person=bool(target))


def share_replaced(tx: Tx, stored: StoredJob) -> None:
    """Share the captions that a job replaced, as they were saved, once."""
    effects.add(
        tx,
        key=progress.key(stored, _BEFORE),
        kind=Kind.SHARE,
        lane=share_lane(stored.job.team_id, stored.row_id),
        job_id=stored.row_id,
    )


def _add(tx: Tx, stored: StoredJob, *, number: int, target: str) -> None:
    effects.add(
        tx,
        key=progress.key(stored, f"files:{number}"),
        kind=Kind.SHARE,
        lane=share_lane(stored.job.team_id, stored.row_id),
        job_id=stored.row_id,
        target=target,
    )


def _is_recent(tx: Tx, effect: Effect) -> bool:
    if effect.have < effect.want and not effect.buried:
        return True
    since = effect.first_sent_at
    return since is not None and tx.now - since < PAUSE_SECONDS


def _is_ours(tx: Tx, taken: Claim) -> bool:
    jobs.hold(tx, taken.effect.job_id)
    return lanes.holds(tx, taken.effect.lane, taken.owner)
