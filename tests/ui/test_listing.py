"""How jobs stand, and lists of them: all of it in words, and never more than Slack takes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.effects import NEVER, Effect, Kind
from bot.rules.jobs import Job, State
from bot.rules.steering import Page, Scope, Standing
from bot.rules.video import Video
from bot.ui import listing
from bot.ui.buttons import CANCEL, LIST_PAGE, LIST_TOP


def effect(kind: Kind = Kind.CARD, **changes) -> Effect:
    values = {
        "id": 1,
        "key": "job_42:x",
        "kind": kind,
        "lane": "slack:T:C",
        "job_id": 1,
        "target": "C0CHANNEL",
        "want": 1,
        "have": 0,
        "attempts": 0,
        "due_at": 1_795_000_600.0,
        **changes,
    }
    return Effect(**values)


def actions(message) -> list[str]:
    return [
        element["action_id"]
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
    ]


def test_a_job_is_told_with_its_state_its_times_its_people_and_its_ids(job: Job, takes):
    told = listing.standing((Standing(job=job.changed(watchers=("U0BEN",))),), name=job.id)

    takes(told)
    assert told.text == (
        "Launch keynote: Mux is transcribing. Asked for by <@U0ANA> in <#C0CHANNEL>, 18 Nov 2026, 11:06 UTC."
    )
    shown = [part["text"] for block in told.blocks[1:4] for part in block["elements"]]
    assert shown[0] == "English"
    assert shown[2].startswith("Last change <!date^1795000010^")
    assert shown[3] == "Waiting for it too: <@U0BEN>."
    assert shown[4] == "Job `job_42` · Mux job `rjob_7` · asset `As5et1d`"
    assert actions(told) == [CANCEL]


def test_an_ended_job_is_told_with_what_it_took_and_cost(job: Job):
    ended = job.changed(
        state=State.COMPLETED, finished_at=job.created_at + 65, units_consumed=7, retry_of="job_41"
    )

    told = listing.standing((Standing(job=ended),))

    assert "Done in 1 min 5 s, 7 units used." in told.text
    assert "Another try of job `job_41`." in told.text
    assert told.blocks[2]["elements"][0]["text"].startswith("Ended <!date^1795000065^")


def test_a_job_that_waits_for_its_video_says_so(job: Job):
    seen = Video(asset_id="As5et1d", status="preparing")

    told = listing.standing((Standing(job=job.changed(state=State.REQUESTED, video=seen)),))

    assert "Waiting for Mux to prepare the video" in told.text


def test_who_may_only_look_gets_no_buttons(job: Job):
    assert actions(listing.standing((Standing(job=job, may_steer=False),))) == []


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (
            effect(detour="not_in_channel"),
            "The card goes to <@U0ANA> directly, because Slack refuses <#C0CHANNEL> (`not_in_channel`).",
        ),
        (
            effect(Kind.RESULT, buried=True, error="user_disabled"),
            "The result in the thread was given up (`user_disabled`).",
        ),
        (
            effect(Kind.CREATE, attempts=2, error="Mux was not reached"),
            (
                "Sending the job to Mux has not succeeded yet (`Mux was not reached`) and is tried again "
                "<!date^1795000600^{date_short_pretty} at {time}|18 Nov 2026, 11:16 UTC>."
            ),
        ),
        (
            effect(Kind.CANCEL, attempts=1, due_at=NEVER),
            "Stopping the job at Mux has not succeeded yet and is tried again later.",
        ),
    ],
)
def test_what_does_not_go_as_it_should_is_said_with_the_reason(job: Job, what, said, takes):
    told = listing.standing((Standing(job=job, effects=(what,)),))

    takes(told)
    assert said in told.text
    assert said in told.blocks[0]["text"]["text"]


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_effect_has_a_name(kind):
    assert listing.NAMES[kind]


def test_nothing_to_tell_is_told_with_what_to_do(takes):
    own, named = listing.standing(()), listing.standing((), name="<!channel>")

    takes(own)
    takes(named)
    assert own.text.startswith("You have no jobs in this channel.")
    assert named.text.startswith("There is no job or asset `&lt;!channel&gt;` that you may see.")


def test_a_list_tells_each_job_on_a_line_and_leads_on(job: Job, takes):
    running = job.changed(id="job_43", stopped_by="U0BEN", title="")

    told = listing.page(Page(scope=Scope.MINE, jobs=(job, running), before=7))

    takes(told)
    first, second = told.text.splitlines()[1:3]
    assert first == "Launch keynote: Mux is transcribing · <@U0ANA> · 18 Nov 2026, 11:06 UTC · `job_42`"
    assert second == "As5et1d: Being cancelled · <@U0ANA> · 18 Nov 2026, 11:06 UTC · `job_43`"
    assert told.blocks[-1]["elements"][0]["value"] == "mine:7"
    assert actions(told) == [LIST_PAGE]


def test_the_last_page_leads_back_only_and_a_whole_list_nowhere(job: Job):
    last = Page(scope=Scope.ALL, jobs=(job,), is_first=False)
    middle = Page(scope=Scope.ALL, jobs=(job,), is_first=False, before=3)
    whole = Page(scope=Scope.ALL, jobs=(job,))

    assert actions(listing.page(last)) == [LIST_TOP]
    assert actions(listing.page(middle)) == [LIST_PAGE, LIST_TOP]
    assert actions(listing.page(whole)) == []


@pytest.mark.parametrize(("is_first", "said"), [(True, "none yet"), (False, "no older ones")])
def test_an_empty_list_says_so(is_first, said, takes):
    told = listing.page(Page(scope=Scope.CHANNEL, jobs=(), is_first=is_first))

    takes(told)
    assert said in told.text


@settings(deadline=None)
@given(data=st.data())
def test_no_answer_about_jobs_is_ever_refused_by_slack(data, draw_jobs, draw_text, takes):
    jobs = data.draw(st.lists(draw_jobs(), min_size=1, max_size=3))
    what = st.builds(
        effect,
        st.sampled_from(Kind),
        detour=st.one_of(st.none(), draw_text(60)),
        error=st.one_of(st.none(), draw_text(2_000)),
        buried=st.booleans(),
        attempts=st.integers(0, 9),
        due_at=st.sampled_from([1.0, NEVER]),
    )
    wanted = tuple(data.draw(st.lists(what, max_size=8)))

    takes(listing.page(Page(scope=Scope.ALL, jobs=tuple(jobs * 4)[:10], before=9, is_first=False)))
    takes(listing.standing(tuple(Standing(job=job, effects=wanted) for job in jobs)))
