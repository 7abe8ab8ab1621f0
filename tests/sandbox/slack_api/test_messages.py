"""Messages are posted, changed and deleted as in Slack."""

from __future__ import annotations

import json

import aiohttp
import pytest

from tests.sandbox.slack_api.bench import META, SECTION, scopes


async def test_metadata_is_kept_and_shown_whole_only_on_request(bench):
    sent = await bench.web.chat_postMessage(channel="C0DEMO", text="card", metadata=META)
    assert sent["message"]["bot_id"] == "B0CAPTION"
    plain = await bench.web.conversations_history(channel="C0DEMO")
    whole = await bench.web.conversations_history(channel="C0DEMO", include_all_metadata=True)
    assert plain["messages"][0]["metadata"] == {"event_type": "caption_job"}
    assert whole["messages"][0]["metadata"] == META
    effect = bench.journal.find("slack.effect", "message.posted")[0]
    assert effect.data["metadata"] == META
    assert "token" not in bench.journal.find("slack.call", "chat.postMessage")[0].data["args"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        pytest.param({"channel": "C0NO", "text": "x"}, "channel_not_found", id="no such channel"),
        pytest.param({"channel": "G0BOARD", "text": "x"}, "channel_not_found", id="private, not in it"),
        pytest.param({"channel": "C0ANNOUNCE", "text": "x"}, "not_in_channel", id="public, not in it"),
        pytest.param({"channel": "C0DEMO", "text": ""}, "no_text", id="nothing to say"),
        pytest.param({"channel": "C0DEMO", "blocks": "["}, "invalid_blocks_format", id="blocks not JSON"),
        pytest.param({"channel": "C0DEMO", "blocks": [{"type": "nope"}]}, "invalid_blocks", id="block type"),
        pytest.param(
            {"channel": "C0DEMO", "text": "x", "metadata": "["},
            "invalid_metadata_format",
            id="metadata not JSON",
        ),
        pytest.param(
            {"channel": "C0DEMO", "text": "x", "metadata": [1]}, "invalid_metadata_format", id="metadata list"
        ),
        pytest.param(
            {"channel": "C0DEMO", "text": "x", "metadata": {"event_type": "a"}},
            "invalid_metadata_schema",
            id="metadata without payload",
        ),
        pytest.param(
            {
                "channel": "C0DEMO",
                "text": "x",
                "metadata": {"event_type": "a", "event_payload": {"b": "c" * 5_000}},
            },
            "metadata_too_large",
            id="metadata too large",
        ),
        pytest.param(
            {"channel": "C0DEMO", "text": "x", "markdown_text": "y"}, "markdown_text_conflict", id="two texts"
        ),
        pytest.param(
            {"channel": "C0DEMO", "markdown_text": "y" * 12_001}, "msg_too_long", id="long markdown"
        ),
        pytest.param({"channel": "C0DEMO", "attachments": [{}]}, "invalid_arguments", id="attachments"),
        pytest.param({"text": "x"}, "invalid_arguments", id="no channel"),
    ],
)
async def test_a_post_that_slack_would_refuse_is_refused(bench, arguments, error):
    assert await bench.error(bench.web.api_call("chat.postMessage", json=arguments)) == error
    assert bench.workspace.history("C0DEMO") == []


async def test_posts_reach_people_names_and_markdown(bench):
    direct = await bench.web.chat_postMessage(channel="U0ANA", text="hi")
    named = await bench.web.chat_postMessage(channel="#captions-demo", text="hi")
    marked = await bench.web.chat_postMessage(channel="C0DEMO", markdown_text="**hi**")
    assert (direct["channel"], named["channel"]) == ("D0ANA", "C0DEMO")
    assert marked["message"]["blocks"][0]["type"] == "markdown"


@pytest.mark.parametrize("bench", [scopes("chat:write.public")], indirect=True)
async def test_chat_write_public_opens_public_channels_but_not_their_uploads(bench):
    assert (await bench.web.chat_postMessage(channel="C0ANNOUNCE", text="hi"))["ok"]
    upload = bench.web.files_upload_v2(channel="C0ANNOUNCE", content="1", filename="a.srt")
    assert await bench.error(upload) == "not_in_channel"


async def test_nothing_is_posted_to_an_archived_channel(bench):
    bench.workspace.archive("C0DEMO")
    assert await bench.error(bench.web.chat_postMessage(channel="C0DEMO", text="x")) == "is_archived"


