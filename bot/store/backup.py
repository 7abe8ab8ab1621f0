"""A copy of an SQLite store, made while the bot works on it."""

from __future__ import annotations

import os
import shlex
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import URL, NullPool, and_, create_engine, func, text, update

from bot.errors import OperatorError, StoreError
from bot.rules.effects import IDEMPOTENT
from bot.store import migrate, places, reading, status
from bot.store.schema import HEAD, effect

_BESIDE: Final = ("", "-wal", "-shm", "-journal", ".lock")


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A finished copy. `asked_first` counts the effects that a store restored from it verifies."""

    path: Path
    size_bytes: int
    rows: dict[str, int]
    asked_first: int


def back_up(url: str, target: Path, *, now: float, force: bool = False) -> Backup:
    """Copy the store to `target`, checked and on disk before the name appears; blocks until it is done.

    What had not been sent at this moment is marked in the copy as perhaps sent: by the time that somebody
    restores it, it was. A restored store then asks Mux and Slack before it repeats anything.

    Raises:
        OperatorError: `target` exists already, cannot be written or is the store itself; the store is on
            PostgreSQL, whose own tool is named; the copy is damaged.
    """
    if places.parse(url).get_backend_name() != "sqlite":
        raise OperatorError(f"PostgreSQL has its own tool for this: {pg_dump(url, target)}")
    source = places.existing_file(url)
    _check_target(source, target, force=force)
    with places.told_in_words(url):
        part = _empty_file(target)
        try:
            _copy(source, part)
            asked_first, rows = _prepare(part, now)
            _check(part)
            _publish(part, target)
        finally:
            part.unlink(missing_ok=True)
    return Backup(path=target, size_bytes=target.stat().st_size, rows=rows, asked_first=asked_first)


def pg_dump(url: str, target: Path) -> str:
    """Return the command for a PostgreSQL store; its password comes from PGPASSWORD or ~/.pgpass."""
    parsed = places.parse(url)
    plain = URL.create(
        "postgresql", parsed.username, host=parsed.host, port=parsed.port, database=parsed.database
    ).render_as_string()
    return shlex.join(["pg_dump", "--format=custom", f"--file={target}", f"--dbname={plain}"])


def _check_target(source: Path, target: Path, *, force: bool) -> None:
    if not target.parent.is_dir():
        raise OperatorError(f"the folder {target.parent.absolute()} does not exist; make it first")
    if target.resolve() in {source.resolve().with_name(source.resolve().name + end) for end in _BESIDE}:
        raise OperatorError(f"{target} belongs to the store itself; give the backup another name")
    if target.is_dir():
        raise OperatorError(f"{target} is a folder; name a file in it")
    if target.exists() and not force:
        raise OperatorError(f"{target} exists already; give another name, or --force to replace it")


def _empty_file(target: Path) -> Path:
    # Only its owner may read it: a store holds what people wrote. The name is not yet the backup's.
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    except OSError as error:
        raise OperatorError(
            f"nothing can be written in {target.parent.absolute()} ({error.strerror}); choose another folder"
        ) from None
    os.close(descriptor)
    return Path(name)


def _copy(source: Path, part: Path) -> None:
    # Needs no more than the right to read the source, and takes one consistent snapshot of it.
    # https://www.sqlite.org/lang_vacuum.html#vacuuminto
    with closing(reading.connect_read_only(source)) as connection:
        try:
            connection.execute("VACUUM INTO ?", (str(part),))
        except sqlite3.Error as error:
            raise StoreError(
                f"the copy failed ({error}); is there room for {source.stat().st_size:,} bytes "
                f"in {part.parent.absolute()}?"
            ) from None


def _prepare(part: Path, now: float) -> tuple[int, dict[str, int]]:
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(part), poolclass=NullPool)
    with engine.begin() as conn:
        rows = status.rows(conn)
        if migrate.version(conn) != HEAD:
            return 0, rows
        unsent = and_(
            text("state = 0 AND have < want"),
            effect.c.ext_id.is_(None),
            effect.c.maybe_sent_at.is_(None),
            effect.c.kind.not_in([kind.value for kind in IDEMPOTENT]),
        )
        first = func.coalesce(effect.c.first_sent_at, now)
        marked = conn.execute(
            update(effect).where(unsent).values(maybe_sent_at=now, first_sent_at=first, suspect=1)
        ).rowcount
        return marked, rows


def _check(part: Path) -> None:
    with closing(reading.connect_read_only(part)) as connection:
        problems = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(5)")]
        orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
    if problems != ["ok"] or orphans:
        found = "; ".join(problems) if problems != ["ok"] else f"{len(orphans)} rows without their job"
        raise StoreError(f"the copy is damaged, so it was thrown away, and the store may be too: {found}")


def _publish(part: Path, target: Path) -> None:
    for path in (part, None):
        descriptor = os.open(path or target.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if path is not None:
            path.replace(target)
