"""What is certain, what is refused and what stays open when Slack is asked."""

from __future__ import annotations

import traceback

import pytest

from bot.errors import NotReached, OutcomeUnknown, SlackRefused, Throttled, VendorError
from bot.slack.client import Found, Identity, Posted, connect, open_session

BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": "hi"}}]
META = {"event_type": "caption_job", "event_payload": {"job": "j1", "kind": "result"}}
TOKEN = "xoxb-the-token"


def body(raw, status=200, content_type="application/json", **headers):
    """Return what makes the stand-in answer with exactly this body."""
    return lambda answer: answer.plain(
        status, raw, content_type, {name.replace("_", "-"): value for name, value in headers.items()}
    )


def no(code):
    return body(f'{{"ok":false,"error":"{code}"}}')


def way(name):
    """Return what makes the stand-in end the connection this way."""
    return lambda answer: getattr(answer, name)


FAILURES = {
    "429": (body('{"ok":false,"error":"ratelimited"}', 429, Retry_After="7"), Throttled),
    "429 in HTML": (body("<html>", 429, "text/html"), Throttled),
    "429, broken JSON": (body("not json", 429), Throttled),
    "429 in plain text": (body("slow", 429, "text/plain"), Throttled),
    "rate_limited": (no("rate_limited"), Throttled),
    "ratelimited": (no("ratelimited"), Throttled),
    "500 in HTML": (body("<html>", 500, "text/html"), OutcomeUnknown),
    "500 in plain text": (body("oops", 500, "text/plain"), OutcomeUnknown),
    "500 with a code": (body('{"ok":false,"error":"channel_not_found"}', 500), OutcomeUnknown),
    "503, broken JSON": (body("not json", 503), OutcomeUnknown),
    "408": (body("{}", 408), OutcomeUnknown),
    "HTML": (body("<html>", 200, "text/html"), OutcomeUnknown),
    "broken JSON": (body("not json"), OutcomeUnknown),
    "nothing": (body(""), OutcomeUnknown),
    "plain text": (body("ok", 200, "text/plain"), OutcomeUnknown),
    "an array": (body("[1]"), OutcomeUnknown),
    "wrong encoding": (body(b'"\xff"'), OutcomeUnknown),
    "endless nesting": (body("[" * 100_000), OutcomeUnknown),
    "no without a code": (body('{"ok":false}'), OutcomeUnknown),
    "no with an odd code": (body('{"ok":false,"error":["odd"]}'), OutcomeUnknown),
    "internal_error": (no("internal_error"), OutcomeUnknown),
    "fatal_error": (no("fatal_error"), OutcomeUnknown),
    "request_timeout": (no("request_timeout"), OutcomeUnknown),
    "service_unavailable": (no("service_unavailable"), OutcomeUnknown),
    "dropped": (way("drop"), OutcomeUnknown),
    "dropped in the body": (way("drop_inside"), OutcomeUnknown),
    "too slow": (way("stall"), OutcomeUnknown),
    "not_in_channel": (no("not_in_channel"), SlackRefused),
    "message_not_found": (no("message_not_found"), SlackRefused),
    "404 in HTML": (body("<html>", 404, "text/html"), SlackRefused),
    "403 with a code": (body('{"ok":false,"error":"invalid_auth"}', 403), SlackRefused),
}


async def test_a_post_says_everything_and_nothing_more(slack, client):
    slack.says({"channel": "C1", "ts": "2.0", "message": {"ts": "2.0", "thread_ts": "1.0"}})
    posted = await client.post(TOKEN, "C1", "hi", BLOCKS, metadata=META, thread_ts="1.0")
    assert posted == Posted(channel="C1", ts="2.0", thread_ts="1.0")
    assert slack.bodies == [
        {
            "channel": "C1",
            "text": "hi",
            "blocks": BLOCKS,
            "metadata": META,
            "thread_ts": "1.0",
            "unfurl_links": False,
            "unfurl_media": False,
        }
    ]
    [request] = slack.requests
    assert (request.method, request.path) == ("POST", "/api/chat.postMessage")
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["User-Agent"].startswith("caption-bot/")


