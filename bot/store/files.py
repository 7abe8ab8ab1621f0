"""The files that jobs leave behind, kept for as long as their jobs are.

A file has a kind and a version. New content of a kind gets the next version, and the old one stays.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, func, insert, select

from bot.errors import BotError
from bot.store.schema import file
from bot.store.tx import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A file ready to be stored; made by `pack`, outside of a transaction, because packing takes time.

    `alt` says in words what a picture shows.
    """

    kind: str
    name: str
    media_type: str
    size: int
    sha256: str
    packed: bytes
    alt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file without its content. `size` is in bytes, `sha256` in hexadecimal; `job_id` is the row's id."""

    id: int
    job_id: int
    kind: str
    version: int
    name: str
    media_type: str
    size: int
    sha256: str
    created_at: float
    alt: str = ""


_HEAD: Final = (
    file.c.id,
    file.c.job_id,
    file.c.kind,
    file.c.version,
    file.c.name,
    file.c.media_type,
    file.c.size,
    file.c.sha256,
    file.c.created_at,
    file.c.alt,
)
_GET: Final = select(*_HEAD).where(file.c.id == bindparam("file_id"))
_CONTENT: Final = select(file.c.content, file.c.sha256).where(file.c.id == bindparam("file_id"))
_NEWEST: Final = (
    select(*_HEAD)
    .where(file.c.job_id == bindparam("job"), file.c.kind == bindparam("of_kind"))
    .order_by(file.c.version.desc())
    .limit(1)
)
_ALL: Final = select(*_HEAD).where(file.c.job_id == bindparam("job")).order_by(file.c.kind, file.c.version)
_COUNT: Final = select(func.count()).select_from(file).where(file.c.job_id == bindparam("job"))
_ADD: Final = insert(file).returning(file.c.id)


def pack(*, kind: str, name: str, media_type: str, content: bytes, alt: str = "") -> Packed:
    """Return a file compressed and hashed, ready for `put`."""
    return Packed(
        kind=kind,
        name=name,
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        packed=zlib.compress(content, 6),
        alt=alt,
    )


def put(tx: Tx, job_id: int, new: Packed) -> StoredFile:
    """Keep a file of a job, whose row must be locked, and return it.

    The same content as the newest version of its kind changes nothing; other content is the next version.
    """
    known = newest(tx, job_id, new.kind)
    if known is not None and known.sha256 == new.sha256:
        return known
    values: dict[str, Any] = {
        "job_id": job_id,
        "kind": new.kind,
        "version": 1 if known is None else known.version + 1,
        "name": new.name,
        "media_type": new.media_type,
        "size": new.size,
        "sha256": new.sha256,
        "created_at": tx.now,
        "alt": new.alt,
    }
    return StoredFile(id=tx.run(_ADD, **values, content=new.packed).value(), **values)


def get(tx: Tx, file_id: int) -> StoredFile | None:
    """Return a file by its id."""
    row = tx.run(_GET, file_id=file_id).one_or_none()
    return None if row is None else _read(row)


def newest(tx: Tx, job_id: int, kind: str) -> StoredFile | None:
    """Return the newest version of a kind of file, None when the job has none."""
    row = tx.run(_NEWEST, job=job_id, of_kind=kind).one_or_none()
    return None if row is None else _read(row)


def listed(tx: Tx, job_id: int, *, all_versions: bool = False) -> list[StoredFile]:
    """Return a job's files by kind and version: the newest version of each kind, or every one."""
    found = [_read(row) for row in tx.run(_ALL, job=job_id)]
    return found if all_versions else list({each.kind: each for each in found}.values())


def count(tx: Tx, job_id: int) -> int:
    """Return how many files a job has, every version counted."""
    return int(tx.run(_COUNT, job=job_id).value())


def content(tx: Tx, file_id: int) -> bytes | None:
    """Return a file's bytes, None when there is no such file.

    Raises:
        BotError: What is stored is not what was put there.
    """
    row = tx.run(_CONTENT, file_id=file_id).one_or_none()
    if row is None:
        return None
    plain = zlib.decompress(row.content)
    if hashlib.sha256(plain).hexdigest() != row.sha256:
        raise BotError(f"file {file_id} does not hold what was stored")
    return plain


def _read(row: Any) -> StoredFile:
    return StoredFile(
        id=row.id,
        job_id=row.job_id,
        kind=row.kind,
        version=row.version,
        name=row.name,
        media_type=row.media_type,
        size=row.size,
        sha256=row.sha256,
        created_at=row.created_at,
        alt=row.alt,
    )
