"""Slack's own client is the judge of the Web API's stand-in."""

from __future__ import annotations

import dataclasses
import io
import json

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette

from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faults import Fault, FaultKind, Faults
from bot.sandbox.journal import Journal
from bot.sandbox.slack.api import routes
from bot.sandbox.slack.core import Core

BOT = "U0CAPTION"
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "hi"}}
META = {"event_type": "caption_job", "event_payload": {"job": "j1", "kind": "card"}}
MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": [SECTION]}


class Bench:
    def __init__(self, core, url):
        self.core, self.url, self.journal = core, url, core.journal
        self.workspace, self.clock, self.faults = core.workspace, core.clock, core.faults
        self.web = AsyncWebClient(
            core.config.slack_bot_token, base_url=f"{url}/api/", retry_handlers=[], timeout=5
        )

    async def refusal(self, call):
        with pytest.raises(SlackApiError) as caught:
            await call
        return caught.value.response

    async def error(self, call):
        return (await self.refusal(call))["error"]


@pytest.fixture
async def bench(served, request):
    changes = getattr(request, "param", {})
    clock = SandboxClock()
    box = {}

    async def app(scope, receive, send):
        await box["app"](scope, receive, send)

    box["app"] = Starlette()
    async with served(app) as url:
        config = dataclasses.replace(SandboxConfig(public_url=url, limits=False), **changes)
        core = Core(config, clock, Journal(clock.now), Faults())
        box["app"] = Starlette(routes=routes(core))
        yield Bench(core, url)
        await core.stop()


def scopes(*more):
    return {"slack_scopes": (*SandboxConfig().slack_scopes, *more)}


async def test_a_token_is_who_it_says_and_shows_its_scopes(bench):
    answer = await bench.web.auth_test()
    assert (answer["user_id"], answer["team_id"]) == (BOT, "T0SANDBOX")
    assert answer.headers["x-oauth-scopes"].startswith("commands,chat:write")
    assert (await bench.web.api_test(foo="bar"))["args"] == {"foo": "bar"}


async def test_wrong_tokens_methods_and_scopes_are_refused(bench):
    assert await bench.error(bench.web.auth_test(token="xoxb-other")) == "invalid_auth"
    app = bench.core.config.slack_app_token
    posted = bench.web.chat_postMessage(channel="C0DEMO", text="hi", token=app)
    assert await bench.error(posted) == "not_allowed_token_type"
    told = await bench.web.auth_test(token=app)
    assert (told["app_id"], told.headers["x-oauth-scopes"]) == ("A0SANDBOX", "connections:write")
    assert await bench.error(bench.web.api_call("chat.shout")) == "unknown_method"
    assert await bench.error(bench.web.api_test(error="boom")) == "boom"
    async with aiohttp.ClientSession() as http, http.post(f"{bench.url}/api/auth.test") as answer:
        assert (await answer.json())["error"] == "not_authed"
    refusal = await bench.refusal(bench.web.users_info(user="U0ANA"))
    assert (refusal["error"], refusal["needed"]) == ("missing_scope", "users:read")
    assert refusal["provided"].startswith("commands")
    assert await bench.error(bench.web.conversations_info(channel="C0DEMO")) == "missing_scope"


async def test_every_way_of_sending_arguments_is_understood(bench):
    token = {"Authorization": "Bearer xoxb-sandbox-0000000000"}
    url = f"{bench.url}/api/chat.postMessage"
    form = {"channel": "C0DEMO", "blocks": json.dumps([SECTION]), "token": "xoxb-sandbox-0000000000"}
    parts = aiohttp.FormData([("channel", "C0DEMO"), ("text", "ç")], default_to_multipart=True)
    async with aiohttp.ClientSession() as http:
        for call in (
            http.post(url, data=form),
            http.post(url, json={"channel": "C0DEMO", "text": "json"}, headers=token),
            http.post(url, params={"channel": "C0DEMO", "text": "query"}, headers=token),
            http.get(url, params={"channel": "C0DEMO", "text": "get"}, headers=token),
            http.post(url, data=parts, headers=token),
        ):
            async with call as answer:
                assert (await answer.json())["ok"] is True
        broken = {"content-type": "application/json", **token}
        for body, error in ((b"{", "invalid_json"), (b"[]", "json_not_object")):
            async with http.post(url, data=body, headers=broken) as answer:
                assert (await answer.json())["error"] == error
        async with http.post(url, data=b"\xff", headers={"content-type": "x/form", **token}) as answer:
            assert (await answer.json())["error"] == "invalid_form_data"
    assert {message.text for message in bench.workspace.history("C0DEMO")} == {
        "",
        "json",
        "query",
        "get",
        "ç",
    }


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


