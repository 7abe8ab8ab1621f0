"""Text of tracks is read where Mux serves it, with a token where that is needed."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.errors import FileRefused, OperatorError
from bot.mux.fetching import Fetched
from bot.mux.texts import TrackTexts
from bot.mux.tokens import Signer
from bot.rules.hosts import Hosts
from bot.rules.video import Video

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
VIDEO = Video(asset_id="a1", playback_id="play1", policy="signed")


def pem(key: Any) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def decoded(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


class Files:
    """Hands out the same text for every address, and remembers those."""

    def __init__(self) -> None:
        self.urls: list[str] = []

    async def fetch(self, url: str, *, cap_bytes: int) -> Fetched:
        assert cap_bytes == 100
        self.urls.append(url)
        return Fetched(content=b"WEBVTT", content_type="text/vtt")


@pytest.mark.parametrize(
    "given",
    [in_base64(pem(KEY)), pem(KEY), pem(KEY).replace("\n", "\\n"), f"  {in_base64(pem(KEY))}\n"],
    ids=["base64", "pem", "pem-on-one-line", "spaces"],
)
def test_a_token_is_signed_as_mux_asks_for(given: str) -> None:
    head, claims, seal = Signer("key1", given).sign("play1", expires_at=1_800_000_000.9).split(".")
    assert decoded(head) == {"alg": "RS256", "typ": "JWT", "kid": "key1"}
    assert decoded(claims) == {"sub": "play1", "aud": "v", "exp": 1_800_000_000, "kid": "key1"}
    raw = base64.urlsafe_b64decode(seal + "=" * (-len(seal) % 4))
    KEY.public_key().verify(raw, f"{head}.{claims}".encode(), PKCS1v15(), hashes.SHA256())
    with pytest.raises(InvalidSignature):
        KEY.public_key().verify(raw, f"{head}.{head}".encode(), PKCS1v15(), hashes.SHA256())


@pytest.mark.parametrize(
    "given",
    ["", "not base64!", in_base64("not a key"), "-----BEGIN", pem(ec.generate_private_key(ec.SECP256R1()))],
)
def test_what_is_no_rsa_key_is_told_without_showing_it(given: str) -> None:
    with pytest.raises(OperatorError) as error:
        Signer("key1", given)
    assert "MUX_SIGNING_PRIVATE_KEY" in str(error.value)
    assert not given or given not in str(error.value)


async def test_text_behind_a_signed_playback_id_is_asked_for_with_a_token() -> None:
    files = Files()
    texts = TrackTexts(files, Hosts(), Signer("key1", pem(KEY)), now=lambda: 1_000.0)
    assert texts.can_sign
    assert await texts.read(VIDEO, "t1", cap_bytes=100) == b"WEBVTT"
    (url,) = files.urls
    address, _, token = url.partition("?token=")
    assert address == "https://stream.mux.com/play1/text/t1.vtt"
    assert decoded(token.split(".")[1])["exp"] == 1_300


async def test_text_behind_a_public_playback_id_needs_none() -> None:
    files = Files()
    texts = TrackTexts(files, Hosts(), None)
    assert not texts.can_sign
    public = Video(asset_id="a1", playback_id="play1", policy="public")
    await texts.read(public, "t1", cap_bytes=100)
    await texts.read(VIDEO, "t1", cap_bytes=100)
    assert files.urls == ["https://stream.mux.com/play1/text/t1.vtt"] * 2


async def test_without_a_playback_id_there_is_no_text() -> None:
    with pytest.raises(FileRefused):
        await TrackTexts(Files(), Hosts(), None).read(Video(asset_id="a1"), "t1", cap_bytes=1)
