"""Who is let in, by what the operator decided."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.admission import Admission, Reason, Standing


@pytest.mark.parametrize("standing", [Standing.MEMBER, Standing.UNKNOWN])
def test_without_any_list_every_member_is_let_in_everywhere(standing):
    assert Admission().refuse(user_id="U1", channel_id="C1", standing=standing) is None


@pytest.mark.parametrize(
    ("standing", "reason"), [(Standing.GUEST, Reason.GUEST), (Standing.EXTERNAL, Reason.EXTERNAL)]
)
def test_guests_and_people_of_other_organizations_are_turned_away_unless_allowed(standing, reason):
    assert Admission().refuse(user_id="U1", standing=standing) is reason
    assert Admission(guests=True, external=True).refuse(user_id="U1", standing=standing) is None


def test_allowing_guests_does_not_allow_people_of_other_organizations():
    assert Admission(guests=True).refuse(user_id="U1", standing=Standing.EXTERNAL) is Reason.EXTERNAL
    assert Admission(external=True).refuse(user_id="U1", standing=Standing.GUEST) is Reason.GUEST


def test_only_the_channels_of_the_list_are_open():
    limited = Admission(channels=frozenset({"C1"}))
    assert limited.refuse(user_id="U1", channel_id="C1") is None
    assert limited.refuse(user_id="U1", channel_id="C2") is Reason.CHANNEL
    assert limited.refuse(user_id="U1") is None


@given(standing=st.sampled_from(Standing), guests=st.booleans(), external=st.booleans())
def test_with_a_list_of_people_only_they_are_let_in_whatever_they_are(standing, guests, external):
    limited = Admission(users=frozenset({"U1"}), guests=guests, external=external)
    assert limited.refuse(user_id="U1", standing=standing) is None
    assert limited.refuse(user_id="U2", standing=standing) is Reason.USER


def test_slack_is_asked_about_people_only_when_the_answer_matters():
    assert Admission().asks_about_guests
    assert Admission(guests=True).asks_about_guests
    assert not Admission(guests=True, external=True).asks_about_guests
    assert not Admission(users=frozenset({"U1"})).asks_about_guests