async def test_a_thread_is_read_oldest_first_in_pages_that_begin_with_its_parent(bench):
    parent = await bench.web.chat_postMessage(channel="C0DEMO", text="p")
    stamps = [
        (await bench.web.chat_postMessage(channel="C0DEMO", text=str(n), thread_ts=parent["ts"]))["ts"]
        for n in range(5)
    ]
    pages = [
        [message["ts"] for message in page["messages"]]
        async for page in await bench.web.conversations_replies(channel="C0DEMO", ts=parent["ts"], limit=2)
    ]
    head = parent["ts"]
    assert pages == [[head, *stamps[:2]], [head, *stamps[2:4]], [head, stamps[4]]]
    some = await bench.web.conversations_replies(
        channel="C0DEMO", ts=head, oldest=stamps[1], latest=stamps[3]
    )
    assert [message["ts"] for message in some["messages"]] == [head, stamps[2]]
    nothing = bench.web.conversations_replies(channel="C0DEMO", ts="1.000001")
    assert await bench.error(nothing) == "thread_not_found"


async def test_a_deleted_parent_with_replies_leaves_a_tombstone(bench):
    parent = await bench.web.chat_postMessage(channel="C0DEMO", text="p")
    await bench.web.chat_postMessage(channel="C0DEMO", text="r", thread_ts=parent["ts"], reply_broadcast=True)
    await bench.web.chat_delete(channel="C0DEMO", ts=parent["ts"])
    thread = await bench.web.conversations_replies(channel="C0DEMO", ts=parent["ts"])
    assert thread["messages"][0]["subtype"] == "tombstone"
    later = await bench.web.chat_postMessage(channel="C0DEMO", text="late", thread_ts=parent["ts"])
    assert "thread_ts" not in later["message"]


async def test_history_comes_newest_first_between_two_moments_and_in_pages(bench):
    stamps = [(await bench.web.chat_postMessage(channel="C0DEMO", text=str(n)))["ts"] for n in range(5)]

    async def read(**arguments):
        found = await bench.web.conversations_history(channel="C0DEMO", **arguments)
        return [message["ts"] for message in found["messages"]]

    pages = [
        [message["ts"] for message in page["messages"]]
        async for page in await bench.web.conversations_history(channel="C0DEMO", limit=3)
    ]
    assert pages == [stamps[:1:-1], stamps[1::-1]]
    assert await read(oldest=stamps[1], latest=stamps[3]) == [stamps[2]]
    assert await read(oldest=stamps[1], latest=stamps[3], inclusive=True) == [stamps[3], stamps[2], stamps[1]]
    history = bench.web.conversations_history
    assert await bench.error(history(channel="C0DEMO", cursor="%%")) == "invalid_cursor"
    assert await bench.error(history(channel="C0DEMO", cursor="b25l")) == "invalid_cursor"
    assert await bench.error(history(channel="C0DEMO", limit=1_001)) == "invalid_limit"
    assert await bench.error(history(channel="C0DEMO", oldest="then")) == "invalid_ts_oldest"
    assert await bench.error(history(channel="C0DEMO", limit="many")) == "invalid_arguments"
    assert await bench.error(history(channel="C0ANNOUNCE")) == "not_in_channel"


@pytest.mark.parametrize("bench", [{"slack_scopes": ("channels:history",)}], indirect=True)
async def test_each_kind_of_conversation_needs_its_own_scope(bench):
    refusal = await bench.refusal(bench.web.conversations_history(channel="D0ANA"))
    assert (refusal["error"], refusal["needed"]) == ("missing_scope", "im:history")


