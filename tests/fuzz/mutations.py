"""What goes wrong with a request on its way, or is done to it on purpose."""

from __future__ import annotations

import copy
import json
import random
from typing import Any, Final

NASTY: Final[tuple[Any, ...]] = (
    None,
    True,
    0,
    -1,
    2**63,
    1e308,
    "",
    " ",
    "\x00",
    "\u202e",
    "\ud7ff",
    "a" * 5_000,
    "<!channel>",
    "<script>alert(1)</script>",
    "../../../../etc/passwd",
    "%00%0d%0aSet-Cookie: a=b",
    "\r\nx-injected: yes",
    "payload",
    "payload={}",
    "'; DROP TABLE job; --",
    "{{7*7}}",
    "\N{ZERO WIDTH SPACE}",
    "\U0001d4b8\U0001d4b6\U0001d4c5",
    [],
    {},
    [[[[[]]]]],
    {"id": {"id": {"id": None}}},
    ["a", 1, None],
)

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")

CONTENT_TYPES: Final = (
    "application/json",
    "application/json; charset=utf-16",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/xml",
    "application/octet-stream",
    "",
    "a" * 300,
)


def nasty(chance: random.Random) -> Any:
    """Return something that nobody expects."""
    return copy.deepcopy(chance.choice(NASTY))


def deform(value: Any, chance: random.Random) -> Any:
    """Return a copy of `value` in which a few places hold something else, or nothing any more."""
    value = copy.deepcopy(value)
    for _ in range(chance.randint(1, 4)):
        place, key = _place(value, chance)
        if place is None:
            return nasty(chance)
        if isinstance(place, dict) and chance.random() < 0.25:
            del place[key]
        else:
            place[key] = nasty(chance)
    return value


def _place(value: Any, chance: random.Random) -> tuple[Any, Any]:
    """Return a random container inside `value` and one of its keys."""
    places: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            places.extend((each, key) for key in each)
            waiting.extend(each.values())
        elif isinstance(each, list):
            places.extend((each, index) for index in range(len(each)))
            waiting.extend(each)
    return chance.choice(places) if places else (None, None)


def scramble(raw: bytes, chance: random.Random) -> bytes:
    """Return `raw` cut, doubled, or with some bytes changed."""
    match chance.randint(0, 4):
        case 0:
            return raw[: chance.randint(0, len(raw))]
        case 1:
            return raw + raw
        case 2:
            return bytes(chance.randrange(256) for _ in range(chance.randint(0, 400)))
        case 3:
            changed = bytearray(raw)
            for _ in range(min(len(changed), chance.randint(1, 8))):
                changed[chance.randrange(len(changed))] = chance.randrange(256)
            return bytes(changed)
        case _:
            return (
                json.dumps(_deep(chance.choice((10, 100, 5_000)))).encode() if chance.random() < 0.5 else raw
            )


def _deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(min(levels, 900)):
        value = [value]
    return value
