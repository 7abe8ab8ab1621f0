"""Links of our own: signed, expiring, and good for one file each."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.request import CaptionRequest
from bot.services import captions, downloads
from bot.services.captions import Ask
from bot.store import files, jobs

KEY = bytes(32)


@pytest.fixture
async def kept(store):
    """Return a file of a job, stored."""

    def keep(tx):
        ask = Ask(
            request=CaptionRequest(asset_id="a1"),
            request_key="k1",
            team_id="T1",
            channel_id="C1",
            user_id="U1",
            mux_account="default",
        )
        job = jobs.by_public_id(tx, captions.request(tx, ask).job.id)
        new = files.pack(kind="srt", name="Grüße & more.srt", media_type="text/plain", content=b"one\n" * 50)
        return files.put(tx, job.row_id, new)

    return await store.transaction(keep)


async def test_a_link_leads_to_its_file_until_it_ends(store, kept):
    now = await store.transaction(lambda tx: tx.now)
    key = await store.transaction(downloads.key)
    url = downloads.link(key, "https://bot.example/", kept, expires_at=now + 60)
    assert url.startswith("https://bot.example/files/")
    assert url.endswith("/Gr%C3%BC%C3%9Fe%20%26%20more.srt")
    token = url.split("/")[4]
    wanted = await store.transaction(downloads.opened, token)
    assert (wanted.file, wanted.content, wanted.expired) == (kept, b"one\n" * 50, False)
    ended = await store.transaction(downloads.opened, downloads.sign(key, kept.id, now - 1))
    assert (ended.file, ended.content, ended.expired) == (None, None, True)


async def test_the_key_is_made_once(store):
    keys = {await store.transaction(downloads.key) for _ in range(3)}
    assert len(keys) == 1
    assert len(keys.pop()) == 32


async def test_a_file_that_is_gone_is_no_error(store, kept):
    key = await store.transaction(downloads.key)
    wanted = await store.transaction(downloads.opened, downloads.sign(key, kept.id + 1, 4e9))
    assert (wanted.file, wanted.content, wanted.expired) == (None, None, False)


async def test_a_changed_token_is_none_of_ours(store, kept):
    key = await store.transaction(downloads.key)
    token = downloads.sign(key, kept.id, 4e9)
    raw = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 1
        other = base64.urlsafe_b64encode(changed).decode().rstrip("=")
        assert await store.transaction(downloads.opened, other) is None
    assert await store.transaction(downloads.opened, downloads.sign(KEY, kept.id, 4e9)) is None


@given(st.text(max_size=300))
def test_no_text_is_a_token(text):
    assert downloads._read(KEY, text) is None


def test_a_token_of_another_layout_is_none_of_ours():
    body = downloads._LAYOUT.pack(2, 1, 1)
    sealed = base64.urlsafe_b64encode(body + downloads._seal(KEY, body)).decode()
    assert downloads._read(KEY, sealed) is None