@pytest.mark.parametrize(
    "bench",
    [scopes("channels:read", "groups:read", "im:read", "im:write", "channels:join", "users:read")],
    indirect=True,
)
async def test_channels_and_people_can_be_looked_up(bench):
    web = bench.web
    info = await web.conversations_info(channel="C0ANNOUNCE")
    assert (info["channel"]["name"], info["channel"]["is_member"]) == ("announcements", False)
    listed = await web.conversations_list(types="public_channel,private_channel", limit=2)
    assert [one["id"] for one in listed["channels"]] == ["C0ANNOUNCE", "C0DEMO"]
    rest = await web.conversations_list(cursor=listed["response_metadata"]["next_cursor"])
    assert [one["id"] for one in rest["channels"]] == ["C0LUMEN", "C0PAYLOAD"]
    assert await bench.error(web.conversations_list(types="rooms")) == "invalid_types"
    assert (await web.conversations_open(users="U0ANA"))["channel"]["id"] == "D0ANA"
    assert (await web.conversations_open(channel="D0ANA", return_im=True))["channel"]["user"] == "U0ANA"
    assert await bench.error(web.conversations_open(users="U0NOBODY")) == "user_not_found"
    assert BOT in (await web.conversations_members(channel="C0DEMO"))["members"]
    assert (await web.users_info(user="U0BEN"))["user"]["real_name"] == "Ben Okafor"
    assert await bench.error(web.users_info(user="U0NOBODY")) == "user_not_found"
    assert (await web.conversations_join(channel="C0ANNOUNCE"))["channel"]["is_member"]
    assert await bench.error(web.conversations_join(channel="G0BOARD")) == "channel_not_found"
    assert (
        await bench.error(web.conversations_join(channel="D0ANA")) == "method_not_supported_for_channel_type"
    )
    bench.workspace.archive("C0DEMO")
    assert await bench.error(web.conversations_join(channel="C0DEMO")) == "is_archived"


async def test_a_permalink_names_the_thread(bench):
    parent = await bench.web.chat_postMessage(channel="C0DEMO", text="p")
    reply = await bench.web.chat_postMessage(channel="C0DEMO", text="r", thread_ts=parent["ts"])
    link = await bench.web.chat_getPermalink(channel="C0DEMO", message_ts=reply["ts"])
    assert f"thread_ts={parent['ts']}" in link["permalink"]
    lost = bench.web.chat_getPermalink(channel="C0DEMO", message_ts="1.000001")
    assert await bench.error(lost) == "message_not_found"


async def test_a_trigger_opens_one_modal_within_three_seconds(bench):
    web, triggers = bench.web, bench.core.triggers
    trigger = triggers.issue("U0ANA")
    opened = await web.views_open(trigger_id=trigger, view=MODAL)
    assert opened["view"]["root_view_id"] == opened["view"]["id"]
    assert await bench.error(web.views_open(trigger_id=trigger, view=MODAL)) == "exchanged_trigger_id"
    assert await bench.error(web.views_open(trigger_id="1.2.3", view=MODAL)) == "invalid_trigger_id"
    late = triggers.issue("U0ANA")
    bench.clock.advance(3.1)
    assert await bench.error(web.views_open(trigger_id=late, view=MODAL)) == "expired_trigger_id"
    bench.clock.advance(4_000)
    triggers.issue("U0ANA")
    assert await bench.error(web.views_open(trigger_id=late, view=MODAL)) == "invalid_trigger_id"


