"""Tokens for playback ids that are signed, made with a signing key of the Mux environment."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bot.errors import OperatorError

VIDEO: Final = "v"
"""What a token is for: the stream and its text. https://www.mux.com/docs/guides/secure-video-playback"""

_PEM: Final = b"-----BEGIN"


class Signer:
    """Signs with one key. `private_key` is Mux's: a PEM file in base64, or the PEM file itself."""

    def __init__(self, key_id: str, private_key: str) -> None:
        """Read the key.

        Raises:
            OperatorError: it is no RSA key; the key itself is never part of the message.
        """
        self._key_id = key_id
        self._key = _read(private_key)

    # https://www.mux.com/docs/guides/signing-jwts
    def sign(self, playback_id: str, *, expires_at: float, audience: str = VIDEO) -> str:
        """Return a JSON Web Token (RS256) for one playback id until `expires_at`, seconds since the epoch."""
        head = {"alg": "RS256", "typ": "JWT", "kid": self._key_id}
        claims = {"sub": playback_id, "aud": audience, "exp": int(expires_at), "kid": self._key_id}
        signed = f"{_encoded(head)}.{_encoded(claims)}"
        seal = self._key.sign(signed.encode(), PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_base64(seal)}"


def _read(private_key: str) -> RSAPrivateKey:
    given = private_key.strip().encode()
    try:
        pem = (
            given.replace(b"\\n", b"\n") if given.startswith(_PEM) else base64.b64decode(given, validate=True)
        )
        key = load_pem_private_key(pem, password=None)
    except (binascii.Error, ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise OperatorError(
            "MUX_SIGNING_PRIVATE_KEY is no RSA key: copy the private key as Mux shows it, in base64"
        )
    return key


def _encoded(value: Mapping[str, Any]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
