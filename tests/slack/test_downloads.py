"""A file's bytes come piece by piece, and the token goes to Slack alone."""

from __future__ import annotations

import pytest
from aiohttp import web

from bot.errors import NotReached, OutcomeUnknown, SlackRefused, VendorError
from bot.slack.downloads import PIECE_BYTES, is_slacks
from bot.slack.values import read_file

SLACK = "https://slack.com/api/"


async def fetched(client, url: str) -> list[bytes]:
    return [piece async for piece in client.download("xoxb-1", url)]


async def test_a_large_file_comes_in_small_pieces(slack, client):
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=b"x" * 1_000_000, content_type="video/mp4")

    slack.answers = [answer]
    pieces = await fetched(client, f"{slack.url}/files/a.mp4")
    assert (sum(map(len, pieces)), max(map(len, pieces)) <= PIECE_BYTES) == (1_000_000, True)
    assert slack.requests[0].headers["Authorization"] == "Bearer xoxb-1"


@pytest.mark.parametrize(
    ("build", "code"),
    [
        (lambda a: a.plain(200, "<html>Sign in</html>", "text/html"), "missing_scope"),
        (lambda a: a.plain(302, headers={"Location": "https://elsewhere.test/"}), "not_slacks"),
        (lambda a: a.plain(404), "http_404"),
    ],
)
async def test_what_is_no_file_is_refused(slack, client, answer, build, code):
    slack.answers = [build(answer)]
    with pytest.raises(SlackRefused) as caught:
        await fetched(client, f"{slack.url}/files/a.mp4")
    assert (caught.value.code, len(slack.requests)) == (code, 1)


@pytest.mark.parametrize("odd", ["drop", "drop_inside"])
async def test_a_file_that_breaks_off_is_no_file(slack, client, answer, odd):
    slack.answers = [getattr(answer, odd)]
    with pytest.raises(OutcomeUnknown):
        await fetched(client, f"{slack.url}/files/a.mp4")


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.test/a",
        "http://files.slack.com/a",
        "https://files.slack.com:8443/a",
        "https://files.slack.com.elsewhere.test/a",
        "https://elsewhere.test/files.slack.com",
        "http://169.254.169.254/latest",
        "http://[::1/a",
        "file:///etc/passwd",
        "",
    ],
)
async def test_the_token_goes_nowhere_else(client, url):
    assert not is_slacks(url, SLACK)
    with pytest.raises(VendorError) as caught:
        await fetched(client, url)
    assert getattr(caught.value, "code", "") == "not_slacks"


def test_slacks_own_places_are_known():
    assert is_slacks("https://files.slack.com/files-pri/T1-F1/download/a.mp4", SLACK)
    assert is_slacks("https://files.slack-gov.com/a", "https://slack-gov.com/api/")
    assert is_slacks("http://127.0.0.1:3030/files-pri/a", "http://127.0.0.1:3030/api/")
    assert not is_slacks("http://127.0.0.1:3031/files-pri/a", "http://127.0.0.1:3030/api/")


async def test_a_download_that_reaches_nobody_says_so(client, slack):
    slack.answers = []
    with pytest.raises((NotReached, OutcomeUnknown)):
        await fetched(client, f"{slack.url}/files/a.mp4")


async def test_what_slack_says_of_a_file_is_read(slack, client):
    said = {"id": "F1", "name": "a.mp4", "mimetype": "video/mp4", "size": 7, "url_private": "https://x/a"}
    slack.says({"file": said})
    file = await client.file_info("xoxb-1", "F1")
    assert (file.name, file.media_type, file.size, file.url) == ("a.mp4", "video/mp4", 7, "https://x/a")
    assert slack.requests[0].path == "/api/files.info"


async def test_a_missing_scope_is_named(slack, client):
    slack.refuses("missing_scope", needed="files:read", provided="chat:write")
    with pytest.raises(SlackRefused) as caught:
        await client.file_info("xoxb-1", "F1")
    assert (caught.value.code, caught.value.needed) == ("missing_scope", "files:read")


@pytest.mark.parametrize("gone", [{"mode": "tombstone"}, {"is_external": True}, {"mode": "hidden_by_limit"}])
def test_a_file_that_slack_does_not_hand_out_has_no_address(gone):
    file = read_file({"url_private_download": "https://x/a", "size": True, **gone}, "F9")
    assert (file.id, file.name, file.url, file.size) == ("F9", "F9", "", 0)
