"""What is sealed is opened by its key and by no other, and nothing of it can be changed unseen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import OperatorError
from bot.settings import is_key
from bot.vault import Vault, new_key

FIRST, SECOND = new_key(), new_key()


@given(text=st.text(st.characters(exclude_categories=("Cs",)), max_size=300))
def test_what_is_sealed_is_opened_again_and_is_not_readable(text):
    sealed = Vault([FIRST]).seal(text)

    assert Vault([SECOND, FIRST]).open(sealed) == text
    assert len(text) < 8 or text not in sealed


def test_the_same_text_is_sealed_differently_each_time_and_with_the_newest_key():
    vault = Vault([SECOND, FIRST])

    assert vault.seal("text") != vault.seal("text")
    assert Vault([SECOND]).open(vault.again(Vault([FIRST]).seal("text"))) == "text"


@pytest.mark.parametrize(
    "sealed", ["", "no token", Vault([SECOND]).seal("text")], ids=lambda sealed: f"{len(sealed)} letters"
)
def test_what_no_key_opens_is_the_operators_to_mend(sealed):
    with pytest.raises(OperatorError, match="no key of ENCRYPTION_KEYS opens"):
        Vault([FIRST]).open(sealed)


def test_a_new_key_is_one_that_the_settings_take():
    assert is_key(new_key())
    assert not is_key("x")
