"""What a plain installation brings: a package more is a decision, and not an accident."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

PINNED: Final = Path(__file__).parents[1] / "requirements" / "run.txt"

# What a plain installation is built with, and Windows alone needs.
BUILD: Final = {"editables", "hatchling", "packaging", "pathspec", "pluggy", "tomlkit", "trove-classifiers"}

OURS: Final = {
    "aiohttp",
    "aiosqlite",
    "alembic",
    "click",
    "cryptography",
    "httptools",
    "httpx",
    "langcodes",
    "pillow",
    "prometheus-client",
    "pydantic",
    "python-dotenv",
    "slack-bolt",
    "slack-sdk",
    "sniffio",
    "sqlalchemy",
    "starlette",
    "structlog",
    "uvicorn",
    "uvloop",
    "websockets",
    "yarl",
}
THEIRS: Final = {
    "aiohttp": {"aiohappyeyeballs", "aiosignal", "attrs", "frozenlist", "multidict", "propcache"},
    "alembic": {"mako", "markupsafe"},
    "cryptography": {"cffi", "pycparser"},
    "httpx": {"certifi", "h11", "httpcore", "idna"},
    "pydantic": {"annotated-types", "pydantic-core", "typing-extensions", "typing-inspection"},
    "starlette": {"anyio"},
}


def test_an_installation_brings_these_packages_and_no_others():
    pinned = set(re.findall(r"^([a-z0-9-]+)==", PINNED.read_text(), re.MULTILINE))

    assert pinned - BUILD == OURS.union(*THEIRS.values())
