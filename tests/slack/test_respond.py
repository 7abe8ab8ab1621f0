"""An answer through a response_url is said once, and its failure is never silent."""

from __future__ import annotations

import traceback

import pytest

from bot.errors import NotReached, OutcomeUnknown, Throttled, VendorError
from bot.slack.client import connect, open_session

BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": "hi"}}]
HOOK = "/hook/secret-part"

FAILED_RESPONSES = {
    "used up": (lambda a: a.plain(404, '{"ok":false,"error":"used_url"}'), "used_url"),
    "expired": (lambda a: a.plain(404, "expired_url", "text/plain"), "expired_url"),
    "refused": (lambda a: a.plain(200, '{"ok":false,"error":"invalid_blocks"}'), "invalid_blocks"),
    "refused without a code": (lambda a: a.plain(200, '{"ok":false}'), "unknown_error"),
    "gone": (lambda a: a.plain(410, "<html>Gone</html>", "text/html"), "http_410"),
    "429": (lambda a: a.plain(429, headers={"Retry-After": "3"}), Throttled),
    "redirect": (lambda a: a.plain(302, headers={"Location": "https://elsewhere.test/"}), OutcomeUnknown),
    "500": (lambda a: a.plain(500, "oops", "text/plain"), OutcomeUnknown),
    "dropped": (lambda a: a.drop, OutcomeUnknown),
    "too slow": (lambda a: a.stall, OutcomeUnknown),
}


async def test_a_response_is_for_one_person_unless_said_otherwise(slack, client, answer):
    slack.answers = [answer.plain(200, "ok", "text/html")]
    await client.respond(f"{slack.url}/hook", "hi", BLOCKS)
    await client.respond(f"{slack.url}/hook", "hi", [], in_channel=True, replace_original=True)
    await client.respond(f"{slack.url}/hook", "", [], delete_original=True)
    assert slack.bodies == [
        {"response_type": "ephemeral", "replace_original": False, "text": "hi", "blocks": BLOCKS},
        {"response_type": "in_channel", "replace_original": True, "text": "hi"},
        {"response_type": "ephemeral", "replace_original": False, "delete_original": True},
    ]
    assert "Authorization" not in slack.requests[0].headers


@pytest.mark.parametrize("said", ["ok", "", '{"ok":true}', "[]", "No text"])
async def test_every_way_slack_says_fine_is_fine(slack, client, answer, said):
    slack.answers = [answer.plain(200, said, "text/html")]
    await client.respond(f"{slack.url}/hook", "hi", BLOCKS)


@pytest.mark.parametrize(("build", "expected"), FAILED_RESPONSES.values(), ids=FAILED_RESPONSES)
async def test_a_failed_response_is_never_silent(slack, client, answer, build, expected):
    slack.answers = [build(answer)]
    with pytest.raises(VendorError) as caught:
        await client.respond(slack.url + HOOK, "hi", BLOCKS)
    assert expected in (type(caught.value), getattr(caught.value, "code", None))
    assert len(slack.requests) == 1
    assert "secret-part" not in "".join(traceback.format_exception(caught.value))


async def test_an_unreached_response_url_stays_secret():
    async with open_session() as session:
        client = connect("http://127.0.0.1:9/api/", session)
        with pytest.raises(NotReached) as caught:
            await client.respond("http://127.0.0.1:9" + HOOK, "hi", BLOCKS)
    assert "secret-part" not in "".join(traceback.format_exception(caught.value))