async def test_views_are_updated_by_id_unless_the_hash_is_stale(bench):
    web, triggers = bench.web, bench.core.triggers
    opened = (await web.views_open(trigger_id=triggers.issue("U0ANA"), view={**MODAL, "external_id": "x"}))[
        "view"
    ]
    updated = await web.views_update(
        view_id=opened["id"], hash=opened["hash"], view=MODAL | {"external_id": "x"}
    )
    assert updated["view"]["id"] == opened["id"]
    stale = web.views_update(view_id=opened["id"], hash=opened["hash"], view=MODAL)
    assert await bench.error(stale) == "hash_conflict"
    assert await bench.error(web.views_update(view_id="V0NO", view=MODAL)) == "not_found"
    assert (await web.views_update(external_id="x", view=MODAL | {"external_id": "x"}))["ok"]
    twin = web.views_open(trigger_id=triggers.issue("U0BEN"), view={**MODAL, "external_id": "x"})
    assert await bench.error(twin) == "duplicate_external_id"
    home = {"type": "home", "blocks": [SECTION]}
    assert await bench.error(web.views_update(view_id=opened["id"], view=home)) == "invalid_arguments"
    assert await bench.error(web.views_open(trigger_id="1", view=home)) == "invalid_arguments"
    for depth in (2, 3):
        pushed = await web.views_push(trigger_id=triggers.issue("U0ANA"), view=MODAL)
        assert pushed["view"]["root_view_id"] == opened["id"], depth
    full = web.views_push(trigger_id=triggers.issue("U0ANA"), view=MODAL)
    assert await bench.error(full) == "push_limit_reached"


async def test_a_home_tab_is_published_per_person(bench):
    home = {"type": "home", "blocks": [SECTION]}
    first = (await bench.web.views_publish(user_id="U0ANA", view=home))["view"]
    second = (await bench.web.views_publish(user_id="U0ANA", view=home, hash=first["hash"]))["view"]
    assert (second["id"], second["hash"] == first["hash"]) == (first["id"], False)
    stale = bench.web.views_publish(user_id="U0ANA", view=home, hash=first["hash"])
    assert await bench.error(stale) == "hash_conflict"
    assert await bench.error(bench.web.views_publish(user_id="U0NO", view=home)) == "invalid_arguments"
    assert await bench.error(bench.web.views_publish(user_id="U0ANA", view=MODAL)) == "invalid_arguments"
    assert "U0BEN" not in bench.workspace.views.home


@pytest.mark.parametrize("bench", [{"home_tab": False}], indirect=True)
async def test_an_app_without_a_home_tab_cannot_publish_one(bench):
    home = {"type": "home", "blocks": [SECTION]}
    assert await bench.error(bench.web.views_publish(user_id="U0ANA", view=home)) == "not_enabled"


@pytest.mark.parametrize("bench", [scopes("files:read")], indirect=True)
async def test_files_are_uploaded_in_three_steps_and_shared_a_little_later(bench):
    parent = await bench.web.chat_postMessage(channel="C0DEMO", text="p")
    done = await bench.web.files_upload_v2(
        channel="C0DEMO",
        thread_ts=parent["ts"],
        initial_comment="Captions",
        file_uploads=[{"content": "1\n", "filename": "en.srt"}, {"content": "22\n", "filename": "fr.vtt"}],
    )
    assert [file["shares"] for file in done["files"]] == [{}, {}]
    bench.clock.advance(1)
    await bench.web.api_test()
    shared = await bench.web.files_info(file=done["files"][0]["id"])
    ts = shared["file"]["shares"]["public"]["C0DEMO"][0]["ts"]
    message = bench.workspace.find("C0DEMO", ts)
    assert (message.thread_ts, message.text, len(message.files)) == (parent["ts"], "Captions", 2)
    url = shared["file"]["url_private_download"]
    async with aiohttp.ClientSession() as http:
        async with http.get(url) as page:
            assert (page.status, page.content_type) == (200, "text/html")
        async with http.get(url, headers={"Authorization": f"Bearer {bench.web.token}"}) as file:
            assert await file.read() == b"1\n"
        async with http.get(f"{bench.url}/files-pri/T0-F0/x", headers={}) as lost:
            assert lost.status == 404
    thread = await bench.web.conversations_replies(channel="C0DEMO", ts=parent["ts"])
    assert thread["messages"][1]["files"][0]["name"] == "en.srt"


