"""Files that are uploaded are shared where they were meant to go."""

from __future__ import annotations

import json

import pytest

from tests.sandbox.slack_files.desk import SECTION, SRT, Desk


async def test_several_files_are_one_message_in_the_thread(desk: Desk) -> None:
    parent = await desk.web.chat_postMessage(channel="C0DEMO", text="card")
    ids = [await desk.put(name=name) for name in ("en.srt", "en.vtt", "en.txt")]
    where = {"channel_id": "C0DEMO", "thread_ts": parent["ts"]}
    done = await desk.complete(*ids, initial_comment="Files", **where)
    assert [file["shares"] for file in done["files"]] == [{}, {}, {}]
    assert (await desk.info(ids[0]))["shares"] == {}
    await desk.passed()
    stamps = {(await desk.info(one))["shares"]["public"]["C0DEMO"][0]["ts"] for one in ids}
    thread = (await desk.web.conversations_replies(channel="C0DEMO", ts=parent["ts"]))["messages"]
    assert [message["ts"] for message in thread[1:]] == list(stamps)
    assert [file["name"] for file in thread[1]["files"]] == ["en.srt", "en.vtt", "en.txt"]
    assert thread[1]["text"] == "Files"


async def test_blocks_go_with_the_files_unless_there_is_a_comment(desk: Desk) -> None:
    first, second = await desk.put(), await desk.put()
    await desk.complete(first, channel_id="C0DEMO", blocks=json.dumps([SECTION]))
    await desk.complete(second, channel_id="C0DEMO", blocks="nonsense", initial_comment="words")
    await desk.passed()
    assert [(one.text, len(one.blocks)) for one in desk.shown()] == [("words", 0), ("", 1)]
    third = await desk.put()
    refusal = await desk.refused(desk.complete(third, channel_id="C0DEMO", blocks="[{}]"))
    assert refusal["error"] == "invalid_blocks"
    assert (await desk.complete(third))["ok"]


async def test_a_file_without_a_channel_stays_private(desk: Desk) -> None:
    only = await desk.put()
    await desk.complete(only)
    await desk.passed()
    assert (await desk.info(only))["shares"] == {}
    assert desk.shown() == []


@pytest.mark.parametrize("name", ["captions-demo", "#captions-demo", "U0ANA"])
async def test_a_channel_id_is_neither_a_name_nor_a_person(desk: Desk, name: str) -> None:
    refusal = await desk.refused(desk.complete(await desk.put(), channel_id=name))
    assert refusal["error"] == "invalid_arguments"
    sentence = "[ERROR] input must match regex pattern: ^[CGDZ][A-Z0-9]{8,}$ [json-pointer:/channel_id]"
    assert refusal["response_metadata"]["messages"] == [sentence]


async def test_a_list_of_channels_may_name_people_and_has_an_end(desk: Desk) -> None:
    only = await desk.put()
    assert await desk.error(desk.complete(only, channels=["captions-demo"])) == "invalid_arguments"
    many = ["C0DEMO"] * 101
    assert await desk.error(desk.complete(only, channels=many)) == "channels_limit_exceeded"
    await desk.complete(only, channels=["U0ANA"])
    await desk.passed()
    assert list((await desk.info(only))["shares"]["private"]) == ["D0ANA"]


async def test_where_the_bot_is_no_member_nothing_is_uploaded(desk: Desk) -> None:
    only = await desk.put()
    assert await desk.error(desk.complete(only, channel_id="C0ANNOUNCE")) == "not_in_channel"
    assert await desk.error(desk.complete(only, channel_id="G0BOARD")) == "channel_not_found"
    assert await desk.error(desk.complete(only, channel_id="C0NONE")) == "channel_not_found"
    assert await desk.error(desk.web.files_info(file=only)) == "file_not_found"


async def test_bytes_come_back_with_the_token_alone(desk: Desk) -> None:
    only = await desk.put(name="en.vtt")
    await desk.complete(only, channel_id="C0DEMO")
    url = (await desk.info(only))["url_private_download"]
    login = {"Authorization": f"Bearer {desk.web.token}"}
    async with desk.http.get(url, headers=login) as answer:
        assert (await answer.read(), answer.content_type) == (SRT, "text/vtt")
    for headers in ({}, {"Authorization": "Bearer xoxb-other"}):
        async with desk.http.get(url, headers=headers) as answer:
            assert (answer.status, answer.content_type) == (200, "text/html")
    for other in (url.replace("T0SANDBOX", "T0OTHER"), url.replace(only, "F0NONE")):
        async with desk.http.get(other, headers=login) as answer:
            assert answer.status == 404


async def test_a_snippet_and_a_picture_are_described(desk: Desk) -> None:
    text = b"\n".join([b"line"] * 7)
    snippet = await desk.put(text, name="en.srt", snippet_type="text")
    header = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x03\x20\x00\x00\x01\x2c"
    picture = await desk.put(header, name="speed.png", alt_txt="Speed over time")
    await desk.complete(snippet, picture, channel_id="C0DEMO")
    file = await desk.info(snippet)
    assert (file["mode"], file["filetype"], file["mimetype"]) == ("snippet", "text", "text/plain")
    assert (file["preview"], file["lines"], file["lines_more"]) == ("\n".join(["line"] * 5), 7, 2)
    file = await desk.info(picture)
    assert (file["alt_txt"], file["original_w"], file["original_h"]) == ("Speed over time", 800, 300)
    assert (file["mode"], file["pretty_type"], file["filetype"]) == ("hosted", "PNG", "png")


async def test_a_deleted_file_is_gone_but_for_a_stone(desk: Desk) -> None:
    only = await desk.put()
    await desk.complete(only, channel_id="C0DEMO")
    await desk.passed()
    url = (await desk.info(only))["url_private"]
    assert (await desk.web.files_delete(file=only))["ok"]
    assert await desk.error(desk.web.files_info(file=only)) == "file_deleted"
    assert await desk.error(desk.web.files_delete(file=only)) == "file_deleted"
    async with desk.http.get(url, headers={"Authorization": f"Bearer {desk.web.token}"}) as answer:
        assert answer.status == 404
    history = (await desk.web.conversations_history(channel="C0DEMO"))["messages"]
    assert history[0]["files"] == [{"id": only, "mode": "tombstone"}]


async def test_other_peoples_files_are_seen_where_the_bot_is(desk: Desk) -> None:
    people, files = desk.slack.people, {}
    for channel in ("C0DEMO", "C0ANNOUNCE", "G0BOARD"):
        files[channel] = people.share_file("U0ANA", channel, "a.mp4", b"film").files[0]
    unshared = desk.slack.workspace.add_file("form.srt", SRT, owner="U0ANA").id
    for seen in (files["C0DEMO"], files["C0ANNOUNCE"], unshared):
        assert (await desk.info(seen))["user"] == "U0ANA"
    hidden = files["G0BOARD"]
    assert await desk.error(desk.web.files_info(file=hidden)) == "file_not_found"
    url = f"{desk.url}/files-pri/T0SANDBOX-{hidden}/a.mp4"
    async with desk.http.get(url, headers={"Authorization": f"Bearer {desk.web.token}"}) as answer:
        assert answer.content_type == "text/html"
    assert await desk.error(desk.web.files_delete(file=unshared)) == "cant_delete_file"
