"""Fields of forms hold what Slack lets them hold."""

from __future__ import annotations

import pytest

from bot.ui.inputs import TYPED_LIMIT, search_field, text_field
from bot.ui.mrkdwn import size


@pytest.mark.parametrize(
    ("value", "most", "held"),
    [
        pytest.param("", 10, None, id="nothing"),
        pytest.param("as typed", 10, "as typed", id="fits"),
        pytest.param("longer than that", 6, "longer", id="cut-at-the-limit"),
        pytest.param("abc\U0001f3ac", 4, "abc", id="no-half-of-a-wide-character"),
        pytest.param("a\ud800b", 10, "ab", id="what-no-encoding-can-carry"),
    ],
)
def test_a_field_holds_as_much_of_the_text_as_slack_takes(value, most, held):
    assert text_field(value, most).get("initial_value") == held


def test_a_field_takes_no_more_than_slack_does():
    field = text_field("x" * (TYPED_LIMIT + 1), multiline=True)

    assert (field["max_length"], size(field["initial_value"])) == (TYPED_LIMIT, TYPED_LIMIT)


def test_a_search_shows_something_before_anything_is_typed():
    assert search_field("Type")["min_query_length"] == 0