async def test_a_reply_whose_parent_is_gone_is_seen_to_have_strayed(slack, client):
    slack.says({"channel": "C1", "ts": "2.0", "message": {"ts": "2.0"}})
    assert (await client.post(TOKEN, "C1", "hi", [], thread_ts="1.0")).thread_ts is None


async def test_a_message_to_a_person_tells_the_channel_it_landed_in(slack, client):
    slack.says({"channel": "D9", "ts": "2.0"})
    assert await client.post(TOKEN, "U1", "hi", []) == Posted(channel="D9", ts="2.0")
    assert set(slack.bodies[0]) == {"channel", "text", "unfurl_links", "unfurl_media"}


async def test_an_accepted_post_without_a_ts_is_not_taken_for_done(slack, client):
    slack.says({"channel": "C1"})
    with pytest.raises(OutcomeUnknown, match="without ts"):
        await client.post(TOKEN, "C1", "hi", [])


async def test_an_update_always_carries_text_and_blocks(slack, client):
    slack.says({})
    await client.update(TOKEN, "C1", "1.0", "new", BLOCKS, metadata=META)
    await client.update(TOKEN, "C1", "1.0", "new", BLOCKS)
    assert slack.bodies == [
        {"channel": "C1", "ts": "1.0", "text": "new", "blocks": BLOCKS, "metadata": META},
        {"channel": "C1", "ts": "1.0", "text": "new", "blocks": BLOCKS},
    ]


async def test_the_smaller_writes_send_what_slack_names(slack, client):
    slack.says({"channel": {"id": "D1"}, "view": {"id": "V1"}})
    await client.delete(TOKEN, "C1", "1.0")
    await client.post_ephemeral(TOKEN, "C1", "U1", "hi", BLOCKS, thread_ts="1.0")
    assert await client.open_dm(TOKEN, "U1") == "D1"
    assert await client.views_open(TOKEN, "t1", {"type": "modal"}) == "V1"
    await client.views_update(TOKEN, "V1", {"type": "modal"}, expected_hash="h1")
    await client.views_update(TOKEN, "V1", {"type": "modal"})
    await client.views_publish(TOKEN, "U1", {"type": "home"})
    sent = [
        (request.path.removeprefix("/api/"), sent_body)
        for request, sent_body in zip(slack.requests, slack.bodies, strict=True)
    ]
    assert sent == [
        ("chat.delete", {"channel": "C1", "ts": "1.0"}),
        (
            "chat.postEphemeral",
            {"channel": "C1", "user": "U1", "text": "hi", "blocks": BLOCKS, "thread_ts": "1.0"},
        ),
        ("conversations.open", {"users": "U1"}),
        ("views.open", {"trigger_id": "t1", "view": {"type": "modal"}}),
        ("views.update", {"view_id": "V1", "view": {"type": "modal"}, "hash": "h1"}),
        ("views.update", {"view_id": "V1", "view": {"type": "modal"}}),
        ("views.publish", {"user_id": "U1", "view": {"type": "home"}}),
    ]


async def test_the_token_tells_who_it_is_and_what_it_may(slack, client):
    slack.says(
        {"team_id": "T1", "team": "Acme", "url": "https://acme.test/", "user_id": "U1", "bot_id": "B1"},
        headers={"x-oauth-scopes": "chat:write, commands,,files:write"},
    )
    assert await client.auth_test(TOKEN) == Identity(
        team_id="T1",
        team="Acme",
        url="https://acme.test/",
        user_id="U1",
        bot_id="B1",
        app_id="",
        enterprise_id="",
        scopes=frozenset({"chat:write", "commands", "files:write"}),
    )


