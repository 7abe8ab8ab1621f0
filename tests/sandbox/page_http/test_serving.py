"""What the page serves: itself, readable without its script, its policy and its files."""

from __future__ import annotations

from pathlib import Path

import httpx
from starlette.applications import Starlette

from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faults import Faults
from bot.sandbox.journal import Journal
from bot.sandbox.media import load_clips
from bot.sandbox.mux import Estate
from bot.sandbox.page.offers import Offers
from bot.sandbox.page.routes import page_of
from bot.sandbox.page.videos import videos_at, what_adding_needs
from bot.sandbox.slack.stand_in import Slack
from tests.sandbox.page_http.desk import Desk


async def test_the_page_is_readable_before_its_script_runs(desk: Desk) -> None:
    desk.post("*Captions* are ready")
    answer = await desk.browser.get("/?as=U0BEN&in=C0DEMO")
    assert "<strong>Captions</strong> are ready" in answer.text
    assert "Studio &lt;tour&gt;" in answer.text
    assert 'data-insert="/caption asset01"' in answer.text
    assert "Install something." in answer.text
    assert 'data-as="U0BEN" data-in="C0DEMO"' in answer.text


async def test_the_policy_allows_nothing_from_elsewhere_and_nothing_inline(desk: Desk) -> None:
    answer = await desk.browser.get("/?as=nobody&in=nowhere&thread=1.0")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'self'; ")
    assert "unsafe" not in policy
    assert "<style" not in answer.text
    assert " style=" not in answer.text
    assert answer.text.count("<script") == answer.text.count('<script type="module" src="')
    assert 'data-as="U0ANA" data-in="C0DEMO" data-thread=""' in answer.text


async def test_static_files_are_revalidated_and_the_icon_exists(desk: Desk) -> None:
    first = await desk.browser.get("/_page/static/app.js")
    assert first.status_code == 200
    assert first.headers["x-content-type-options"] == "nosniff"
    again = await desk.browser.get("/_page/static/app.js", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    icon = await desk.browser.get("/favicon.ico", follow_redirects=True)
    assert icon.headers["content-type"] == "image/svg+xml"
    assert (await desk.browser.get("/_page/static/../routes.py")).status_code == 404


async def test_the_videos_at_mux_are_listed_with_what_they_are_good_for() -> None:
    clock = SandboxClock()
    config = SandboxConfig(webhooks=False)
    journal, faults = Journal(clock.now), Faults()
    estate = Estate(config, clock, journal, faults, load_clips())
    videos = {video.asset_id: video for video in videos_at(estate.first)}
    assert "two speakers" in videos["twoChairs4Kd8w02"].about
    assert "captions: en" in videos["annualMeeting9Xp6h04"].about
    assert videos["liveTownHall8Rb1j06"].about == "live"
    page = page_of(Slack(config, clock, journal, faults), estate)
    transport = httpx.ASGITransport(Starlette(routes=page.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:3030") as browser:
        shown = (await browser.get("/")).text
    assert "twoChairs4Kd8w02" in shown
    assert "Northwind production: two chairs" in shown
    await estate.first.close()


def test_what_adding_a_video_needs_is_said_beforehand(tmp_path: Path) -> None:
    bare = SandboxConfig()
    assert "pip install 'caption-bot[local-captions]'" in what_adding_needs(bare, recogniser=False)
    assert "--caption-model" in what_adding_needs(bare, recogniser=True)
    assert what_adding_needs(SandboxConfig(caption_model=tmp_path), recogniser=True) == ""


async def test_an_app_without_shortcuts_or_home_shows_none(desk: Desk) -> None:
    parent = desk.post()
    desk.post("reply", thread_ts=parent.ts)
    assert "Caption this" in desk.shown().lists["messages"][parent.ts].html
    assert 'data-shortcut="caption_video"' in (await desk.browser.get("/")).text
    desk.offers = Offers(global_shortcuts=(), message_shortcuts=())
    shown = desk.shown(place="home", thread=parent.ts)
    assert shown.place == "C0DEMO"
    assert "data-shortcut" not in shown.lists["messages"][parent.ts].html
    assert "<details" not in shown.lists["thread-messages"][parent.ts].html
    assert "home" not in shown.regions["places"].html
    assert 'class="tabs"' not in desk.shown(place="D0ANA").regions["title"].html
