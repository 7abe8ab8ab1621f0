"""The form of a channel's settings: what is filled in is read back, and Slack takes it whatever is in it."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.channel import SettingsForm
from bot.rules.form import FormErrors
from bot.rules.quality import NAMES
from bot.sandbox.slack.blocks import checked_view
from bot.ui import settings_modal
from tests.ui.filled_views import fill

TYPED = st.characters(exclude_categories=("Cs",), exclude_characters="\n")
FORMS = st.builds(
    SettingsForm,
    channel_id=st.sampled_from(["C1", "D2", "G3"]),
    language=st.sampled_from(["", "en", "pt-BR", "zh-Hant-TW", "qqq"]),
    phrases=st.one_of(
        st.lists(st.text(TYPED, max_size=25).map(str.strip).filter(bool), max_size=30).map(tuple),
        st.just(tuple(f"{'x' * 46} {at:03}" for at in range(100))),
    ),
    include_speakers=st.booleans(),
    include_words=st.booleans(),
    quality_profile=st.sampled_from(NAMES),
    tells_channel=st.booleans(),
)


@given(form=FORMS)
@settings(max_examples=60, deadline=None)
def test_reading_the_filled_form_gives_back_what_it_was_built_from(form):
    view = settings_modal.build(form)
    checked_view(json.loads(json.dumps(view)))
    assert settings_modal.read(fill(view)) == form


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_slack_takes_the_form_and_its_answers_whatever_is_in_them(data, draw_text):
    wild = draw_text(4_000)
    form = data.draw(
        st.builds(
            SettingsForm,
            channel_id=draw_text(40),
            language=draw_text(200),
            phrases=st.lists(wild, max_size=5).map(tuple),
        )
    )
    view = settings_modal.build(form, changed_by=data.draw(draw_text(40)), changed_at=data.draw(st.floats(0)))
    checked_view(json.loads(json.dumps(view)))
    assert isinstance(settings_modal.read(fill(view)), SettingsForm)
    told = settings_modal.saved(data.draw(st.lists(wild, max_size=100)), changed=True)
    checked_view(json.loads(json.dumps(told)))
    errors = settings_modal.errors(FormErrors(sentences={"phrases": data.draw(wild)}))
    assert len(errors["phrases"]) <= 3_000


def test_who_changed_it_last_is_said_and_what_costs_more():
    said = json.dumps(settings_modal.build(SettingsForm(), changed_by="U1", changed_at=1_790_000_000.0))
    assert "Last changed by <@U1>" in said
    assert "Costs more" in said
    assert "still detects it" in said
    assert "Last changed" not in json.dumps(settings_modal.build(SettingsForm()))


def test_an_empty_view_is_an_empty_form():
    assert settings_modal.read({}) == SettingsForm()


def test_every_answer_says_what_became_of_the_settings():
    assert "Saved for this channel." in json.dumps(settings_modal.saved(["A doubt."], changed=True))
    assert "A doubt." in json.dumps(settings_modal.saved(["A doubt."], changed=True))
    assert "Nothing was changed" in json.dumps(settings_modal.saved([], changed=False))
    assert "nothing was changed" in settings_modal.not_opened().text
