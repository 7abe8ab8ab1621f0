"""Reads values out of JSON that somebody else wrote: what is absent or odd becomes a default. No I/O."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NoReturn

from bot.errors import CaptionBotError

MAX_BYTES: Final = 2_000_000
MAX_DEPTH: Final = 64

_ID: Final = re.compile(r"[A-Za-z0-9][\x21-\x7e]{0,254}")
# Beyond this a "time" is no number of seconds that a calendar or a database could hold.
_LATEST_AT: Final = 1e11
_LARGEST_COUNT: Final = 2**53
_NO_MAPPING: Final[Mapping[str, Any]] = {}


class Malformed(CaptionBotError):
    """Something from Mux cannot be read; `reason` is one stable word for logs and metrics."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Mux sent something that cannot be read: {reason}")
        self.reason = reason


def parse(raw: bytes) -> dict[str, Any]:
    """Return the JSON object in `raw`, at most `MAX_BYTES` long and `MAX_DEPTH` deep.

    Raises:
        Malformed: `too_large`, `not_utf8`, `not_json`, `too_deep` or `not_an_object`.
    """
    if len(raw) > MAX_BYTES:
        raise Malformed("too_large")
    try:
        parsed = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise Malformed("not_utf8") from error
    except RecursionError:
        # The chain would print thousands of frames and tell nothing.
        raise Malformed("too_deep") from None
    except ValueError as error:
        raise Malformed("not_json") from error
    if _is_too_deep(raw, parsed):
        raise Malformed("too_deep")
    if not isinstance(parsed, dict):
        raise Malformed("not_an_object")
    return parsed


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _is_too_deep(raw: bytes, parsed: Any) -> bool:
    # Nearly every body has fewer brackets than levels allowed, and then there is nothing to walk.
    if raw.count(b"{") + raw.count(b"[") <= MAX_DEPTH:
        return False
    level = [parsed]
    for _ in range(MAX_DEPTH + 1):
        level = [child for value in level for child in _children(value)]
        if not level:
            return False
    return True


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def mapping(value: Any) -> Mapping[str, Any]:
    """Return `value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else _NO_MAPPING


def mappings(value: Any) -> list[Mapping[str, Any]]:
    """Return the objects in `value` if it is an array, else nothing."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def text(value: Any, *, limit: int = 4_000) -> str:
    """Return `value` if it is a string, in a form that every database and every socket accepts.

    Lone surrogates and NUL characters, which JSON can smuggle in, are replaced or dropped; what is longer
    than `limit` characters is cut.
    """
    if not isinstance(value, str):
        return ""
    if value.isascii():
        return value.replace("\0", "")[:limit]
    return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "")[:limit]


def link(value: Any) -> str | None:
    """Return `value` if it is an http(s) URL; a URL is never cut, since a cut one leads nowhere."""
    url = text(value, limit=8_192)
    return url if url == value and url.startswith(("https://", "http://")) else None


def identifier(value: Any) -> str | None:
    """Return `value` if it can be an id: 1 to 255 printable ASCII characters without spaces."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def count(value: Any) -> int:
    """Return `value` as a whole number from 0 on; anything else is 0."""
    number = _number(value)
    return 0 if number is None else int(min(max(number, 0), _LARGEST_COUNT))


def share(value: Any) -> float | None:
    """Return `value` if it is a number from 0 to 1."""
    number = _number(value)
    return None if number is None or not 0 <= number <= 1 else float(number)


def moment(value: Any) -> float | None:
    """Return a time as seconds since the epoch.

    Robots sends whole seconds, assets send the same as a string, and webhooks send ISO 8601.
    """
    if isinstance(value, str):
        return _moment_in_words(value)
    number = _number(value)
    return None if number is None or not 0 < number < _LATEST_AT else float(number)


def _number(value: Any) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if isinstance(value, int) or math.isfinite(value) else None


def _moment_in_words(words: str) -> float | None:
    if words.isascii() and words.isdigit() and len(words) <= len("99999999999"):
        return float(words) or None
    try:
        then = datetime.fromisoformat(words[:64])
        at = (then if then.tzinfo else then.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
    return at if at > 0 else None
