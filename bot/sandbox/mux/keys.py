"""Signing keys, and the tokens that open what is not public.

https://www.mux.com/docs/guides/secure-video-playback
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from bot.sandbox.mux.answers import Refused
from bot.sandbox.mux.model import PlaybackId, new_id

KEY_BITS: Final = 2048
VIDEO: Final = "v"
THUMBNAIL: Final = "t"


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """One key of the environment; the private half is shown once and not kept."""

    id: str
    created_at: float
    public: rsa.RSAPublicKey

    def to_json(self) -> dict[str, str]:
        """Return the key as lists show it."""
        return {"id": self.id, "created_at": str(int(self.created_at))}


class SigningKeys:
    """Every signing key by id."""

    def __init__(self) -> None:
        self.by_id: dict[str, SigningKey] = {}

    def make(self, at: float) -> tuple[SigningKey, str]:
        """Add a key; return it and its private half, a PEM in base64. Takes a tenth of a second."""
        private = rsa.generate_private_key(public_exponent=65_537, key_size=KEY_BITS)
        key = SigningKey(id=new_id(), created_at=at, public=private.public_key())
        self.by_id[key.id] = key
        pem = private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        return key, base64.b64encode(pem).decode()

    def get(self, key_id: str) -> SigningKey:
        """Return a key; raise `Refused` (404) when there is none of this id."""
        if key_id not in self.by_id:
            raise Refused("not_found", "The requested signing key does not exist", listed=True)
        return self.by_id[key_id]

    def require(self, playback: PlaybackId, token: str, audience: str, now: float) -> None:
        """Check that a playback ID may be used.

        Raises:
            Refused: 403, for one that is not public without a good token; DRM plays nothing here.
        """
        if playback.policy == "public":
            return
        reason = "This playback ID needs a license" if playback.policy == "drm" else ""
        reason = reason or self._objection(playback.id, token, audience, now)
        if reason:
            raise Refused("forbidden", reason, listed=True)

    def _objection(self, playback_id: str, token: str, audience: str, now: float) -> str:
        if not token:
            return "This playback ID needs a signed token"
        try:
            head, claims, signature = map(_opened, token.split("."))
            header, payload = json.loads(head), json.loads(claims)
        except (ValueError, RecursionError):
            return "The token is malformed"
        if not isinstance(header, dict) or not isinstance(payload, dict) or header.get("alg") != "RS256":
            return "The token is not signed with RS256"
        # Mux's libraries put the id of the key into the payload, its guide into the header.
        key = self.by_id.get(str(payload.get("kid", header.get("kid"))))
        signed = token.rpartition(".")[0].encode()
        if key is None or not _genuine(key, signature, signed):
            return "The token was not signed with a key of this environment"
        return _misfit(payload, playback_id, audience, now)


def _opened(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error


def _genuine(key: SigningKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.public.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def _misfit(payload: dict[str, Any], playback_id: str, audience: str, now: float) -> str:
    if payload.get("sub") != playback_id:
        return "The token is for another playback ID"
    if payload.get("aud") != audience:
        return "The token is for another use"
    expires = payload.get("exp")
    if isinstance(expires, bool) or not isinstance(expires, int | float) or expires <= now:
        return "The token has expired"
    return ""
