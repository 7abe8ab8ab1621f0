from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.jobs import (
    CLOSED,
    RANK,
    TARGET,
    TERMINAL_RANK,
    TRANSITIONS,
    Job,
    Signal,
    State,
    advance,
    is_finished,
)
from bot.rules.request import CaptionRequest

PAIRS = [(state, signal) for state in State for signal in Signal]
TERMINAL = {State.COMPLETED, State.ERRORED, State.CANCELLED, State.REFUSED, State.ABANDONED}

# Written out by hand, so that a change of the ranks or of the closed arrows shows here as a difference.
EXPECTED: dict[State, set[Signal]] = {
    State.REQUESTED: set(Signal) - {Signal.GONE},
    State.SUBMITTING: set(Signal) - {Signal.SENT, Signal.GONE},
    State.UNCONFIRMED: set(Signal) - {Signal.SENT, Signal.LOST, Signal.GONE},
    State.PENDING: {Signal.PROCESSING, Signal.COMPLETED, Signal.ERRORED, Signal.CANCELLED, Signal.GONE},
    State.PROCESSING: {Signal.COMPLETED, Signal.ERRORED, Signal.CANCELLED, Signal.GONE},
    State.COMPLETED: set(),
    State.ERRORED: set(),
    State.CANCELLED: set(),
    State.REFUSED: set(),
    State.ABANDONED: set(),
}

signals = st.lists(st.sampled_from(Signal), max_size=20)


def walk(state: State, heard: list[Signal]) -> list[State]:
    states = [state]
    for signal in heard:
        states.append(advance(states[-1], signal))
    return states


@pytest.mark.parametrize(("state", "signal"), PAIRS, ids=lambda value: value.value)
def test_a_signal_moves_a_job_exactly_where_the_table_says(state: State, signal: Signal) -> None:
    after = advance(state, signal)
    if signal in EXPECTED[state]:
        assert after is TARGET[signal]
        assert RANK[after] > RANK[state]
    else:
        assert after is state


def test_every_state_has_a_rank_and_every_signal_a_target() -> None:
    assert set(RANK) == set(State)
    assert set(TARGET) == set(Signal)
    assert max(RANK.values()) == TERMINAL_RANK


def test_no_transition_is_both_open_and_closed() -> None:
    assert not CLOSED & set(TRANSITIONS)


@pytest.mark.parametrize("state", State)
def test_a_job_is_finished_exactly_when_nothing_can_move_it(state: State) -> None:
    assert is_finished(state) == (state in TERMINAL)
    assert is_finished(state) == all(advance(state, signal) is state for signal in Signal)


@pytest.mark.parametrize("state", sorted(set(State) - TERMINAL))
def test_every_unfinished_job_can_still_end(state: State) -> None:
    assert {advance(state, signal) for signal in Signal} & TERMINAL


@given(state=st.sampled_from(State), heard=signals)
def test_the_rank_of_a_job_never_falls(state: State, heard: list[Signal]) -> None:
    for before, after in pairwise(walk(state, heard)):
        assert after is before or RANK[after] > RANK[before]


@given(
    state=st.sampled_from(sorted(set(State) - TERMINAL)),
    last=st.sampled_from([Signal.COMPLETED, Signal.ERRORED, Signal.CANCELLED]),
    heard=signals,
)
def test_after_an_end_any_order_and_repetition_of_signals_changes_nothing(
    state: State, last: Signal, heard: list[Signal]
) -> None:
    assert walk(state, [last, *heard])[-1] is TARGET[last]


@given(data=st.data(), end=st.sampled_from([Signal.COMPLETED, Signal.ERRORED, Signal.CANCELLED]))
def test_signals_of_one_life_in_any_order_and_number_lead_to_the_same_end(
    data: st.DataObject, end: Signal
) -> None:
    life = [Signal.SENT, Signal.LOST, Signal.PENDING, Signal.PROCESSING, end]
    repeated = data.draw(st.lists(st.sampled_from(life), max_size=15))
    heard = data.draw(st.permutations([*repeated, end]))
    assert walk(State.REQUESTED, list(heard))[-1] is TARGET[end]


def test_a_job_is_changed_by_copying() -> None:
    job = Job(
        id="1",
        state=State.REQUESTED,
        request=CaptionRequest(asset_id="abc"),
        team_id="T1",
        channel_id="C1",
        user_id="U1",
        created_at=1.0,
        updated_at=1.0,
    )
    later = job.changed(state=State.SUBMITTING, updated_at=2.0)
    assert (job.state, job.updated_at) == (State.REQUESTED, 1.0)
    assert (later.state, later.updated_at, later.id) == (State.SUBMITTING, 2.0, "1")
