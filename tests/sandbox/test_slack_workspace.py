"""The workspace keeps what people and the bot did, in the order in which they did it."""

import pytest

from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.journal import Journal
from bot.sandbox.slack.model import Refusal
from bot.sandbox.slack.workspace import Workspace

BOT = "U0CAPTION"


@pytest.fixture
def workspace():
    clock = SandboxClock()
    return Workspace(SandboxConfig(), clock, Journal(clock.now))


def input_block(block_id, element):
    return {
        "type": "input",
        "block_id": block_id,
        "label": {"type": "plain_text", "text": "L"},
        "element": element,
    }


def test_timestamps_are_unique_increasing_and_printed_with_six_decimals(workspace):
    stamps = [workspace.next_ts() for _ in range(500)]
    assert len(set(stamps)) == 500
    assert stamps == sorted(stamps)
    assert all(len(stamp.split(".")[1]) == 6 for stamp in stamps)


def test_the_bot_is_a_member_only_where_it_was_invited(workspace):
    member = {c.name: BOT in c.members for c in workspace.channels.values() if c.kind != "im"}
    assert member == {
        "captions-demo": True,
        "payload-reviews": True,
        "announcements": False,
        "board-films": False,
        "films-with-lumen": True,
    }
    assert workspace.channel("U0ANA").id == "D0ANA"


def test_a_thread_knows_its_replies_and_history_leaves_them_out(workspace):
    parent = workspace.post("C0DEMO", BOT, "card")
    reply = workspace.post("C0DEMO", BOT, "done", thread_ts=parent.ts)
    assert workspace.replies("C0DEMO", parent.ts) == [parent, reply]
    assert workspace.replies("C0DEMO", reply.ts) == [reply]
    assert workspace.history("C0DEMO") == [parent]
    assert (parent.thread_ts, parent.reply_count) == (parent.ts, 1)


def test_a_reply_to_a_deleted_parent_lands_in_the_channel(workspace):
    parent = workspace.post("C0DEMO", BOT, "card")
    workspace.delete(parent)
    reply = workspace.post("C0DEMO", BOT, "done", thread_ts=parent.ts)
    assert reply.thread_ts is None
    assert workspace.history("C0DEMO") == [reply]
    assert workspace.replies("C0DEMO", parent.ts) == []


def test_a_deleted_reply_leaves_the_thread(workspace):
    parent = workspace.post("C0DEMO", BOT, "card")
    reply = workspace.post("C0DEMO", BOT, "done", thread_ts=parent.ts)
    workspace.delete(reply)
    assert parent.reply_count == 0
    assert workspace.find("C0DEMO", reply.ts) is None


def test_an_ephemeral_message_exists_for_one_person_only(workspace):
    shown = workspace.post("C0DEMO", BOT, "psst", ephemeral_to="U0ANA")
    assert workspace.find("C0DEMO", shown.ts) is None
    assert workspace.history("C0DEMO") == []
    assert workspace.seen_by("C0DEMO", "U0ANA") == [shown]
    assert workspace.seen_by("C0DEMO", "U0BEN") == []
    assert workspace.replies("C0DEMO", shown.ts) == []


def test_channels_can_be_renamed_archived_and_left(workspace):
    workspace.rename("C0DEMO", "films")
    workspace.archive("C0DEMO")
    workspace.kick("C0DEMO")
    channel = workspace.channel("C0DEMO")
    assert (channel.name, channel.archived, BOT in channel.members) == ("films", True, False)
    workspace.invite("C0DEMO")
    assert BOT in channel.members
    with pytest.raises(Refusal, match="channel_not_found"):
        workspace.channel("C0NOWHERE")


def test_a_subscriber_hears_of_every_change_and_can_catch_up(workspace):
    queue = workspace.subscribe()
    before = workspace.changes.seq
    message = workspace.post("C0DEMO", BOT, "hello")
    workspace.toast("U0ANA", "notice")
    first, second = queue.get_nowait(), queue.get_nowait()
    assert (first.kind, first.ts, second.kind, second.text) == ("message", message.ts, "toast", "notice")
    assert workspace.changes.since(before) == [first, second]
    assert workspace.changes.since(10_000) is None
    workspace.changes.unsubscribe(queue)
    workspace.changes.unsubscribe(queue)
    workspace.post("C0DEMO", BOT, "unheard")
    assert queue.empty()


def test_a_subscriber_that_sleeps_too_long_is_told_to_redraw(workspace):
    queue = workspace.subscribe()
    for _ in range(1_001):
        workspace.toast("U0ANA", "tick")
    assert queue.get_nowait().kind == "reset"
    assert queue.empty()


def test_views_keep_their_id_and_what_was_typed_but_change_their_hash(workspace):
    name = {"type": "plain_text_input", "action_id": "name", "initial_value": "draft"}
    languages = {"type": "multi_static_select", "action_id": "languages", "options": []}
    view = workspace.views.open("U0ANA", {"blocks": [input_block("a", name), input_block("b", languages)]})
    assert view.state == {
        "a": {"name": {"type": "plain_text_input", "value": "draft"}},
        "b": {"languages": {"type": "multi_static_select", "selected_options": []}},
    }
    workspace.views.type_in(view, "a", "name", {"type": "plain_text_input", "value": "typed"})
    before = (view.id, view.hash)
    workspace.views.update(view, {"blocks": [input_block("a", name), input_block("c", languages)]})
    assert (view.id, view.hash != before[1]) == (before[0], True)
    assert view.state["a"]["name"]["value"] == "typed"
    assert "b" not in view.state


def test_a_stack_holds_three_views(workspace):
    with pytest.raises(Refusal, match="not_found"):
        workspace.views.push("U0ANA", {"blocks": []})
    root = workspace.views.open("U0ANA", {"blocks": []})
    second = workspace.views.push("U0ANA", {"blocks": []})
    third = workspace.views.push("U0ANA", {"blocks": []})
    with pytest.raises(Refusal, match="push_limit_reached"):
        workspace.views.push("U0ANA", {"blocks": []})
    assert (second.root_id, third.previous_id) == (root.id, second.id)
    workspace.views.close(third)
    assert workspace.views.top("U0ANA") is second
    assert workspace.views.clear("U0ANA") == [second, root]
    assert workspace.views.top("U0ANA") is None
