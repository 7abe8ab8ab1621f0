"""What an installation of the bot takes."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Final

from packaging.requirements import Requirement

_BOT: Final = "caption-bot"
_MB: Final = 1_000_000


def installed() -> dict[str, float]:
    """Return how many packages the bot needs, itself included, and how many MB their files take."""
    found: dict[str, Distribution] = {}
    _collect(_BOT, frozenset(), found)
    files = [file.locate() for each in found.values() for file in each.files or ()]
    size = sum(file.stat().st_size for file in files if file.is_file())  # type: ignore[attr-defined]
    return {"packages": len(found), "mb": size / _MB}


def _collect(name: str, extras: frozenset[str], found: dict[str, Distribution]) -> None:
    try:
        found[_normal(name)] = package = distribution(name)
    except PackageNotFoundError:
        return
    for line in package.requires or ():
        wanted = Requirement(line)
        asked = (wanted.marker is None) or any(
            wanted.marker.evaluate({"extra": extra}) for extra in (extras or {""})
        )
        if asked and _normal(wanted.name) not in found:
            _collect(wanted.name, frozenset(wanted.extras), found)


# https://packaging.python.org/en/latest/specifications/name-normalization/
def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
