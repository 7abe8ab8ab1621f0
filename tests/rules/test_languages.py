from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadValue
from bot.rules.language_names import OTHERS, SIGNED, TRAPS, VERIFIED
from bot.rules.languages import Language, all_languages, is_detection, name_of, normalise, read, typed

ROWS = (*VERIFIED, *OTHERS)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("en", "en"),
        (" EN_us ", "en-US"),
        ("pt_br", "pt-BR"),
        ("en-UK", "en-GB"),
        ("iw", "he"),
        ("in", "id"),
        ("tl", "fil"),
        ("jw", "jv"),
        ("cmn", "zh"),
        ("cmn-Hans", "zh-Hans"),
        ("eng", "en"),
        ("ger", "de"),
        ("zh_hant_tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("english", "en"),
        ("Deutsch", "de"),
        ("espanol", "es"),
        ("français", "fr"),
        ("FRANCAIS", "fr"),
        ("tieng viet", "vi"),
        ("日本語", "ja"),
        ("हिन्दी", "hi"),
        ("mandarin", "zh"),
        ("Brazilian Portuguese", "pt-BR"),
        ("Portuguese (Brazil)", "pt-BR"),
        ("portuguese-brazil", "pt-BR"),
        ("European Portuguese", "pt-PT"),
        ("latin american spanish", "es-419"),
        ("spanish mexico", "es-MX"),
        ("us english", "en-US"),
        ("Traditional Chinese", "zh-Hant"),
        ("Chinese (Simplified)", "zh-Hans"),
        ("flemish", "nl-BE"),
        ("bre", "br"),
        ("tlh", "tlh"),
    ],
)
def test_a_tag_or_a_name_becomes_a_normalised_tag(text: str, tag: str) -> None:
    assert normalise(text).tag == tag


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        *((code, f"did you mean `{tag}`?") for code, (tag, _) in TRAPS.items()),
        ("KR", "(or `kau` for the language whose code `KR` is)"),
        ("asl", "give the spoken language"),
        ("und", "have it detected"),
        ("mul", "have it detected"),
        ("qaa", "have it detected"),
        ("qtz", "have it detected"),
        ("x-klingon", "its script and its region"),
        ("en-x-mine", "its script and its region"),
        ("en-u-ca-greg", "its script and its region"),
        ("root", "give a code"),
        ("xx", "give a code"),
        ("studio", "give a code"),
        ("brazilian", "give a code"),
        ("shiny new thing", "give a code"),
        ("", "give a code"),
        ("englsh", "did you mean `english`?"),
        ("frnech", "did you mean `french`?"),
        ("germann", "did you mean `german`?"),
        ("mexcian spansh", "did you mean `mexican spanish`?"),
        ("one two three four five", "give a code"),
    ],
)
def test_what_is_no_language_is_refused_with_a_way_out(text: str, fix: str) -> None:
    with pytest.raises(BadValue) as caught:
        normalise(text)
    assert caught.value.parameter == "language_code"
    assert caught.value.value == text
    assert fix in caught.value.fix


@pytest.mark.parametrize("code", sorted(SIGNED))
def test_sign_languages_are_refused_because_captions_come_from_speech(code: str) -> None:
    with pytest.raises(BadValue, match="sign language"):
        normalise(code)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_every_name_in_the_table_leads_to_its_tag(row: tuple[str, str, tuple[str, ...]]) -> None:
    tag, english, others = row
    assert {normalise(name).tag for name in (tag, english, english.upper(), *others)} == {tag}


def test_no_name_belongs_to_two_languages() -> None:
    names = [name.casefold() for _, english, others in ROWS for name in {english.casefold(), *others}]
    assert len(names) == len(set(names))


def test_no_listed_language_is_also_a_trap() -> None:
    assert not {tag for tag, _, _ in ROWS} & set(TRAPS)


def test_a_language_that_mux_is_not_known_to_list_is_accepted_unverified() -> None:
    assert normalise("pt-BR").verified
    assert not normalise("th").verified
    assert not normalise("cut").verified


@given(code=st.sampled_from(sorted(TRAPS)))
def test_a_code_mostly_typed_by_mistake_can_still_be_had(code: str) -> None:
    if TRAPS[code][1]:
        assert typed(code) != code
        assert normalise(typed(code)).tag == code


def understood(text: str) -> Language | BadValue:
    try:
        return normalise(text)
    except BadValue as problem:
        return problem


@given(text=st.text() | st.from_regex(r"[a-z]{2,4}(-[a-z0-9]{1,4}){0,2}", fullmatch=True))
def test_any_text_is_a_language_or_refused(text: str) -> None:
    result = understood(text)
    if isinstance(result, BadValue):
        assert str(result)
        assert result.fix
    else:
        assert normalise(typed(result.tag)) == result


@pytest.mark.parametrize("text", ["", " ", "auto", "Detect", "automatic"])
def test_detection_can_be_asked_for(text: str) -> None:
    assert is_detection(text)
    assert read(text) is None


def test_a_language_is_not_detection() -> None:
    assert not is_detection("en")
    assert read("english") == normalise("en")


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("pt", "Portuguese"),
        ("pt-BR", "Portuguese (Brazil)"),
        ("zh-Hant-TW", "Chinese (Traditional, Taiwan)"),
        ("sw-KE", "Swahili (KE)"),
        ("tlh", "tlh"),
    ],
)
def test_a_tag_has_a_name_to_show(tag: str, name: str) -> None:
    assert name_of(tag) == name


def test_the_list_for_pickers_is_sorted_by_name_and_every_entry_can_be_used() -> None:
    listed = all_languages()
    assert [name for _, name in listed] == sorted(name for _, name in listed)
    assert all(normalise(tag).tag == tag for tag, _ in listed)
    assert ("pt-BR", "Portuguese (Brazil)") in listed
