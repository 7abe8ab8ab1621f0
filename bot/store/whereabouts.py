"""Where a store lies and who works on it, found out without touching it."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.errors import OperatorError
from bot.store import filesystem, places

LOCKS: Final = Path("/proc/locks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """What is known of the place of a database.

    `shown` is its URL without a password. The rest is about the file of an SQLite store: `folder` is None
    for a server. `objection` says why SQLite must not lie there. `held_by` is the process that works on the
    file, None when there is none or the system does not tell.
    """

    shown: str
    folder: Path | None = None
    exists: bool = False
    writable: bool = False
    free_bytes: int = 0
    objection: str = ""
    held_by: int | None = None


def find(url: str, *, locks: Path = LOCKS) -> Whereabouts:
    """Look where the database of a URL lies.

    Raises:
        OperatorError: it is no URL of an engine that Caption Bot works on.
    """
    parsed = places.parse(url)
    shown = places.masked(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in {None, "", ":memory:"}:
        return Whereabouts(shown=shown, exists=True, writable=True)
    path = Path(str(parsed.database)).absolute()
    if not path.parent.is_dir():
        return Whereabouts(shown=shown, folder=path.parent)
    exists = path.is_file()
    return Whereabouts(
        shown=shown,
        folder=path.parent,
        exists=exists,
        # The write-ahead log and the lock lie beside the file, so the folder has to be writable as well.
        writable=os.access(path.parent, os.W_OK) and (not exists or os.access(path, os.W_OK)),
        free_bytes=shutil.disk_usage(path.parent).free,
        objection=_objection(path),
        held_by=_holder(path.with_name(f"{path.name}.lock"), locks),
    )


def _objection(path: Path) -> str:
    try:
        filesystem.refuse_network(path)
    except OperatorError as error:
        return str(error)
    return ""


def _holder(lock: Path, locks: Path) -> int | None:
    """Return who holds a lock; to try it would keep a bot from starting that begins at this very moment."""
    # https://man7.org/linux/man-pages/man5/proc_locks.5.html
    try:
        inode = lock.stat().st_ino
        lines = locks.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:
        words = line.split()
        if len(words) > 5 and words[1] == "FLOCK" and words[5].rpartition(":")[2] == str(inode):  # noqa: PLR2004 - its columns
            return int(words[4])
    return None
