"""What is said on the page reaches the workspace, and what stands there is shown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.sandbox.slack.model import File
from tests.sandbox.page_http.desk import Desk, words


async def test_a_command_reaches_the_bot_and_its_answer_is_private(desk: Desk) -> None:
    desk.bot.answer = {"response_type": "ephemeral", "text": "Here is *help*"}
    assert (await desk.do("say", **{"in": "C0DEMO", "text": "/caption help me"})).status_code == 200
    assert desk.bot.got[0]["command"] == "/caption"
    assert desk.bot.got[0]["text"] == "help me"
    (item,) = desk.shown().lists["messages"].values()
    assert "Only visible to you" in item.html
    assert "Here is <strong>help</strong>" in item.html
    assert desk.shown("U0BEN").lists["messages"] == {}


async def test_plain_words_are_posted_as_the_persons_message(desk: Desk) -> None:
    await desk.do("say", **{"in": "C0DEMO", "text": "is a < b & c?", "thread": ""})
    (item,) = desk.shown("U0BEN").lists["messages"].values()
    assert "is a &lt; b &amp; c?" in item.html
    assert "Ana Costa" in item.html
    assert "APP" not in item.html
    assert desk.bot.got == []


async def test_a_reply_goes_into_the_thread_and_counts(desk: Desk) -> None:
    parent = desk.post("card")
    await desk.do("say", **{"in": "C0DEMO", "text": "thanks", "thread": parent.ts})
    await desk.do("say", **{"in": "C0DEMO", "text": "a lot", "thread": parent.ts})
    shown = desk.shown(thread=parent.ts)
    assert "2 replies" in shown.lists["messages"][parent.ts].html
    assert "Last reply" in shown.lists["messages"][parent.ts].html
    assert len(shown.lists["messages"]) == 1
    assert len(shown.lists["thread-messages"]) == 3
    assert "2 replies" not in shown.lists["thread-messages"][parent.ts].html


async def test_a_deleted_parent_leaves_a_gravestone_over_its_thread(desk: Desk) -> None:
    parent = desk.post("card")
    desk.post("reply", thread_ts=parent.ts)
    alone = desk.post("alone")
    desk.slack.workspace.delete(parent)
    desk.slack.workspace.delete(alone)
    messages = desk.shown().lists["messages"]
    assert list(messages) == [parent.ts]
    assert "This message was deleted." in messages[parent.ts].html
    assert "1 reply<" in messages[parent.ts].html


async def test_an_edit_is_marked_and_a_card_is_not(desk: Desk) -> None:
    plain, card = desk.post("one"), desk.post("two")
    block = {"type": "section", "block_id": "b", "text": words("three")}
    desk.slack.workspace.update(plain, text="uno", blocks=[], metadata=None)
    desk.slack.workspace.update(card, text="x", blocks=[block], metadata=None)
    messages = desk.shown().lists["messages"]
    assert "(edited)" in messages[plain.ts].html
    assert "(edited)" not in messages[card.ts].html


async def test_a_message_shows_its_command_and_files(desk: Desk) -> None:
    desk.slack.workspace.files["F1"] = File(
        id="F1", name="a b.srt", title="English", owner="U0ANA", content=b"x" * 2048, completed=True
    )
    desk.post("done", files=["F1", "F2"], command="/caption asset01")
    (item,) = desk.shown().lists["messages"].values()
    assert "/caption asset01" in item.html
    assert 'href="/files/U0ANA/F1/a%20b.srt"' in item.html
    assert "a b.srt · SRT captions · 2 KB" in item.html


async def test_a_pressed_button_reaches_the_bot_with_its_own_value(desk: Desk) -> None:
    button = {"type": "button", "action_id": "cancel", "text": words("Cancel"), "value": "job1"}
    message = desk.post(blocks=[{"type": "actions", "block_id": "b", "elements": [button]}])
    where = {"channel": "C0DEMO", "ts": message.ts}
    answer = await desk.do("act", source=where, block="b", action="cancel", raw={"value": "forged"}, state={})
    assert answer.status_code == 200
    (payload,) = desk.bot.got
    assert payload["type"] == "block_actions"
    assert payload["actions"][0]["value"] == "job1"
    gone = await desk.do("act", source=where, block="b", action="other")
    assert gone.json() == {"error": "This button or field is gone."}
    assert (await desk.do("act", source={**where, "ts": "1.0"}, block="b", action="x")).status_code == 400


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"in": "C0NONE", "text": "x"}, "There is no such channel."),
        ({"text": "x"}, "The request lacks in."),
        ({"as": "U0NONE", "in": "C0DEMO", "text": "x"}, "There is no such person."),
    ],
)
async def test_an_act_that_makes_no_sense_is_answered_with_a_sentence(
    desk: Desk, body: dict[str, Any], sentence: str
) -> None:
    answer = await desk.do("say", **body)
    assert answer.status_code == 400
    assert answer.json()["error"] == sentence


async def test_an_archived_channel_says_so(desk: Desk) -> None:
    desk.slack.workspace.archive("C0DEMO")
    answer = await desk.do("say", **{"in": "C0DEMO", "text": "x"})
    assert answer.json()["error"] == "This channel is archived: nobody can post here."
    assert "archived" in desk.shown().regions["title"].html


async def test_a_channel_without_the_bot_says_so_and_dms_have_tabs(desk: Desk) -> None:
    assert "is not in this channel" in desk.shown(place="C0ANNOUNCE").regions["title"].html
    assert 'class="tabs"' in desk.shown(place="D0ANA").regions["title"].html
    assert desk.shown(place="D0BEN").place == "C0DEMO"


async def test_a_file_is_attached_to_a_message_with_its_name_and_size(desk: Desk) -> None:
    async def attach(content: bytes = b"x" * 3_000_000, **query: str) -> httpx.Response:
        about = {"as": "U0ANA", "in": "C0DEMO", "name": "cut <1>.mp4", "text": "a & b", **query}
        headers = {"Content-Type": "video/mp4"}
        return await desk.browser.post("/_page/share", params=about, content=content, headers=headers)

    assert (await attach()).status_code == 200
    (item,) = desk.shown().lists["messages"].values()
    assert "cut &lt;1&gt;.mp4</strong><small>MP4 video · 2.9 MB" in item.html
    assert "a &amp; b" in item.html
    (message,) = desk.slack.workspace.channels["C0DEMO"].messages.values()
    assert (await attach(thread=message.ts)).status_code == 200
    assert message.reply_count == 1
    assert (await attach(b"")).json() == {"error": "This file is empty."}
    assert (await attach(**{"in": "C0NONE"})).json() == {"error": "There is no such channel."}
    (page,) = [(await desk.browser.get("/?as=U0ANA&in=C0DEMO")).text]
    assert page.count("data-attach") == 2


async def test_a_file_that_does_not_fit_into_memory_is_refused(desk: Desk) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(300):
            yield bytes(1024 * 1024)

    about = {"as": "U0ANA", "in": "C0DEMO", "name": "a.mp4"}
    answer = await desk.browser.post(
        "/_page/share", params=about, content=endless(), headers={"Content-Type": "video/mp4"}
    )
    assert answer.json() == {"error": "The sandbox takes files of up to 200 MB."}
