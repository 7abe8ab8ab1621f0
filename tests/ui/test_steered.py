"""What people are told in private after they stopped a job or tried one again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.jobs import Job, State
from bot.rules.steering import Outcome, Steered
from bot.ui import steered
from bot.ui.unfit import FREE

STOPS = (
    Outcome.DENIED,
    Outcome.FINISHED,
    Outcome.REPEATED,
    Outcome.STOPPED,
    Outcome.ASKED,
    Outcome.WAITING,
)
RETRIES = (
    Outcome.DENIED,
    Outcome.FINISHED,
    Outcome.UNFINISHED,
    Outcome.REPEATED,
    Outcome.STARTED,
    Outcome.JOINED,
)


@pytest.mark.parametrize(
    ("outcome", "changes", "said"),
    [
        (
            Outcome.STOPPED,
            {},
            f"The captions for Launch keynote are cancelled. {FREE}",
        ),
        (
            Outcome.ASKED,
            {},
            (
                "Mux is being asked to stop the captions for Launch keynote. The thread will say how it "
                "ended and what it cost."
            ),
        ),
        (
            Outcome.WAITING,
            {},
            (
                "The captions for Launch keynote are on their way to Mux at this moment. They are stopped as "
                "soon as Mux has the job; the thread will say what it cost."
            ),
        ),
        (
            Outcome.FINISHED,
            {"state": State.COMPLETED},
            "There is nothing left to cancel: Launch keynote has ended. It ended like this: Done.",
        ),
        (
            Outcome.REPEATED,
            {"stopped_by": "U0BEN"},
            (
                "<@U0BEN> has asked for Launch keynote to be cancelled already. The thread will say how it "
                "ended."
            ),
        ),
        (
            Outcome.DENIED,
            {"watchers": ("U0BEN",)},
            (
                "Nothing was changed: Launch keynote is not yours. Those who wait for it may cancel it: "
                "<@U0ANA> and <@U0BEN>."
            ),
        ),
    ],
)
def test_a_wish_to_stop_is_answered_with_what_happens_and_what_it_costs(job: Job, outcome, changes, said):
    told = steered.cancelled(Steered(outcome=outcome, name=job.id, job=job.changed(**changes)))

    assert told.text == said


@pytest.mark.parametrize(
    ("outcome", "changes", "said"),
    [
        (
            Outcome.STARTED,
            {},
            "Another try for Launch keynote is job `job_43`. Its card in the channel shows how it goes.",
        ),
        (
            Outcome.JOINED,
            {},
            (
                "The same captions for Launch keynote are being made already, by job `job_43`. No second job "
                "was started, so nothing is paid twice. You will be mentioned when it is done."
            ),
        ),
        (
            Outcome.UNFINISHED,
            {},
            (
                "Nothing was started: Launch keynote is still under way. It stands like this: Mux is "
                "transcribing."
            ),
        ),
        (
            Outcome.FINISHED,
            {"state": State.COMPLETED},
            (
                "Nothing was started: the captions for Launch keynote are done. To make them once more, "
                "which costs once more, run the command with the asset's id again."
            ),
        ),
        (
            Outcome.FINISHED,
            {"state": State.ERRORED},
            "Nothing was started: that does not help with Launch keynote. It ended like this: Failed.",
        ),
        (
            Outcome.DENIED,
            {},
            (
                "Nothing was changed: Launch keynote is not yours. Those who wait for it may try it again: "
                "<@U0ANA>."
            ),
        ),
    ],
)
def test_a_wish_to_try_again_is_answered(job: Job, outcome, changes, said):
    other = job.changed(id="job_43")
    wanted = Steered(outcome=outcome, name=job.id, job=job.changed(**changes), other=other)

    assert steered.retried(wanted).text == said


def test_a_stale_button_says_what_was_done_in_its_place_and_that_it_goes(job: Job):
    old = job.changed(state=State.CANCELLED, next_job="job_43", next_by="U0BEN")
    stale = Steered(outcome=Outcome.REPEATED, job=old, other=job.changed(id="job_43"))
    gone = "The button is taken away at the card's next update."

    assert steered.retried(stale, on_a_button=True).text == (
        "<@U0BEN> has tried Launch keynote again already. That is job `job_43`. It stands like this: Mux is "
        f"transcribing. {gone}"
    )
    useless = Steered(outcome=Outcome.FINISHED, job=job.changed(state=State.ERRORED))
    assert steered.retried(useless, on_a_button=True).text.endswith(gone)
    forgotten = Steered(outcome=Outcome.REPEATED, job=job)
    assert steered.retried(forgotten).text == f"Somebody has tried Launch keynote again already. {gone}"


def test_a_try_that_will_most_likely_fail_is_warned_about(job: Job):
    started = Steered(outcome=Outcome.STARTED, job=job, other=job, unlikely=True)

    assert "Be warned" in steered.retried(started).text


@pytest.mark.parametrize("tell", [steered.cancelled, steered.retried])
def test_a_job_that_is_not_there_is_told_as_such(tell, takes):
    told = tell(Steered(outcome=Outcome.UNKNOWN, name="<@U0EVERYONE>"))

    takes(told)
    assert "`&lt;@U0EVERYONE&gt;`" in told.text


@settings(deadline=None)
@given(data=st.data())
def test_no_private_answer_is_ever_refused_by_slack(data, draw_jobs, takes):
    job, other = data.draw(draw_jobs()), data.draw(st.one_of(st.none(), draw_jobs()))
    for outcome in STOPS:
        takes(steered.cancelled(Steered(outcome=outcome, job=job)))
    for outcome in RETRIES:
        takes(steered.retried(Steered(outcome=outcome, job=job, other=other), on_a_button=True))
