"""Films of the local Mux are watched on the page, from the moment that a link names, with their captions."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from starlette.applications import Starlette

from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faults import Faults
from bot.sandbox.journal import Journal
from bot.sandbox.media import load_clips
from bot.sandbox.mux import Mux, routes
from bot.sandbox.mux.model import Track
from bot.sandbox.page import player
from bot.sandbox.page.html import followed, link
from bot.sandbox.page.inputs import element
from bot.sandbox.page.mrkdwn import Names, mrkdwn
from bot.sandbox.page.scene import Scene
from bot.sandbox.page.videos import videos_at

MEETING = "playannualMeeting9Xp6h04"
INVESTORS = "playinvestorCall6Zv4n08"


def signed(private: str, claims: dict[str, Any]) -> str:
    """Return a token as a holder of the key's private half makes it."""
    key = serialization.load_pem_private_key(base64.b64decode(private), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    parts = [json.dumps(part).encode() for part in ({"alg": "RS256", "typ": "JWT"}, claims)]
    body = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    signature = key.sign(body.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


class Site:
    def __init__(self, mux: Mux, client: httpx.AsyncClient) -> None:
        self.mux, self.client = mux, client

    async def page(self, path: str) -> str:
        return (await self.client.get(f"/player/{path}")).text


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    clock = SandboxClock()
    mux = Mux(SandboxConfig(webhooks=False), clock, Journal(clock.now), Faults(), load_clips())
    app = Starlette(routes=[*routes(mux), *player.routes(mux)])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:3030") as client:
        yield Site(mux, client)
    await mux.close()


async def test_a_film_plays_with_the_captions_that_are_ready(site: Site) -> None:
    asset = site.mux.library.get("annualMeeting9Xp6h04")
    asset.tracks.append(
        Track(id="t2", type="text", name='Deutsch "neu"', language_code="de", status="preparing")
    )
    html = await site.page(MEETING)
    assert f'<video src="/stream/{MEETING}/video.webm"' in html
    assert f'src="/stream/{MEETING}/text/trackAnnualEn01.vtt" srclang="en" label="English" default>' in html
    assert "t2.vtt" not in html
    assert "Deutsch &quot;neu&quot;</strong> (de) · still being prepared" in html
    asset.tracks[-1].status = "errored"
    assert "(de) · failed" in await site.page(MEETING)
    text = await site.client.get(f"/stream/{MEETING}/text/trackAnnualEn01.vtt")
    assert text.text.startswith("WEBVTT")
    film = await site.client.get(f"/stream/{MEETING}/video.webm", headers={"Range": "bytes=0-99"})
    assert (film.status_code, len(film.content)) == (206, 100)


@pytest.mark.parametrize(
    ("query", "moment"),
    [
        ("?time=6", "#t=6"),
        ("?start-time=90.5", "#t=90.5"),
        ("?t=7", "#t=7"),
        ("?start-time=1&time=2", "#t=1"),
        ("", ""),
        ("?time=0", ""),
        ("?time=-5", ""),
        ("?time=1e9", ""),
        ("?time=%22%3E%3Cscript%3E", ""),
    ],
)
async def test_a_link_names_the_moment_at_which_it_begins(site: Site, query: str, moment: str) -> None:
    html = await site.page(f"{MEETING}{query}")
    assert f'src="/stream/{MEETING}/video.webm{moment}"' in html
    assert "<script>" not in html


async def test_the_player_loads_nothing_from_elsewhere_and_nothing_inline(site: Site) -> None:
    answer = await site.client.get(f"/player/{MEETING}")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; media-src 'self'; ")
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert " style=" not in answer.text
    assert answer.text.count("<script") == 1


async def test_what_cannot_be_played_says_why(site: Site) -> None:
    for playback, status, reason in (
        ("playinvestorCall6Zv4n08", 403, "cannot be played: This playback ID needs a signed token."),
        ("playinvestorCall6Zv4n08?token=x", 403, "cannot be played: The token is malformed."),
        ("playfreshUpload3Hs7m07", 404, "This video has nothing to play yet."),
        ("playstudioTour7Qm2x01", 200, "This video has no captions."),
        ("<nobody>", 404, "There is no video at this address."),
    ):
        answer = await site.client.get(f"/player/{playback}")
        assert (answer.status_code, reason in answer.text) == (status, True)


async def test_a_hostile_title_stays_a_title(site: Site) -> None:
    site.mux.library.get("annualMeeting9Xp6h04").title = "<script>alert(1)</script>"
    html = await site.page(MEETING)
    assert "<h1>&lt;script&gt;alert(1)&lt;/script&gt;</h1>" in html
    assert "<script>" not in html


@pytest.mark.parametrize("name", ["token", "playback-token"])
async def test_a_token_goes_on_to_the_film_and_its_text(site: Site, name: str) -> None:
    asset = site.mux.library.get("investorCall6Zv4n08")
    asset.tracks.append(Track(id="t1", type="text", name="English", language_code="en", vtt=b"WEBVTT\n"))
    now = site.mux.clock.now()
    key, private = site.mux.keys.make(now)
    token = signed(private, {"sub": INVESTORS, "aud": "v", "exp": int(now) + 60, "kid": key.id})
    html = await site.page(f"{INVESTORS}?{name}={token}&time=3")
    assert f'src="/stream/{INVESTORS}/video.webm?token={token}#t=3"' in html
    assert f'src="/stream/{INVESTORS}/text/t1.vtt?token={token}"' in html
    assert "poster" not in html
    assert (await site.client.get(f"/stream/{INVESTORS}/text/t1.vtt?token={token}")).content == b"WEBVTT\n"


async def test_the_list_of_videos_leads_to_those_that_play(site: Site) -> None:
    watch = {video.asset_id: video.watch for video in videos_at(site.mux)}
    assert watch["annualMeeting9Xp6h04"] == f"/player/{MEETING}"
    assert watch["investorCall6Zv4n08"] == watch["shelvedCut1Lg9p09"] == watch["liveTownHall8Rb1j06"] == ""


def test_links_to_muxs_player_open_the_player_of_the_sandbox() -> None:
    assert followed("https://player.mux.com/abc?time=5#t=6") == "/player/abc?time=5#t=6"
    assert followed("https://PLAYER.mux.com/abc") == "/player/abc"
    assert followed("https://example.com/player.mux.com") == "https://example.com/player.mux.com"
    assert followed("https://player.mux.com.example.com/a") == "https://player.mux.com.example.com/a"
    assert followed("javascript:alert(1)") is None
    assert 'href="/player/abc?time=5"' in mrkdwn("<https://player.mux.com/abc?time=5|0:05>", Names())
    assert 'href="/player/abc"' in link("https://player.mux.com/abc", "x")
    button = {
        "type": "button",
        "action_id": "a",
        "text": {"type": "plain_text", "text": "Watch"},
        "url": "https://player.mux.com/abc",
    }
    assert 'href="/player/abc"' in element(button, "b", Scene(key="k", names=Names()))
