"""What is not public opens with a token of this environment and with nothing else."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from bot.sandbox.mux import catalogue
from bot.sandbox.mux.model import PlaybackId, Track

KEYS = "/system/v1/signing-keys"
PLAYBACK = f"play{catalogue.INVESTOR_CALL}"
TEXT = f"/stream/{PLAYBACK}/text/cc1.vtt"
STILL = f"/image/{PLAYBACK}/thumbnail.png"


def _encoded(value: Any) -> str:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@dataclass
class Signer:
    """Somebody who holds the private half of a key."""

    kid: str
    private: rsa.RSAPrivateKey
    now: float

    def token(self, *, header: Any = None, **changes: Any) -> str:
        claims = {"sub": PLAYBACK, "aud": "v", "exp": int(self.now) + 60, "kid": self.kid} | changes
        kept = {name: value for name, value in claims.items() if value is not None}
        signed = f"{_encoded(header or {'alg': 'RS256', 'typ': 'JWT'})}.{_encoded(kept)}"
        return f"{signed}.{_encoded(self.sign(signed))}"

    def sign(self, signed: str) -> bytes:
        return self.private.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())


@pytest.fixture
async def signer(site) -> Signer:
    """Give a signer with a key of the environment; the signed video has captions."""
    asset = site.mux.library.assets[catalogue.INVESTOR_CALL]
    asset.tracks.append(Track(id="cc1", type="text", name="English", language_code="en", vtt=b"WEBVTT\n"))
    made = (await site.client.post(KEYS)).json()["data"]
    private = serialization.load_pem_private_key(base64.b64decode(made["private_key"]), password=None)
    assert isinstance(private, rsa.RSAPrivateKey)
    return Signer(kid=made["id"], private=private, now=site.mux.clock.now())


async def status(site, path: str, token: str | None = None) -> int:
    query = {} if token is None else {"token": token}
    return (await site.client.get(path, params=query, auth=None)).status_code


async def test_a_token_opens_the_text_and_the_film(site, signer) -> None:
    token = signer.token()
    for path in (TEXT, f"/stream/{PLAYBACK}/video.webm"):
        assert (await status(site, path), await status(site, path, token)) == (403, 200)
    text = await site.client.get(TEXT, params={"token": token}, auth=None)
    assert text.content == b"WEBVTT\n"


async def test_images_want_a_token_of_their_own(site, signer) -> None:
    assert await status(site, STILL, signer.token(aud="t")) == 200
    assert await status(site, STILL, signer.token()) == 403
    assert await status(site, TEXT, signer.token(aud="t")) == 403


async def test_the_key_may_be_named_in_the_header(site, signer) -> None:
    header = {"alg": "RS256", "kid": signer.kid}
    assert await status(site, TEXT, signer.token(header=header, kid=None)) == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": "play-other"},
        {"aud": None},
        {"exp": None},
        {"exp": True},
        {"exp": 1_000},
        {"kid": "no-such-key"},
        {"header": {"alg": "none"}},
        {"header": {"alg": "HS256"}},
        {"header": ["RS256"]},
    ],
)
async def test_a_token_that_does_not_fit_opens_nothing(site, signer, changes) -> None:
    answer = await site.client.get(TEXT, params={"token": signer.token(**changes)}, auth=None)
    assert (answer.status_code, answer.json()["error"]["type"]) == (403, "forbidden")


async def test_a_token_that_nobody_here_signed_opens_nothing(site, signer) -> None:
    head, claims, signature = signer.token().split(".")
    changed = _encoded({"sub": PLAYBACK, "aud": "v", "exp": 9e9, "kid": signer.kid})
    for token in (
        "x",
        "a.b.c",
        f"{head}.{claims}.",
        f"{head}.{changed}.{signature}",
        f"{head}.{claims}.?",
        "é.é.é",
    ):
        assert await status(site, TEXT, token) == 403


async def test_a_token_dies_with_its_time_and_with_its_key(site, signer) -> None:
    token = signer.token()
    assert await status(site, TEXT, token) == 200
    site.mux.clock.advance(61)
    assert await status(site, TEXT, token) == 403
    lasting = signer.token(exp=int(signer.now) + 10_000)
    assert await status(site, TEXT, lasting) == 200
    assert (await site.client.delete(f"{KEYS}/{signer.kid}")).status_code == 204
    assert await status(site, TEXT, lasting) == 403


async def test_drm_plays_nothing_here(site, signer) -> None:
    asset = site.mux.library.assets[catalogue.INVESTOR_CALL]
    asset.playback_ids.append(PlaybackId(id="playDrm", policy="drm"))
    assert await status(site, "/stream/playDrm/text/cc1.vtt", signer.token(sub="playDrm")) == 403


async def test_keys_are_listed_without_their_private_halves(site, signer, mux_site, token) -> None:
    (listed,) = (await site.client.get(KEYS)).json()["data"]
    assert listed.keys() == {"id", "created_at"}
    assert (await site.client.get(f"{KEYS}/{signer.kid}")).json()["data"] == listed
    assert (await site.client.get(f"{KEYS}/no")).status_code == 404
    async with mux_site(token("video:*", "system:read")) as other:
        assert (await other.client.post(KEYS)).status_code == 403


async def test_a_video_without_a_poster_has_a_still_and_a_sound_file_has_none(site) -> None:
    for media_type, expected in (("video/mp4", 200), ("audio/mpeg", 404)):
        headers = {"content-type": media_type}
        made = await site.client.post("/_sandbox/mux/files", content=b"film", headers=headers)
        playback = made.json()["playback_ids"][0]["id"]
        answer = await site.client.get(f"/image/{playback}/thumbnail.png", auth=None)
        assert answer.status_code == expected
        if expected == 200:
            assert answer.headers["content-type"] == "image/png"
            assert answer.content.startswith(b"\x89PNG\r\n\x1a\n")
