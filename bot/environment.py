"""What stands in the environment and in a .env file."""

from __future__ import annotations

import os
from collections.abc import Container, Mapping
from pathlib import Path


def given(names: Container[str], env_file: Path | None) -> dict[str, str]:
    """Return what is given for `names`, which are in lower case; the environment wins over the file.

    Names may be written in any case, what is empty is not given, and a file need not be there.

    Raises:
        OSError: when the file cannot be read.
        UnicodeDecodeError: when it is no text in UTF-8.
    """
    found = {**_of_file(env_file), **_filled(os.environ)}
    return {name: value for name, value in found.items() if name in names}


def _of_file(path: Path | None) -> dict[str, str]:
    path = None if path is None else path.expanduser()
    if path is None or not (path.is_file() or path.is_fifo()):
        return {}
    from dotenv import dotenv_values

    return _filled(dotenv_values(path, encoding="utf-8"))


def _filled(values: Mapping[str, str | None]) -> dict[str, str]:
    return {name.lower(): value for name, value in values.items() if value}
