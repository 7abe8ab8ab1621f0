"""Where a store is, in words for an operator: no password, and no traceback when it does not answer."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from bot.errors import OperatorError, StoreError

_MASK: Final = "***"
_FORMS: Final = "sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER@HOST/DATABASE"


def parse(url: str) -> URL:
    """Return the URL in parts.

    Raises:
        OperatorError: it is no URL of an engine that Caption Bot works on. The URL itself is not quoted,
            since a malformed one cannot be masked.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise OperatorError(f"the database's URL cannot be read; write {_FORMS}") from None
    if parsed.drivername not in {"sqlite+aiosqlite", "postgresql+asyncpg"}:
        raise OperatorError(f"databases of the kind {parsed.drivername} are not supported; write {_FORMS}")
    return parsed


def masked(url: str) -> str:
    """Return the URL with every password in it replaced by asterisks."""
    parsed = make_url(url)
    query = {name: _MASK if "pass" in name.lower() else value for name, value in parsed.query.items()}
    return parsed.set(query=query).render_as_string(hide_password=True).replace("%2A%2A%2A", _MASK)


def existing_file(url: str) -> Path:
    """Return the file of an SQLite store.

    Raises:
        OperatorError: there is no such file, or the store lives in memory only.
    """
    name = parse(url).database
    if name in {None, "", ":memory:"}:
        raise OperatorError("this store lives in memory only; set DATABASE_URL to a file")
    path = Path(str(name))
    if not path.is_file():
        raise OperatorError(
            f"there is no database at {path.absolute()}: the bot makes it when it first runs; "
            "if it is somewhere else, set DATABASE_URL or run this in the bot's folder"
        )
    return path


@contextmanager
def told_in_words(url: str) -> Iterator[None]:
    """Turn what the drivers raise into a sentence that names the place.

    Raises:
        StoreError: when the database failed; statements and their parameters are left out, since they may
            hold what people wrote.
        OperatorError: when the driver is not installed.
    """
    try:
        yield
    except (DBAPIError, sqlite3.Error, OSError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        # The asyncpg dialect puts the class of the wrapped error in front of its message.
        reason = str(cause).rpartition(">: ")[2] or type(cause).__name__
        raise StoreError(f"the database at {masked(url)} does not work: {reason}") from None
    except ModuleNotFoundError as error:
        if error.name != "asyncpg":
            raise
        raise OperatorError(
            "PostgreSQL needs a driver that is not installed: pip install 'caption-bot[postgres]'"
        ) from None
    except TypeError as error:
        # What a URL says after its "?" becomes arguments of asyncpg.connect, which checks them by name.
        if not parse(url).query or "keyword argument" not in str(error):
            raise
        raise OperatorError(
            f"an option in {masked(url)} is not known to asyncpg ({error}); TLS, for one, is ssl=require"
        ) from None
