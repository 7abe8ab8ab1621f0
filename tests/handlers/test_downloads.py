"""The door for files: never rendered, never guessed, never cached."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from bot.services import downloads
from bot.store import files
from handlers.downloads import Downloads
from tests.store.job_rows import add_job


def a_file(tx):
    add_job(tx, 1)
    content = b"1\n00:00:00,000 --> 00:00:01,000\n<script>alert(1)</script>\n"
    name = 'a"; x/../%0d%0aX-Evil: 1.srt'
    return files.put(
        tx, 1, files.pack(kind="srt", name=name, media_type="text/plain; charset=utf-8", content=content)
    )


@pytest.fixture
def http(sqlite_store):
    """Return a client of the door alone."""
    door = Downloads(store=sqlite_store)
    app = Starlette(
        routes=[Route("/files/{token}", door.send), Route("/files/{token}/{name:path}", door.send)]
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://bot")


async def test_a_link_gives_the_file_as_a_download_that_no_browser_renders(http, sqlite_store, clock):
    stored = await sqlite_store.transaction(a_file)
    key = await sqlite_store.transaction(downloads.key)
    url = downloads.link(key, "http://bot", stored, expires_at=clock.now() + 60)
    response = await http.get(url)
    assert response.status_code == 200
    assert response.content.endswith(b"<script>alert(1)</script>\n")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["content-disposition"].startswith("attachment;")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in response.headers["content-security-policy"]
    assert response.headers["cache-control"] == "no-store"
    assert "x-evil" not in response.headers
    assert (await http.get(url.rsplit("/", 1)[0])).status_code == 200


async def test_an_ended_link_says_how_to_get_another_and_any_other_token_is_nothing(
    http, sqlite_store, clock
):
    stored = await sqlite_store.transaction(a_file)
    key = await sqlite_store.transaction(downloads.key)
    ended = await http.get(f"/files/{downloads.sign(key, stored.id, clock.now())}")
    assert (ended.status_code, "Press Files" in ended.text) == (410, True)
    for token in ("x", "..%2F..%2Fetc", "A" * 500, downloads.sign(bytes(32), stored.id, 4e9)):
        assert (await http.get(f"/files/{token}")).status_code == 404
    gone = await http.get(f"/files/{downloads.sign(key, 99, clock.now() + 60)}")
    assert gone.status_code == 404
    assert gone.headers["cache-control"] == "no-store"


async def test_a_store_that_does_not_answer_is_no_missing_file(http, sqlite_store):
    await sqlite_store.close()
    assert (await http.get("/files/x")).status_code == 503
