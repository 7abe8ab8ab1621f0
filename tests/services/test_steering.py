"""A job is tried again, with or without a change, by those who may, once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.rules.jobs import Failure, Signal
from bot.rules.policy import Act
from bot.rules.request import Replace
from bot.rules.steering import Outcome as What
from bot.services import progress, steering
from bot.store.schema import audit
from tests.services.steered import by, report, wish


@pytest.mark.parametrize(
    ("asker", "outcome", "known"),
    [
        (by("U9"), What.DENIED, True),
        (by("U9", "C2"), What.UNKNOWN, False),
        (by("U1", "C1", "T2"), What.UNKNOWN, False),
    ],
)
async def test_others_stop_nothing_and_retry_nothing(any_desk, refused, asker, outcome, known):
    running, ended = await any_desk.asked("other", asset_id="asset2"), await refused()
    for act, job in ((steering.cancel, running), (steering.retry, ended)):
        steered = await any_desk.store.transaction(act, wish(job, asker=asker))
        assert (steered.outcome, steered.job is not None) == (outcome, known)
    assert (await any_desk.job(running)).job.stopped_by is None
    assert (await any_desk.job(ended)).job.next_job is None


async def test_a_retry_is_a_new_job_that_knows_the_old_one_and_the_old_one_knows_it(any_desk, refused):
    old = await refused(Failure(code="unauthorized", message="", status=401))

    steered = await any_desk.store.transaction(steering.retry, wish(old))

    assert (steered.outcome, steered.unlikely) == (What.STARTED, False)
    assert steered.other.id != old.id
    assert (steered.other.retry_of, steered.other.request) == (old.id, old.request)
    again = (await any_desk.job(old)).job
    assert (again.next_job, again.next_by) == (steered.other.id, "U1")


async def test_a_double_click_makes_one_job(any_desk, refused):
    old = await refused(Failure(code="unauthorized", message="", status=401))

    first = await any_desk.store.transaction(steering.retry, wish(old, on_a_button=True))
    second = await any_desk.store.transaction(steering.retry, wish(old, on_a_button=True))

    assert (first.outcome, second.outcome) == (What.STARTED, What.REPEATED)
    assert second.other.id == first.other.id


async def test_the_same_command_delivered_twice_makes_one_job_and_another_command_joins_it(any_desk, refused):
    old = await refused(Failure(code="unauthorized", message="", status=401))

    first = await any_desk.store.transaction(steering.retry, wish(old))
    repeat = await any_desk.store.transaction(steering.retry, wish(old))
    other = await any_desk.store.transaction(steering.retry, wish(old, key="two"))

    assert [each.outcome for each in (first, repeat, other)] == [What.STARTED, What.STARTED, What.JOINED]
    assert {each.other.id for each in (first, repeat, other)} == {first.other.id}


async def test_a_retry_that_cannot_help_is_done_by_command_and_warned_about(any_desk, refused):
    old = await refused(Failure(code="invalid_parameters", message="phrases[0] is too long", status=400))

    steered = await any_desk.store.transaction(steering.retry, wish(old))

    assert (steered.outcome, steered.unlikely) == (What.STARTED, True)


@pytest.mark.parametrize(
    ("act", "policy", "uploads"), [(Act.REPLACE, Replace.ALL, True), (Act.FILES_ONLY, Replace.FAIL, False)]
)
async def test_a_way_around_a_track_is_a_new_job_with_that_change(any_desk, refused, act, policy, uploads):
    old = await refused()

    steered = await any_desk.store.transaction(steering.retry, wish(old, on_a_button=True), act)

    request = steered.other.request
    assert (steered.outcome, request.replace, request.upload_to_mux) == (What.STARTED, policy, uploads)
    assert not steered.unlikely


async def test_a_way_around_a_track_that_is_not_in_the_way_is_not_taken(any_desk, refused):
    old = await refused(Failure(code="unauthorized", message="", status=401))

    steered = await any_desk.store.transaction(steering.retry, wish(old, on_a_button=True), Act.REPLACE)

    assert (steered.outcome, steered.other) == (What.FINISHED, None)


async def test_a_running_job_is_not_tried_again(any_desk, at_mux):
    steered = await any_desk.store.transaction(steering.retry, wish(at_mux))

    assert (steered.outcome, steered.other) == (What.UNFINISHED, None)


async def test_captions_that_are_done_are_not_paid_for_again_by_a_retry(any_desk, at_mux):
    row_id = (await any_desk.job(at_mux)).row_id
    await any_desk.store.transaction(progress.apply, row_id, report(Signal.COMPLETED))

    steered = await any_desk.store.transaction(steering.retry, wish(at_mux))

    assert (steered.outcome, steered.other) == (What.FINISHED, None)


async def test_a_press_in_a_direct_message_reports_in_the_jobs_channel_and_a_command_where_it_is_typed(
    any_desk, refused
):
    old = await refused(Failure(code="unauthorized", message="", status=401))

    typed = await any_desk.store.transaction(steering.retry, wish(old, asker=by("U1", "C7")))
    assert typed.other.channel_id == "C7"

    await any_desk.store.transaction(steering.cancel, wish(typed.other, asker=by("U1", "C7")))
    pressed = await any_desk.store.transaction(
        steering.retry, wish(typed.other, asker=by("U1", "D1"), on_a_button=True)
    )
    assert pressed.other.channel_id == "C7"


async def test_who_did_what_is_in_the_audit_log(any_desk, refused):
    old = await refused(Failure(code="unauthorized", message="", status=401))
    new = (await any_desk.store.transaction(steering.retry, wish(old))).other
    await any_desk.store.transaction(steering.cancel, wish(new))

    def actions(tx: Any) -> list[str]:
        return list(tx.conn.execute(select(audit.c.action).order_by(audit.c.id)).scalars())

    assert await any_desk.store.transaction(actions) == [
        "job.requested",
        "job.requested",
        "job.retry",
        "job.cancelled",
    ]
