"""What Mux says of uploads: places where a file's bytes become an asset. Performs no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from bot.mux.reading import Malformed, identifier, link, mapping, text
from bot.rules.text import plain

WAITING: Final = "waiting"
ASSET_CREATED: Final = "asset_created"

# https://www.mux.com/docs/api-reference/video/direct-uploads
_LONGEST_TITLE: Final = 512
_LIFE_SECONDS: Final = 86_400
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MuxUpload:
    """A place for one file's bytes: `url` is a secret, `status` Mux's word, `said` why it failed."""

    id: str
    status: str
    url: str = ""
    asset_id: str = ""
    said: str = ""


def upload_body(title: str, passthrough: str) -> dict[str, Any]:
    """Return what asks Mux for a place whose file becomes a public asset of that title."""
    return {
        "timeout": _LIFE_SECONDS,
        "new_asset_settings": {
            "playback_policies": ["public"],
            "passthrough": passthrough,
            "meta": {"title": plain(title)[:_LONGEST_TITLE]},
        },
    }


def read_upload(data: Mapping[str, Any]) -> MuxUpload:
    """Read an upload; what Mux left out is empty.

    Raises:
        Malformed: `no_id`.
    """
    upload_id = identifier(data.get("id"))
    if upload_id is None:
        raise Malformed("no_id")
    return MuxUpload(
        id=upload_id,
        status=text(data.get("status"), limit=64),
        url=link(data.get("url")) or "",
        asset_id=identifier(data.get("asset_id")) or "",
        said=text(mapping(data.get("error")).get("message"), limit=500),
    )


def is_safe(url: str) -> bool:
    """Say whether bytes may be sent there: over TLS, or on this machine, where a local Mux runs."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (parts.scheme == "https" or parts.hostname in _LOOPBACK)
    except ValueError:
        return False
