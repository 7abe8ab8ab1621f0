"""Our own links to files: signed, expiring, and good for one file each.

A link is a bearer link, like Mux's own: whoever has it may read the file until it ends.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import struct
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from bot.store import files, records
from bot.store.files import StoredFile
from bot.store.tx import Tx

ROUTE: Final = "/files"
LIFE_SECONDS: Final = 7 * 86_400.0
"""How long a link in a message is good: as long as Mux's own."""

_KEY_NAME: Final = "download_key"
_KEY_BYTES: Final = 32
# The first byte is a version, so that another layout can follow.
_LAYOUT: Final = struct.Struct(">BQQ")
_VERSION: Final = 1
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A file that a link leads to; `content` is None when the link has ended, and `file` when it is gone."""

    file: StoredFile | None
    content: bytes | None = None
    expired: bool = False


def key(tx: Tx) -> bytes:
    """Return the key that links are signed with; the first call makes it."""
    return bytes.fromhex(records.remembered(tx, _KEY_NAME, secrets.token_hex(_KEY_BYTES)))


def link(signing_key: bytes, base_url: str, file: StoredFile, *, expires_at: float) -> str:
    """Return the address of a file under `base_url` (PUBLIC_URL) until `expires_at`, seconds since the epoch.

    The name at its end is for people; it is not signed, and nothing depends on it.
    """
    token = sign(signing_key, file.id, expires_at)
    return f"{base_url.rstrip('/')}{ROUTE}/{token}/{quote(file.name, safe='')}"


def sign(signing_key: bytes, file_id: int, expires_at: float) -> str:
    """Return the token that stands for one file until then."""
    body = _LAYOUT.pack(_VERSION, file_id, int(expires_at))
    return base64.urlsafe_b64encode(body + _seal(signing_key, body)).decode().rstrip("=")


def opened(tx: Tx, token: str) -> Wanted | None:
    """Return what a token stands for, None when it is none of ours."""
    read = _read(key(tx), token)
    if read is None:
        return None
    file_id, expires_at = read
    if tx.now >= expires_at:
        return Wanted(file=None, expired=True)
    file = files.get(tx, file_id)
    return Wanted(file=file, content=None if file is None else files.content(tx, file_id))


def _read(signing_key: bytes, token: str) -> tuple[int, int] | None:
    if not token.isascii() or len(token) > _LONGEST:
        return None
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    body, seal = raw[: _LAYOUT.size], raw[_LAYOUT.size :]
    # The seal is compared before anything in the token is believed.
    if len(body) != _LAYOUT.size or not hmac.compare_digest(seal, _seal(signing_key, body)):
        return None
    version, file_id, expires_at = _LAYOUT.unpack(body)
    return (file_id, expires_at) if version == _VERSION else None


def _seal(signing_key: bytes, body: bytes) -> bytes:
    return hmac.digest(signing_key, b"caption-bot download\x00" + body, hashlib.sha256)
