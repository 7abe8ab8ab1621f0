"""Threads, channels and people are read in the order and the pages that Slack has."""

from __future__ import annotations

import pytest

from tests.sandbox.slack_api.bench import BOT, scopes


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
