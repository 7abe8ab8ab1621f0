"""The form that fixes words: what is filled in is read back, and Slack takes it whatever is in it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules import fixing
from bot.rules.fixing import Fixed, FixForm, Outcome, Row, Speaker
from bot.rules.form import FormErrors
from bot.rules.jobs import Job, State
from bot.rules.saving import SIGNED
from bot.sandbox.slack.blocks import checked_view
from bot.ui import fix_modal
from tests.ui.filled_views import a_job, fill

DONE = a_job().changed(state=State.COMPLETED)

TYPED = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029"), max_size=300
)
FORMS = st.builds(
    FixForm,
    job_id=st.just("job_42"),
    track_id=st.sampled_from(["t1", "x" * 100]),
    rows=st.lists(st.builds(Row, find=TYPED, replace=TYPED), min_size=1, max_size=fixing.MOST_ROWS).map(
        tuple
    ),
    match_case=st.booleans(),
    speakers=st.lists(
        st.builds(Speaker, label=st.text(min_size=1, max_size=80), says=TYPED, name=TYPED),
        max_size=fixing.MOST_NAMES,
    ).map(tuple),
)


def bare(form: FixForm) -> FixForm:
    """Return the form without what speakers say first, which a long form leaves behind."""
    return replace(form, speakers=tuple(replace(speaker, says="") for speaker in form.speakers))


@given(form=FORMS)
@settings(max_examples=80, deadline=None)
def test_reading_the_filled_form_gives_back_what_it_was_built_from(form: FixForm) -> None:
    view = fix_modal.build(form, DONE)
    checked_view(view)
    assert bare(fix_modal.read(fill(view))) == bare(form)


@given(form=FORMS)
@settings(max_examples=40, deadline=None)
def test_a_row_more_keeps_what_was_typed_and_every_fields_id(form: FixForm) -> None:
    view = fill(fix_modal.build(form, DONE, problem=SIGNED))
    fresh = fix_modal.rebuilt(fix_modal.read(view).grown(), view)
    checked_view(fresh)
    assert bare(fix_modal.read(fill(fresh))) == bare(form.grown())
    assert fresh["blocks"][0]["text"]["text"] == view["blocks"][0]["text"]["text"]
    kept = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
    assert set(kept) <= {block.get("block_id") for block in fresh["blocks"]}


def test_the_form_says_what_it_costs_and_what_is_saved(job: Job) -> None:
    said = fix_modal.build(FixForm(job_id="j", track_id="t"), job)["blocks"][0]["text"]["text"]
    assert "*Launch keynote* (English)" in said
    assert "*track's ID changes*" in said
    assert "*bills it*" in said
    assert "are saved first" in said
    nameless = job.changed(request=replace(job.request, language_code=None))
    unsaved = fix_modal.build(FixForm(job_id="j", track_id="t"), nameless, problem=SIGNED)
    assert "cannot be saved first*" in unsaved["blocks"][0]["text"]["text"]
    assert "signing key" in unsaved["blocks"][0]["text"]["text"]


def test_speakers_are_shown_by_label_with_what_they_say_first(job: Job) -> None:
    speakers = (Speaker(label="speaker_0", says="Welcome"), Speaker(label="speaker_1"))
    view = fix_modal.build(FixForm(job_id="j", track_id="t", speakers=speakers), job)
    fields = {block["block_id"]: block for block in view["blocks"] if block["type"] == "input"}
    assert fields["name_0"]["label"]["text"] == "Name for [speaker_0]"
    assert "“Welcome”" in fields["name_0"]["hint"]["text"]
    assert fields["name_1"]["hint"]["text"] == "Left empty, the name stays."


def test_whoever_asked_for_speakers_is_told_why_none_can_be_named_yet(job: Job) -> None:
    def said(job: Job, problem: str = "") -> str:
        form = FixForm(job_id="j", track_id="t")
        view = fix_modal.build(form, job, problem=problem, unread=True)
        return str(view["blocks"][0]["text"]["text"])

    asked = job.changed(request=replace(job.request, include_speakers=True))
    plain = job.changed(request=replace(job.request, include_speakers=False))
    assert "press Fix words again then" in said(asked)
    assert "Speakers" not in said(plain)
    assert "Speakers" not in said(asked, SIGNED)


def test_more_speakers_than_the_form_holds_are_named_as_such(job: Job) -> None:
    speakers = tuple(Speaker(label=f"s{at}") for at in range(fixing.MOST_NAMES))
    view = fix_modal.build(FixForm(job_id="j", track_id="t", speakers=speakers), job)
    assert "Only the first 15 speakers" in json.dumps(view)


def test_a_full_form_has_no_button_for_more_rows(job: Job) -> None:
    full = FixForm(job_id="j", track_id="t", rows=(Row(),) * fixing.MOST_ROWS)
    assert fix_modal.ADD_ROW not in json.dumps(fix_modal.build(full, job))


def test_a_view_without_anything_in_it_is_read_as_an_empty_form() -> None:
    assert fix_modal.read({}) == FixForm(job_id="", track_id="")
    assert fix_modal.rebuilt(FixForm(job_id="j", track_id="t"), {})["blocks"][0]["text"]["text"]


def test_mistakes_are_told_at_their_fields() -> None:
    assert fix_modal.errors(FormErrors(sentences={"find_0": "No."})) == {"find_0": "No."}


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_end_of_a_wish_has_an_answer(job: Job, outcome, takes) -> None:
    for other in (None, job.changed(id="job_9")):
        message = fix_modal.answer(Fixed(outcome=outcome, job=job, other=other))
        takes(message)
        assert (other is not None) == ("job_9" in message.text)
        checked_view(fix_modal.told(message))
    takes(fix_modal.answer(Fixed(outcome=Outcome.UNKNOWN)))
    takes(fix_modal.not_opened())


def test_long_labels_are_carried_even_where_their_words_are_not(job: Job) -> None:
    speakers = tuple(Speaker(label="é" * 60 + str(at), says="w" * 300) for at in range(15))
    view = fix_modal.build(FixForm(job_id="j", track_id="t", speakers=speakers), job)
    assert len(view["private_metadata"]) <= 3_000
    assert [speaker.label for speaker in fix_modal.read(fill(view)).speakers] == [
        speaker.label for speaker in speakers
    ]


def test_what_many_speakers_say_gives_way_when_the_form_can_carry_no_more(job: Job) -> None:
    speakers = tuple(
        Speaker(label=f"{number} {'l' * 110}", says="s" * 200) for number in range(fixing.MOST_NAMES)
    )
    view = fix_modal.build(FixForm(job_id="job_42", track_id="t1", speakers=speakers), job)

    kept = json.loads(view["private_metadata"])
    assert len(view["private_metadata"]) <= 3_000
    assert kept["speakers"] == [[speaker.label, ""] for speaker in speakers]
