"""Files in messages: seen for what they are, had by a click, and never a page of their own."""

from __future__ import annotations

import struct
import zlib
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faults import Faults
from bot.sandbox.journal import Journal
from bot.sandbox.page.attachments import download_headers, download_path, file_card
from bot.sandbox.page.routes import Page
from bot.sandbox.slack.file_kinds import glimpse, is_picture, media_type, png_size, pretty_type
from bot.sandbox.slack.model import File
from bot.sandbox.slack.stand_in import Slack

CUE = "1\n00:00:00,000 --> 00:00:02,000\n<script>alert(1)</script> & <!channel>\n\n"
GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"


def png(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + header
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


def file(name: str, content: bytes, *, title: str = "", alt_txt: str = "") -> File:
    return File(
        id="F1", name=name, title=title, owner="U0X", content=content, alt_txt=alt_txt, completed=True
    )


@pytest.fixture
async def browser() -> AsyncIterator[tuple[httpx.AsyncClient, dict[str, File]]]:
    clock = SandboxClock()
    slack = Slack(SandboxConfig(), clock, Journal(clock.now), Faults())
    transport = httpx.ASGITransport(Starlette(routes=Page(slack, list).routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:3030") as client:
        yield client, slack.workspace.files


def test_captions_show_their_first_lines_as_text() -> None:
    html = file_card(file("en.srt", CUE.encode() * 3, title="English"))
    assert "<strong>English</strong>" in html
    assert "en.srt · SRT captions · " in html
    assert f"{len(CUE) * 3} bytes" in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;!channel&gt;" in html
    assert "<script" not in html
    assert "7 more lines" in html


@pytest.mark.parametrize("name", ["a.vtt", "a.txt", "a.json"])
def test_other_texts_are_previewed_too(name: str) -> None:
    assert "<bdi>WEBVTT\n</bdi>" in file_card(file(name, b"\xef\xbb\xbfWEBVTT\n"))


def test_one_more_line_is_said_in_the_singular_and_an_endless_line_is_cut() -> None:
    html = file_card(file("a.txt", b"\n".join([b"x" * 500] * 6)))
    assert "1 more line<" in html
    assert "x" * 161 not in html
    assert "x…" in html


def test_bytes_that_are_no_text_have_no_preview() -> None:
    assert "glimpse" not in file_card(file("a.srt", b"\xff\xfe1\x00"))
    assert "glimpse" not in file_card(file("a.mp4", b"plain"))


def test_a_long_file_is_previewed_without_being_read_whole() -> None:
    lines = "日本語の字幕\n".encode() * 100_000
    seen = glimpse("a.srt", lines + b"\xff", snippet=False)
    assert seen is not None
    assert seen.lines == ("日本語の字幕",) * 5
    assert seen.more == 100_000 - 5 + 1
    old_mac = glimpse("a.srt", b"one\rtwo\r", snippet=False)
    assert old_mac is not None
    assert (old_mac.lines, old_mac.more) == (("one", "two"), 0)
    assert glimpse("captions", b"one", snippet=True) is not None


def test_a_picture_is_shown_with_its_words_and_its_measures() -> None:
    html = file_card(file("speed.png", png(800, 300), alt_txt='Speed "over" time'))
    assert 'src="/files/U0X/F1/speed.png"' in html
    assert 'alt="Speed &quot;over&quot; time"' in html
    assert 'width="800" height="300"' in html
    assert "<img" in file_card(file("a.gif", GIF))


def test_only_true_pictures_are_shown() -> None:
    assert "<img" not in file_card(file("a.png", b"<svg onload=alert(1)>"))
    assert "<img" not in file_card(file("a.svg", b"<svg/>"))
    assert not is_picture("a.srt", png(1, 1))
    assert png_size(png(1, 2)) == (1, 2)
    assert png_size(png(1, 2)[:20]) is None
    assert png_size(GIF) is None


def test_what_a_file_is_called() -> None:
    assert pretty_type("a.SRT") == "SRT captions"
    assert pretty_type("a.xyz") == "XYZ"
    assert pretty_type("README") == "Binary"
    assert media_type("a.ogv") == "video/ogg"
    assert media_type("README") == "application/octet-stream"


def test_a_deleted_file_leaves_a_stone() -> None:
    gone = file("a.srt", b"")
    gone.deleted = True
    assert file_card(gone) == '<p class="gravestone">This file was deleted.</p>'


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("en.srt", "application/x-subrip; charset=utf-8"),
        ("en.vtt", "text/vtt; charset=utf-8"),
        ("en.txt", "text/plain; charset=utf-8"),
        ("words.json", "application/json"),
        ("speed.png", "image/png"),
        ("page.html", "text/html; charset=utf-8"),
    ],
)
async def test_every_file_is_a_download_and_never_a_page(
    browser: tuple[httpx.AsyncClient, dict[str, File]], name: str, kind: str
) -> None:
    client, files = browser
    files["F1"] = file(name, CUE.encode())
    answer = await client.get(download_path(files["F1"]))
    assert answer.content == CUE.encode()
    assert answer.headers["content-type"] == kind
    assert (
        answer.headers["content-disposition"] == f"attachment; filename=\"{name}\"; filename*=UTF-8''{name}"
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")


def test_a_name_cannot_break_out_of_its_header() -> None:
    said = download_headers(file('a"\r\nX: é/..\\b.srt', b""))["Content-Disposition"]
    assert said == (
        "attachment; filename=\"a___X: _/.._b.srt\"; filename*=UTF-8''a%22%0D%0AX%3A%20%C3%A9%2F..%5Cb.srt"
    )


async def test_what_is_not_there_or_gone_is_not_handed_out(
    browser: tuple[httpx.AsyncClient, dict[str, File]],
) -> None:
    client, files = browser
    files["F1"] = file("a.srt", b"x")
    files["F1"].completed = False
    assert (await client.get("/files/U0X/F1/a.srt")).status_code == 404
    files["F1"].completed = files["F1"].deleted = True
    assert (await client.get("/files/U0X/F1/a.srt")).status_code == 404
    assert (await client.get("/files/U0X/F9/a.srt")).status_code == 404
