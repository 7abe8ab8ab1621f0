"""Takes a store from an SQLite file to PostgreSQL: everything, compared row by row, or nothing."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    Connection,
    NullPool,
    Select,
    Table,
    create_engine,
    func,
    insert,
    inspect,
    literal_column,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError

from bot.clock import Clock
from bot.errors import OperatorError, StoreError
from bot.store import effects, engines, lanes, migrate, places, reading
from bot.store.filelock import FileLock
from bot.store.schema import metadata
from bot.store.tx import Tx

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

BATCH: Final = 1000
"""How many rows are read, and sent, at a time."""

_MODULUS: Final = 1 << 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What arrived: rows by table, and how many effects were in flight when the bot last stopped."""

    rows: dict[str, int]
    in_flight: int


@dataclass(frozen=True, slots=True)
class _Sum:
    """A table's rows and the sum of their hashes, which does not depend on their order."""

    count: int
    digest: int


async def move(source_url: str, target_url: str, clock: Clock) -> Moved:
    """Copy every table to PostgreSQL in one transaction; the SQLite file keeps its rows.

    Both are brought to this code's schema first. The target must be empty, or hold our tables without a row.

    Raises:
        StoreInUse: the bot is running on the SQLite file.
        OperatorError: the target is not empty, does not answer, or what arrived differs from what was sent;
            then nothing was written but the empty tables.
    """
    if places.parse(source_url).get_backend_name() != "sqlite":
        raise OperatorError(
            f"{places.masked(source_url)} is not SQLite; one PostgreSQL is moved to another "
            "with pg_dump and pg_restore"
        )
    if places.parse(target_url).get_backend_name() != "postgresql":
        raise OperatorError("a store moves to PostgreSQL only; write --to postgresql+asyncpg://...")
    path = places.existing_file(source_url)
    lock = FileLock(path)
    lock.acquire()
    try:
        await _upgrade_source(source_url)
        with places.told_in_words(target_url):
            engine = engines.create(target_url)
            try:
                return await _fill(engine, path, clock)
            finally:
                await engine.dispose()
    finally:
        lock.release()


async def _upgrade_source(url: str) -> None:
    with places.told_in_words(url):
        engine = engines.create(url)
        try:
            await migrate.upgrade(engine)
        finally:
            await engine.dispose()


async def _fill(target: AsyncEngine, path: Path, clock: Clock) -> Moved:
    async with target.connect() as conn:
        await conn.run_sync(_refuse_strangers)
    await migrate.upgrade(target)
    source = create_engine("sqlite://", creator=lambda: reading.connect_read_only(path), poolclass=NullPool)
    with source.connect() as read:
        async with target.begin() as write:
            return await write.run_sync(_copy_all, read, clock.now())


def _refuse_strangers(conn: Connection) -> None:
    tables = inspect(conn).get_table_names()
    if tables and "alembic_version" not in tables:
        raise OperatorError(
            f"the target holds tables that are not Caption Bot's ({', '.join(sorted(tables)[:5])}); "
            "make a database of its own for it: CREATE DATABASE captions"
        )


def _copy_all(write: Connection, read: Connection, now: float) -> Moved:
    tables = metadata.sorted_tables
    # Nobody else can add a row until the commit, not even a replica that was started too early.
    names = ", ".join(map(write.dialect.identifier_preparer.format_table, tables))
    write.execute(text(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"))
    _refuse_rows(write, tables)
    rows = {table.name: _copy(write, read, table) for table in tables}
    for table in tables:
        _continue_sequence(write, table)
    tx = Tx(write, now)
    in_flight = lanes.clear_leases(tx)
    effects.suspect_all(tx, in_flight)
    return Moved(rows=rows, in_flight=len(in_flight))


def _refuse_rows(write: Connection, tables: list[Table]) -> None:
    filled = [
        table.name
        for table in tables
        if write.execute(select(literal_column("1")).select_from(table).limit(1)).first()
    ]
    if filled:
        raise OperatorError(
            f"the target holds rows already, in {', '.join(filled)}: a bot has worked on it, or a store was "
            "moved there before; nothing was changed. Name an empty database"
        )


def _copy(write: Connection, read: Connection, table: Table) -> int:
    sent = _Sum(0, 0)
    try:
        for batch in read.execute(_in_order(table)).partitions(BATCH):
            write.execute(insert(table), [dict(row._mapping) for row in batch])  # noqa: SLF001 - SQLAlchemy's public name for it
            sent = _add(sent, [tuple(row) for row in batch])
    except DBAPIError as error:
        raise StoreError(f"a row of {table.name} could not be moved, so nothing was: {error.orig}") from None
    arrived = _Sum(0, 0)
    with closing(write.execute(select(table).execution_options(yield_per=BATCH))) as result:
        for batch in result.partitions():
            arrived = _add(arrived, [tuple(row) for row in batch])
    if arrived != sent:
        raise StoreError(
            f"{table.name} arrived with {arrived.count} rows of {sent.count}, or with other values, "
            "so nothing was moved; keep the SQLite file and report this"
        )
    return sent.count


def _in_order(table: Table) -> Select[Any]:
    return select(table).order_by(*table.primary_key.columns)


def _add(so_far: _Sum, rows: list[tuple[Any, ...]]) -> _Sum:
    digest = so_far.digest
    for row in rows:
        digest += int.from_bytes(blake2b(repr(row).encode(), digest_size=16).digest())
    return _Sum(so_far.count + len(rows), digest % _MODULUS)


def _continue_sequence(write: Connection, table: Table) -> None:
    column = table.autoincrement_column
    if column is None:
        return
    highest = write.execute(select(func.max(column))).scalar_one()
    if highest is not None:
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        write.execute(select(func.setval(sequence, highest)))
