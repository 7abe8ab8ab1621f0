"""Keeps a start short and a long life small: what is imported by the way, and when garbage is collected."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

UNUSED: Final = ("pygments", "rich")
"""What a server's libraries would take if it is there, and a server has no use for."""


# SQLite gives the interpreter's lock away with every statement, several times in a transaction, and would
# wait for the event loop up to Python's 5 ms each time to have it back.
_TURN_SECONDS: Final = 0.0005


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Let imports in the body find no packages of these names, unless they are imported already.

    structlog and httpx import rich for tracebacks and a command line that a server never shows, which is
    8 MB and an eighth of the time of a start.
    """
    hidden = [name for name in names if name not in sys.modules]
    # None is how Python itself notes that a module is not to be imported.
    # https://docs.python.org/3/reference/import.html#the-module-cache
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # typeshed leaves None out
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no garbage in the body, or until `settle`.

    A start makes two hundred thousand objects that stay and two thousand that do not, and the collector
    would go through all of them 280 times: a fifth of the time of a start.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def settle() -> None:
    """Prepare for a long life: what exists now is never collected, what comes is, and threads take turns."""
    gc.freeze()
    gc.enable()
    sys.setswitchinterval(_TURN_SECONDS)
