"""One process per SQLite file: holding the lock proves that the predecessor is dead."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from bot.errors import OperatorError


class StoreInUse(OperatorError):
    """Another process works on this SQLite file."""


class FileLock:
    """An advisory lock on `<database file>.lock`; does nothing for a database without a file."""

    def __init__(self, database: Path | None) -> None:
        self._path = None if database is None else database.with_name(database.name + ".lock")
        self._fd: int | None = None

    def acquire(self) -> None:
        """Take the lock or fail at once.

        Raises:
            StoreInUse: another process holds it.
            OperatorError: the folder cannot be written.
        """
        if self._path is None:
            return
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise OperatorError(
                f"{self._path} cannot be created ({error.strerror}); "
                "set DATABASE_URL to a file in a folder that exists and can be written"
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise StoreInUse(
                f"another process already works on {self._path.with_suffix('')}; "
                "set DATABASE_URL=postgresql+asyncpg://... to run more than one"
            ) from error
        self._fd = descriptor

    def release(self) -> None:
        """Give the lock back; the file stays, since deleting it would race with the next process."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