async def test_a_thread_is_read_with_its_metadata_page_by_page(slack, client):
    first = {"ts": "1.0", "text": "parent", "user": "U1"}
    ours = {"ts": "2.0", "thread_ts": "1.0", "bot_id": "B1", "app_id": "A1", "metadata": META}
    slack.says(
        {
            "messages": [first, "odd", {"text": "no ts"}],
            "has_more": True,
            "response_metadata": {"next_cursor": "c2"},
        },
        {
            "messages": [ours, {"ts": "3.0", "metadata": []}],
            "has_more": False,
            "response_metadata": {"next_cursor": ""},
        },
    )
    assert await client.replies(TOKEN, "C1", "1.0", oldest=1_790_000_000.5) == [
        Found(channel="C1", ts="1.0", text="parent", user="U1"),
        Found(channel="C1", ts="2.0", thread_ts="1.0", bot_id="B1", app_id="A1", metadata=META),
        Found(channel="C1", ts="3.0"),
    ]
    fixed = {
        "channel": "C1",
        "ts": "1.0",
        "oldest": "1790000000.500000",
        "limit": "100",
        "include_all_metadata": "true",
        "inclusive": "true",
    }
    assert slack.bodies == [fixed, {**fixed, "cursor": "c2"}]
    assert slack.requests[0].method == "GET"
    assert TOKEN not in str(slack.requests[0].url)


async def test_a_channel_is_read_between_two_times(slack, client):
    slack.says({"messages": []})
    assert await client.history(TOKEN, "C1", 1.0, 2.5) == []
    assert await client.history(TOKEN, "C1", 1.0) == []
    assert [body.get("latest") for body in slack.bodies] == ["2.500000", None]


@pytest.mark.parametrize(
    "page",
    [
        {"messages": [], "response_metadata": {"next_cursor": "more"}},
        {"messages": [], "has_more": True},
        {},
        {"messages": {"ts": "1.0"}},
    ],
)
async def test_what_was_not_read_whole_proves_nothing(slack, client, page):
    slack.says(page)
    with pytest.raises(OutcomeUnknown):
        await client.replies(TOKEN, "C1", "1.0")
    assert len(slack.requests) <= 10


@pytest.mark.parametrize(("build", "expected"), FAILURES.values(), ids=FAILURES)
async def test_a_failed_post_says_whether_it_may_have_been_done(slack, client, answer, build, expected):
    slack.answers = [build(answer)]
    with pytest.raises(VendorError) as caught:
        await client.post(TOKEN, "C1", "hi", BLOCKS)
    assert type(caught.value) is expected
    assert len(slack.requests) == 1
    assert TOKEN not in "".join(traceback.format_exception(caught.value)) + repr(caught.value)


async def test_a_failed_read_is_not_repeated_behind_our_back(slack, client, answer):
    slack.answers = [answer.plain(500, "oops", "text/plain")]
    with pytest.raises(OutcomeUnknown):
        await client.replies(TOKEN, "C1", "1.0")
    assert len(slack.requests) == 1


@pytest.mark.parametrize(
    ("header", "wait"),
    [("7", 7.0), ("86400", 3600.0), ("0", 0.0), ("soon", None), ("-1", None), (None, None)],
)
async def test_the_wait_that_slack_asks_for_is_kept(slack, client, answer, header, wait):
    headers = {} if header is None else {"Retry-After": header}
    slack.answers = [answer.plain(429, '{"ok":false,"error":"ratelimited"}', headers=headers)]
    with pytest.raises(Throttled) as caught:
        await client.post(TOKEN, "C1", "hi", BLOCKS)
    assert caught.value.retry_in == wait


async def test_a_missing_scope_is_named(slack, client):
    slack.refuses("missing_scope", needed="channels:history", provided="chat:write")
    with pytest.raises(SlackRefused) as caught:
        await client.history(TOKEN, "C1", 0.0)
    error = caught.value
    assert (error.code, error.method, error.needed, error.provided) == (
        "missing_scope",
        "conversations.history",
        "channels:history",
        "chat:write",
    )


async def test_without_a_connection_nothing_was_sent():
    async with open_session() as session:
        client = connect("http://127.0.0.1:9/api/", session)
        with pytest.raises(NotReached):
            await client.post(TOKEN, "C1", "hi", BLOCKS)


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("https://slack.com/api/", "http://proxy.test:3128"),
        ("https://slack.internal.test/api/", None),
        ("http://127.0.0.1:4000/api/", None),
        ("http://localhost:4000/api/", None),
    ],
)
async def test_a_proxy_is_used_but_not_for_this_machine_or_for_exceptions(monkeypatch, url, proxy):
    for name in ("HTTPS_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv(name.lower(), "http://proxy.test:3128")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("no_proxy", ".internal.test")
    async with open_session() as session:
        assert connect(url, session)._web.proxy == proxy
