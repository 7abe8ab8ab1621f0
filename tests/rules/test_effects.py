"""What to do about an effect follows from what is known of it, and from nothing else."""

from __future__ import annotations

import pytest

from bot.rules.effects import (
    EDITS,
    IDEMPOTENT,
    MUX_LANES,
    Action,
    Effect,
    Kind,
    archive_lane,
    channel_lane,
    edit_lane,
    file_lane,
    mux_lane,
    queue_of,
    share_lane,
    step_lane,
)


def effect(**changes) -> Effect:
    values = {
        "id": 1,
        "key": "j:card",
        "kind": Kind.CARD,
        "lane": "l",
        "job_id": 1,
        "target": "C1",
        "want": 1,
        "have": 0,
        "attempts": 0,
        "due_at": 0.0,
        **changes,
    }
    return Effect(**values)


@pytest.mark.parametrize(
    ("known", "action"),
    [
        ({}, Action.SEND),
        ({"maybe_sent_at": 1.0}, Action.VERIFY),
        ({"maybe_sent_at": 1.0, "ext_id": "1.1"}, Action.UPDATE),
        ({"ext_id": "1.1", "have": 1, "suspect": True}, Action.AUDIT),
        ({"ext_id": "1.1", "have": 1, "want": 2, "suspect": True}, Action.UPDATE),
    ],
)
def test_the_next_action_follows_from_what_is_known(known, action):
    assert effect(**known).action is action


@pytest.mark.parametrize("kind", sorted(IDEMPOTENT))
def test_what_may_be_repeated_freely_is_never_looked_up(kind):
    assert effect(kind=kind, maybe_sent_at=1.0).action is Action.SEND


def test_nothing_that_is_paid_for_or_said_may_be_repeated_freely():
    assert IDEMPOTENT.isdisjoint({Kind.CREATE, Kind.CARD, Kind.RESULT, Kind.NOTICE})


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_names_its_vendor(kind):
    assert kind.vendor in {"archive", "file", "mux", "slack"}
    assert kind.value == f"{kind.vendor}.{kind.name_in_metadata}"


def test_lanes_are_named_by_what_must_stay_in_order():
    assert channel_lane("T1", "C1") == "slack:T1:C1"
    assert edit_lane("T1") == "edit:T1"
    assert len({mux_lane("default", number) for number in range(100)}) == MUX_LANES


@pytest.mark.parametrize(
    ("lane", "queue"),
    [
        (channel_lane("T1", "C1"), "slack"),
        (step_lane("T1", 1), "slack"),
        (edit_lane("T1"), EDITS),
        (mux_lane("default", 1), "mux"),
        (archive_lane("default", 1), "archive"),
        (share_lane("T1", 1), "archive"),
        (file_lane("default", "F1"), "file"),
    ],
)
def test_a_lane_is_in_the_queue_of_the_worker_that_carries_it_and_edits_are_apart(lane, queue):
    assert queue_of(lane) == queue
