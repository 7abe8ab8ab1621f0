"""What `caption-bot db` prints: values in, lines of plain text out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.store.backup import Backup
from bot.store.move import Moved
from bot.store.prune import EVENT_SECONDS, PAYLOAD_SECONDS, Pruned, Rule
from bot.store.status import Pending, Status

_UNITS: Final = ("B", "KiB", "MiB", "GiB", "TiB")
_DAY_SECONDS: Final = 86_400
_STEP: Final = 1024


def status(found: Status, where: str) -> Iterator[str]:
    """Describe a store; `where` is its URL without a password."""
    free = f" ({size(found.free_bytes)} of it free)" if found.free_bytes else ""
    yield from _pairs({"Engine": found.engine, "Where": where, "Schema": _schema(found)})
    yield from _pairs({"Size": size(found.size_bytes) + free})
    yield ""
    yield "Rows"
    yield from _table(found.rows)
    if found.jobs is None or found.pending is None:
        yield ""
        yield "Jobs and pending work are shown once the schema is this version's."
        return
    yield ""
    yield "Jobs by state"
    yield from _table(found.jobs)
    yield ""
    yield from _pending(found.pending, found.at)


def backup(made: Backup) -> Iterator[str]:
    """Describe a finished backup."""
    yield f"Backed up to {made.path}: {size(made.size_bytes)}, integrity checked."
    yield from _table(made.rows)
    if made.asked_first:
        yield (
            f"{_many(made.asked_first, 'request')} had not been sent yet: a bot that is started on this copy "
            "asks Slack and Mux first whether they were sent meanwhile."
        )


def pruned(gone: Pruned, rule: Rule, *, kept: int, dry_run: bool, sqlite: bool) -> Iterator[str]:
    """Describe what was removed, or would be."""
    yield "Would remove (nothing was changed)" if dry_run else "Removed"
    yield from _table(
        {
            "jobs": gone.jobs,
            **{f"their rows in {name}": count for name, count in gone.belongings},
            f"events older than {EVENT_SECONDS / _DAY_SECONDS:.0f} days": gone.events,
            f"bodies of events older than {PAYLOAD_SECONDS / _DAY_SECONDS:.0f} days": gone.payloads,
            **({"audit rows": gone.audit} if rule.with_audit else {}),
        }
    )
    if kept:
        yield (
            f"{_many(kept, 'old job')} stayed: something is still to be done for them, or was given up "
            "within the time that you named (see caption-bot db status)."
        )
    if not rule.with_files:
        yield "Jobs that left caption files behind are kept; --files forgets them too."
    if sqlite and gone.total and not dry_run:
        yield "The file keeps its size; the room is used again before it grows."


def moved(result: Moved, *, source: str, target: str) -> Iterator[str]:
    """Describe a move, and say what to do next."""
    yield f"Moved {_many(sum(result.rows.values()), 'row')} to {target}; every row was compared."
    yield from _table(result.rows)
    if result.in_flight:
        yield (
            f"{_many(result.in_flight, 'request')} may have been under way when the bot stopped: "
            "it asks Slack and Mux about them before anything is sent again."
        )
    yield ""
    yield "Now change one line and start the bot, as many of it as you like:"
    yield f"  DATABASE_URL={target}" + ("   (with the password for ***)" if "***" in target else "")
    yield (
        f"Keep {source} as a backup, but do not start a bot on it again: "
        "it knows nothing of what happens from now on, and would repeat it."
    )


def size(count: int) -> str:
    """Write a number of bytes for people."""
    value, unit = float(count), 0
    while value >= _STEP and unit < len(_UNITS) - 1:
        value, unit = value / _STEP, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if unit else f"{count} B"


def span(seconds: float) -> str:
    """Write a span of time for people, in its largest unit."""
    for unit, length in (("d", _DAY_SECONDS), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def _schema(found: Status) -> str:
    if found.schema == found.schema_of_code:
        return f"{found.schema} (the newest that this version knows)"
    if found.schema is None:
        return f"none yet; the bot makes {found.schema_of_code} when it first runs"
    if found.schema < found.schema_of_code:
        return f"{found.schema}; the bot brings it to {found.schema_of_code} when it next starts"
    return (
        f"{found.schema}, newer than {found.schema_of_code}, which this version knows: install the newer one"
    )


def _pending(pending: Pending, now: float) -> Iterator[str]:
    yield "Pending"
    yield from _table({"events to apply": pending.inbox_new, **pending.effects_open})
    if pending.oldest_due_at is not None:
        wait = pending.oldest_due_at - now
        yield f"  The earliest is due in {span(wait)}." if wait >= 0 else f"  The oldest waits {span(-wait)}."
    if pending.inbox_dead:
        yield (
            f"  {_many(pending.inbox_dead, 'event')} could not be applied; "
            "the bot asks Mux about those jobs instead."
        )
    lists = (
        (
            "Held back by rate limits",
            pending.throttled_count,
            [f"{lane.lane}  for {span(lane.until_at - now)}" for lane in pending.throttled],
        ),
        (
            "Given up",
            pending.given_up_count,
            [f"{one.key}  {one.kind} to {one.target or 'Mux'}: {one.error}" for one in pending.given_up],
        ),
        (
            "Channels that refuse posts",
            pending.parked_count,
            [f"{one.channel_id} in {one.team_id}: {one.reason}" for one in pending.parked],
        ),
    )
    for title, count, lines in lists:
        yield from _list(title, count, lines)


def _list(title: str, count: int, lines: list[str]) -> Iterator[str]:
    yield ""
    yield f"{title}: {count or 'none'}"
    yield from (f"  {line}" for line in lines)
    if count > len(lines):
        yield f"  ... and {count - len(lines)} more (--limit {count})"


def _pairs(values: dict[str, str]) -> Iterator[str]:
    yield from (f"{name:<8}{value}" for name, value in values.items())


def _table(counts: dict[str, int]) -> Iterator[str]:
    if not counts:
        yield "  none"
        return
    width = max(len(name) for name in counts)
    yield from (f"  {name:<{width}}  {count:>9,}" for name, count in counts.items())


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
