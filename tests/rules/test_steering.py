"""What is understood of the commands about jobs that are there already."""

from __future__ import annotations

import pytest

from bot.errors import BadCommand
from bot.rules.grammar import Caption, parse
from bot.rules.steering import MAX_NAME, Cancel, Listing, Retry, Scope, Status
from bot.rules.text import normalise

GOOD = [
    ("status", Status()),
    ("STATUS", Status()),
    ("status x7k2m9pq4d", Status(name="x7k2m9pq4d")),
    ("status `x7k2m9pq4d`", Status(name="x7k2m9pq4d")),
    ("status job x7k2m9pq4d", Status(name="x7k2m9pq4d")),
    ("status asset As5et_1", Status(name="As5et_1")),
    ('status "As5et-1"', Status(name="As5et-1")),
    ("status job", Status(name="job")),
    ("list", Listing(scope=Scope.MINE)),
    ("jobs", Listing(scope=Scope.MINE)),
    ("list mine", Listing(scope=Scope.MINE)),
    ("list Channel", Listing(scope=Scope.CHANNEL)),
    ("list all", Listing(scope=Scope.ALL)),
    ("cancel x7k2m9pq4d", Cancel(name="x7k2m9pq4d")),
    ("stop x7k2m9pq4d", Cancel(name="x7k2m9pq4d")),
    ("cancel job x7k2m9pq4d", Cancel(name="x7k2m9pq4d")),
    ("cancel rjob_1", Cancel(name="rjob_1")),
    ("retry x7k2m9pq4d", Retry(name="x7k2m9pq4d")),
    ("\u200bretry\u00a0“x7k2m9pq4d”", Retry(name="x7k2m9pq4d")),
]

BAD = [
    ("cancel", "", "needs the id"),
    ("retry", "", "needs the id"),
    ("cancel one two", "two", "a second one"),
    ("status one two", "two", "a second one"),
    ("status job one two", "two", "a second one"),
    ("retry a/b", "a/b", "cannot be the id"),
    ("cancel <!channel>", "<!channel>", "cannot be the id"),
    ("status " + "x" * (MAX_NAME + 1), "x" * (MAX_NAME + 1), "cannot be the id"),
    ("list everything", "everything", "is no list"),
    ("list chanel", "chanel", "is no list"),
    ("list all mine", "mine", "a second one"),
]


@pytest.mark.parametrize(("text", "meant"), GOOD)
def test_each_way_to_say_it_is_understood(text, meant):
    assert parse(text) == meant


@pytest.mark.parametrize(("text", "value", "said"), BAD)
def test_what_is_not_understood_is_marked_and_explained(text, value, said):
    with pytest.raises(BadCommand) as caught:
        parse(text)

    assert said in str(caught.value)
    assert caught.value.value == value
    assert caught.value.fix
    if value:
        assert normalise(text)[caught.value.at :].startswith(value)


def test_a_list_that_was_nearly_spelt_right_is_named():
    with pytest.raises(BadCommand) as caught:
        parse("list chanel")

    assert caught.value.fix == "did you mean `list channel`?"


@pytest.mark.parametrize("word", ["status", "list", "jobs", "cancel", "stop", "retry"])
def test_an_asset_may_be_called_like_a_command_when_it_is_quoted(word):
    asked = parse(f'"{word}"')

    assert isinstance(asked, Caption)
    assert asked.request.asset_id == word
