"""Tells Mux's webhooks from anybody else's, on the raw bytes. Performs no I/O."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Final, Literal

from bot.errors import CaptionBotError

Reason = Literal["missing", "malformed", "mismatch", "stale"]

_EXPLANATIONS: Final[dict[Reason, str]] = {
    "missing": "the request carries no mux-signature header",
    "malformed": "the mux-signature header is not of the form t=<seconds>,v1=<hex>",
    "mismatch": "no signature in the header was made with one of the configured webhook secrets",
    "stale": "the signature is genuine, but its time is too far from ours (a late retry, a replay, a clock)",
}
_MAX_HEADER: Final = 4_096
_SECONDS: Final = re.compile(r"[0-9]{1,12}")
_HEX: Final = re.compile(r"[0-9a-f]{64}")


class BadSignature(CaptionBotError):
    """A webhook is not proven to be from Mux, or not from now; `reason` says which."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(_EXPLANATIONS[reason])
        self.reason: Reason = reason


# https://www.mux.com/docs/core/verify-webhook-signatures
def verify(
    raw: bytes, header: str | None, secrets: Sequence[str], *, now: float, tolerance_seconds: float = 300
) -> None:
    """Return if `header` proves that `raw` was signed with one of `secrets` around `now`.

    `raw` is the body as it arrived, before any parsing. Several secrets allow for rotation, and an empty
    one never matches. `stale` is only said of a genuine signature, so it points at clocks and late
    retries and not at strangers; it covers the future as well as the past.

    Raises:
        BadSignature: In every other case, with its reason.
    """
    if not header:
        raise BadSignature("missing")
    seconds, signatures = _read(header)
    signed = seconds.encode() + b"." + raw
    genuine = False
    for secret in filter(None, secrets):
        expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        for signature in signatures:
            # Every pair is compared, so the time taken tells nothing about which one fits.
            genuine |= hmac.compare_digest(expected, signature)
    if not genuine:
        raise BadSignature("mismatch")
    if abs(now - int(seconds)) > tolerance_seconds:
        raise BadSignature("stale")


def sign(raw: bytes, secret: str, *, at: int) -> str:
    """Return the header that Mux would send with `raw` at that second; for drills and self-tests."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + raw, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def _read(header: str) -> tuple[str, list[str]]:
    if len(header) > _MAX_HEADER:
        raise BadSignature("malformed")
    pairs = [part.strip().partition("=") for part in header.split(",")]
    times = [value for key, _, value in pairs if key == "t"]
    signatures = [value.lower() for key, _, value in pairs if key == "v1"]
    if len(times) != 1 or not _SECONDS.fullmatch(times[0]) or not signatures:
        raise BadSignature("malformed")
    # Only hexadecimal reaches the comparison: compare_digest refuses text that is not ASCII.
    return times[0], [signature for signature in signatures if _HEX.fullmatch(signature)]
