from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.rules.compare import Changes, Example, compare
from bot.rules.cues import Captions, Cue


def captions(*texts: str) -> Captions:
    return Captions(
        cues=tuple(
            Cue(index=n + 1, start_ms=n * 2_000, end_ms=n * 2_000 + 1_800, text=text)
            for n, text in enumerate(texts)
        )
    )


def test_nothing_changed_where_only_lines_and_cues_are_broken_anew():
    changes = compare(
        captions("One two\nthree four.", "<i>Five</i>"), captions("One two three", "four. Five")
    )

    assert changes.same_words
    assert (changes.cues_before, changes.cues_after, changes.words_before, changes.words_after) == (
        2,
        2,
        5,
        5,
    )


def test_words_are_counted_as_changed_added_and_removed_with_examples():
    before = captions("We use enter asterisk exchange.", "It is good.", "Bye now.")
    after = captions("We use Inter-Asterisk Exchange.", "It is very good.", "Bye.")

    changes = compare(before, after)

    assert (changes.changed, changes.added, changes.removed) == (3, 1, 2)
    assert changes.examples == (
        Example(before="enter asterisk exchange.", after="Inter-Asterisk Exchange.", at_ms=0),
        Example(before="", after="very", at_ms=2_000),
        Example(before="Bye now.", after="Bye.", at_ms=4_000),
    )
    assert not changes.same_words


def test_names_that_became_others_are_paired():
    before = captions("[speaker_0] Hello there.", "[speaker_1] Hi.", "[speaker_0] Good.", "[speaker_0] New.")
    after = captions("[Ann] Hello there.", "[speaker_1] Hi.", "[Ann] Good.", "Newer.")

    changes = compare(before, after)

    assert changes.names == (("speaker_0", "Ann"),)
    assert compare(captions("Hi."), captions("[Ann] Hi.")).names == (("", "Ann"),)


def test_everything_may_be_gone_or_new():
    assert compare(captions("One two"), captions()) == Changes(
        changed=0,
        added=0,
        removed=2,
        cues_before=1,
        cues_after=0,
        words_before=2,
        words_after=0,
        examples=(Example(before="One two", after="", at_ms=0),),
    )
    assert compare(captions(), captions("One two")).added == 2
    assert compare(captions("One.", "Two."), captions("One.")).examples[0].at_ms == 0


def test_examples_are_few_and_short():
    before = captions(*(f"same {n} " + "old " * 40 for n in range(20)))
    after = captions(*(f"same {n} " + "new " * 40 for n in range(20)))

    examples = compare(before, after).examples

    assert len(examples) == 5
    assert max(len(example.before) for example in examples) <= 80


def test_texts_that_have_nothing_in_common_are_not_searched_word_by_word():
    changes = compare(captions("old " * 60_000), captions("new " * 60_001))

    assert (changes.changed, changes.added, len(changes.examples)) == (60_000, 1, 1)


TEXTS = st.lists(st.lists(st.sampled_from("abcde"), max_size=5).map(" ".join), max_size=8)


@given(TEXTS, TEXTS)
def test_the_counts_always_add_up(before: list[str], after: list[str]):
    changes = compare(captions(*before), captions(*after))

    assert changes.words_before - changes.removed + changes.added == changes.words_after
    assert compare(captions(*after), captions(*after)).same_words