async def test_an_upload_must_be_whole_and_is_completed_once(bench):
    web = bench.web
    asked = await web.files_getUploadURLExternal(filename="a.srt", length=3)
    listed = [{"id": asked["file_id"], "title": "A"}]
    assert await bench.error(web.files_completeUploadExternal(files=listed)) == "file_not_found"
    parts = aiohttp.FormData({"file": io.BytesIO(b"abc")})
    async with aiohttp.ClientSession() as http:
        async with http.post(asked["upload_url"], data=b"too long") as answer:
            assert answer.status == 400
        async with http.post(asked["upload_url"], data=parts) as answer:
            assert answer.status == 200
    two = {"channels": ["C0DEMO", "C0PAYLOAD"]}
    threaded = web.files_completeUploadExternal(files=listed, thread_ts="1.000001", **two)
    assert await bench.error(threaded) == "invalid_arguments"
    assert await bench.error(web.files_completeUploadExternal(files=[])) == "invalid_arguments"
    assert (await web.files_completeUploadExternal(files=listed, **two))["ok"]
    assert await bench.error(web.files_completeUploadExternal(files=listed)) == "file_not_found"
    ask = web.files_getUploadURLExternal
    assert await bench.error(ask(filename="a.srt", length=0)) == "missing_argument"
    assert await bench.error(ask(filename="a.srt", length=1, snippet_type="srt")) == "unknown_snippet_type"
    assert await bench.error(ask(filename="a", length=1_000_001, snippet_type="text")) == "snippet_too_large"
    assert await bench.error(web.files_info(file="F0NO")) == "file_not_found"
    bench.workspace.archive("C0DEMO")
    upload = web.files_upload_v2(channel="C0DEMO", content="1", filename="a.srt")
    assert await bench.error(upload) == "is_archived"


@pytest.mark.parametrize("bench", [{"limits": True}], indirect=True)
async def test_posting_faster_than_one_a_second_in_a_channel_is_told_to_wait(bench):
    for _ in range(4):
        await bench.web.chat_postMessage(channel="U0ANA", text="x")
    refusal = await bench.refusal(bench.web.chat_postMessage(channel="D0ANA", text="x"))
    assert (refusal.status_code, refusal["error"], refusal.headers["Retry-After"]) == (
        429,
        "ratelimited",
        "1",
    )
    await bench.web.chat_postMessage(channel="C0DEMO", text="another channel")
    bench.clock.advance(1)
    await bench.web.chat_postMessage(channel="D0ANA", text="x")
    assert [entry.name for entry in bench.journal.find("slack.limited")] == ["chat.postMessage"]


@pytest.mark.parametrize("bench", [{"limits": True}], indirect=True)
async def test_a_method_has_its_tier_s_rate(bench):
    sent = await bench.web.chat_postMessage(channel="C0DEMO", text="x")
    for _ in range(10):
        await bench.web.chat_update(channel="C0DEMO", ts=sent["ts"], text="y")
    refusal = await bench.refusal(bench.web.chat_update(channel="C0DEMO", ts=sent["ts"], text="y"))
    assert refusal.headers["Retry-After"] == "2"


async def test_faults_strike_before_or_after_the_effect(bench):
    def order(kind, **more):
        bench.faults.add(Fault(kind=kind, target="slack:chat.postMessage", **more))

    def posts():
        return len(bench.workspace.history("C0DEMO"))

    def post():
        return bench.web.chat_postMessage(channel="C0DEMO", text="x")

    order(FaultKind.RATE_LIMITED, seconds=7)
    assert (await bench.refusal(post())).headers["Retry-After"] == "7"
    order(FaultKind.REFUSE, code="fatal_error")
    assert await bench.error(post()) == "fatal_error"
    order(FaultKind.ERROR_BEFORE, status=503)
    assert ((await bench.refusal(post())).status_code, posts()) == (503, 0)
    order(FaultKind.ERROR_AFTER, code="internal_error")
    assert (await bench.error(post()), posts()) == ("internal_error", 1)
    order(FaultKind.DROP_AFTER)
    with pytest.raises(aiohttp.ClientError):
        await post()
    assert posts() == 2
    calls = bench.journal.find("slack.call", "chat.postMessage")
    assert [entry.data["error"] for entry in calls] == ["fault", "fault", "fault", "", ""]


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


async def test_a_session_exists_only_between_start_and_stop(bench):
    with pytest.raises(RuntimeError):
        _ = bench.core.session
    await bench.core.start()
    assert not bench.core.session.closed