async def test_an_update_with_text_only_drops_the_blocks_and_keeps_the_metadata(bench):
    sent = await bench.web.chat_postMessage(channel="C0DEMO", text="a", blocks=[SECTION], metadata=META)
    await bench.web.chat_update(channel="C0DEMO", ts=sent["ts"], text="b")
    message = bench.workspace.find("C0DEMO", sent["ts"])
    assert (message.text, message.blocks, message.metadata) == ("b", [], META)
    assert "edited" in (await bench.web.conversations_history(channel="C0DEMO"))["messages"][0]
    await bench.web.chat_update(channel="C0DEMO", ts=sent["ts"], text="b", metadata={})
    assert message.metadata is None


async def test_updates_and_deletions_are_refused_as_by_slack(bench):
    sent = await bench.web.chat_postMessage(channel="D0ANA", text="a")
    theirs = bench.workspace.post("C0DEMO", "U0ANA", "mine")
    quiet = await bench.web.chat_postEphemeral(channel="C0DEMO", user="U0ANA", text="psst")

    def update(**arguments):
        return bench.error(bench.web.api_call("chat.update", json=arguments))

    assert await update(channel="U0ANA", ts=sent["ts"], text="b") == "channel_not_found"
    assert await update(channel="D0ANA", ts="1.000001", text="b") == "message_not_found"
    assert await update(channel="D0ANA", ts=sent["ts"], text="b" * 4_001) == "msg_too_long"
    assert await update(channel="D0ANA", ts=sent["ts"]) == "no_text"
    assert await update(channel="C0DEMO", ts=theirs.ts, text="b") == "cant_update_message"
    assert await update(channel="C0DEMO", ts=quiet["message_ts"], text="b") == "message_not_found"
    assert await bench.error(bench.web.chat_delete(channel="C0DEMO", ts=theirs.ts)) == "cant_delete_message"
    assert (await bench.web.chat_delete(channel="D0ANA", ts=sent["ts"]))["ok"]
    assert await bench.error(bench.web.chat_delete(channel="D0ANA", ts=sent["ts"])) == "message_not_found"
    bench.workspace.archive("C0DEMO")
    assert await update(channel="C0DEMO", ts=theirs.ts, text="b") == "is_archived"


async def test_an_ephemeral_message_needs_a_member_and_a_text(bench):
    bench.workspace.kick("C0DEMO", "U0BEN")

    def quietly(**arguments):
        return bench.error(bench.web.api_call("chat.postEphemeral", json={"channel": "C0DEMO", **arguments}))

    assert await quietly(user="U0BEN", text="x") == "user_not_in_channel"
    assert await quietly(user="U0ANA", text="") == "no_text"
    assert await quietly(user="U0ANA", text="x" * 40_001) == "msg_too_long"


async def test_a_permalink_names_the_thread(bench):
    parent = await bench.web.chat_postMessage(channel="C0DEMO", text="p")
    reply = await bench.web.chat_postMessage(channel="C0DEMO", text="r", thread_ts=parent["ts"])
    link = await bench.web.chat_getPermalink(channel="C0DEMO", message_ts=reply["ts"])
    assert f"thread_ts={parent['ts']}" in link["permalink"]
    lost = bench.web.chat_getPermalink(channel="C0DEMO", message_ts="1.000001")
    assert await bench.error(lost) == "message_not_found"


async def test_a_response_url_answers_five_times_within_half_an_hour(bench):
    urls = bench.core.response_urls
    url = urls.issue("G0BOARD", "U0ANA", command="/caption help")

    async def answer(to=url, **body):
        async with aiohttp.ClientSession() as http, http.post(urls.address(to), json=body) as response:
            return response.status, await response.text()

    def seen(person):
        return [message.text for message in bench.workspace.seen_by("G0BOARD", person)]

    assert await answer(text="first") == (200, "ok")
    assert (seen("U0ANA"), seen("U0BEN")) == (["first"], [])
    await answer(text="second", replace_original=True)
    assert seen("U0ANA") == ["second"]
    await answer(text="third", response_type="in_channel")
    assert (seen("U0ANA"), seen("U0BEN")) == (["second", "third"], ["third"])
    await answer(delete_original=True)
    assert seen("U0ANA") == ["third"]
    assert (await answer())[0] == 400
    status, body = await answer(text="sixth")
    assert (status, json.loads(body)["error"]) == (404, "used_url")
    old = urls.issue("C0DEMO", "U0ANA")
    bench.clock.advance(1_801)
    status, body = await answer(old, text="late")
    assert (status, json.loads(body)["error"]) == (404, "expired_url")
    bench.clock.advance(10_000)
    urls.issue("C0DEMO", "U0ANA")
    async with aiohttp.ClientSession() as http:
        for raw in (b"{", b"[]"):
            async with http.post(urls.address(url), data=raw) as response:
                assert (await response.json())["error"] == "invalid_payload"
