"""What is refused: each with its place, the value, and its own words."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from bot.errors import BadCommand
from bot.rules.grammar import MAX_CHARACTERS, parse
from bot.rules.text import normalise

SHOWN = 60


@dataclass(frozen=True)
class Bad:
    text: str
    value: str
    says: str
    fix: str = ""
    at: int | None = None


A = "abc "
BAD = {
    "no asset, only an option": Bad("--speakers", "--speakers", "asset id is missing"),
    "no asset, only a language option": Bad("--lang en", "--lang", "asset id is missing"),
    "asset id is a link": Bad("https://dashboard.mux.com/x", "https://dashboard.mux.com/x", "is a link"),
    "asset id is a Slack link": Bad("<https://x.y/z|x.y>", "https://x.y/z", "is a link"),
    "asset id is a link without scheme": Bad("vimeo.com/abc en", "vimeo.com/abc", "is a link, but"),
    "asset id is a person": Bad("<@U1> en", "<@U1>", "a person in Slack"),
    "asset id is a channel": Bad("<#C1|general>", "<#C1|general>", "a channel in Slack"),
    "asset id is everybody": Bad("<!here>", "<!here>", "a group of people in Slack"),
    "asset id with a slash": Bad("abc/def", "abc/def", "contains `/`"),
    "asset id with a space": Bad('"abc def"', "abc def", "contains a space", at=0),
    "asset id with an umlaut": Bad("äbc", "äbc", "contains `ä`"),
    "asset id is blank": Bad('"" en', "", "The asset id is empty"),
    "asset id by name is a link": Bad("en asset_id=http://x", "http://x", "is a link", at=12),
    "asset id is too long": Bad("a" * 256, "a" * 256, "256 characters; an asset id has at most 255"),
    "two assets": Bad("asset_id=abc asset=abd", "abd", "contradict", at=19),
    "language unknown": Bad(A + "klingonese", "klingonese", "not a language", "a code such as", 4),
    "language misspelt": Bad(A + "englsh", "englsh", "not a language", "`english`", 4),
    "language misspelt in an option": Bad(A + "--lang frnech", "frnech", "not a language", "`french`", 11),
    "language misspelt by its own name": Bad(A + "deutsh", "deutsh", "not a language", "`deutsch`"),
    "language of two words misspelt": Bad(
        A + "brazilien portugese", "brazilien portugese", "not a language", "`brazilian portuguese`"
    ),
    "language is a country: jp": Bad(A + "jp", "jp", "not the code of Japanese", "`ja`"),
    "language is a country: kr": Bad(A + "kr", "kr", "not the code of Korean", "`kau`"),
    "language is a country: br": Bad(A + "language_code=br", "br", "of Portuguese (Brazil)", "`pt-BR`", 18),
    "language is a country: ua": Bad(A + "UA", "UA", "not the code of Ukrainian", "`uk`"),
    "language is signed": Bad(A + "asl", "asl", "sign language", "the spoken language"),
    "language undetermined": Bad(A + "und", "und", "no particular language", "`auto`"),
    "language for local use": Bad(A + "qaa", "qaa", "no particular language"),
    "language private": Bad(A + "x-klingon", "x-klingon", "private or extended"),
    "language with extensions": Bad(A + "en-u-ca-greg", "en-u-ca-greg", "private or extended"),
    "language unregistered": Bad(A + "xx", "xx", "not a language"),
    "language malformed": Bad(A + "en_US.UTF-8", "en_US.UTF-8", "not a language"),
    "language twice in options": Bad(
        A + "--lang en --language fr", "fr", "`--lang en` and `--language fr`", at=25
    ),
    "language twice, once loose": Bad(A + "fr --lang=en", "fr", "`--lang=en` and `fr`", at=4),
    "language twice, one wrong": Bad(A + "--lang nope --lang fr", "nope", "not a language", at=11),
    "language needs a value": Bad(A + "--lang", "--lang", "`--lang` needs a value", "--language pt-BR", 4),
    "language with an empty value": Bad(A + "language_code=", "language_code", "needs a value"),
    "a word after doctor": Bad("doctor channel", "channel", "everything is checked", "", 7),
    "one word too many": Bad(A + "en Studio", "Studio", "one word too many", "part of a track name", 7),
    "an option without dashes as the third word": Bad(A + "en words", "words", "too many", "`--words`", 7),
    "an option without dashes as the second word": Bad(
        A + "speakers", "speakers", "language", "`--speakers`"
    ),
    "an option without dashes before a language": Bad(
        A + "upload en", "upload", "not a language", "`--upload`"
    ),
    "a track name without quotes": Bad(
        A + "--name Studio cut", "cut", "too many", '`--name "Studio cut"`', 18
    ),
    "a track name without quotes after =": Bad(A + "name=My film", "film", "too many", '`name="My film"`'),
    "a phrase without quotes": Bad(
        A + "--phrase Exchange Act", "Act", "too many", '`--phrase "Exchange Act"`'
    ),
    "phrases without quotes": Bad(A + "phrases=a,big b", "b", "too many", '`phrases="a,big b"`', 18),
    "track name needs a value": Bad(A + "--name", "--name", "`--name` needs a value"),
    "track name with an empty value": Bad(A + "track_name=", "track_name", "`track_name` needs a value"),
    "track name followed by an option": Bad(
        A + "--name speakers=true", "--name", "needs a value, but `speakers=true` is an option"
    ),
    "track name blank": Bad(A + '--name " "', " ", 'The track name " " is blank', at=11),
    "track name too long": Bad(A + "--name " + "x" * 256, "x" * 256, "this bot accepts at most 255", at=11),
    "track name twice": Bad(A + "--name a --name b", "b", "`--name a` and `--name b`", at=20),
    "track name cannot be negated": Bad(A + "--no-name", "--no-name", "not an option", "`--name`", 4),
    "option misspelt": Bad(A + "--speakrs", "--speakrs", "not an option", "`--speakers`", 4),
    "option misspelt with a value": Bad(A + "--langauge=en", "--langauge", "not an option", "`--language`"),
    "option misspelt in Mux's words": Bad(
        A + "include_wrods=true", "include_wrods", "option", "`--include-words`"
    ),
    "option with one dash": Bad(A + "-lang en", "-lang", "not an option", "`--lang`"),
    "option with three dashes": Bad(A + "---words", "---words", "not an option", "`--words`"),
    "option unknown": Bad(A + "--quality best", "--quality", "not an option", "`help` lists"),
    "option unknown with a value": Bad(A + "title=x", "title", "not an option", "`help` lists"),
    "option with no name": Bad(A + "--", "--", "`--` is not an option"),
    "option with no name but a value": Bad(A + "--=x", "--=x", "not an option"),
    "option with a quoted name": Bad(A + '--"words"', '--"words"', "not an option"),
    "speakers is neither yes nor no": Bad(
        A + "--speakers=maybe", "maybe", "nothing that `--speakers`", "yes", 15
    ),
    "speakers with an empty value": Bad(A + "include_speakers=", "include_speakers", "needs a value"),
    "speakers with a blank value": Bad(A + '--include-speakers=""', "--include-speakers", "needs a value"),
    "speakers and no speakers": Bad(
        A + "--speakers --no-speakers", "--no-speakers", "`--no-speakers`", at=15
    ),
    "speakers twice in Mux's words": Bad(A + "speakers=1 include_speakers=0", "0", "`include_speakers=0`"),
    "speakers no, or Norwegian": Bad(
        A + "--speakers no", "no", "`--speakers no` can mean two", "--no-speakers", 15
    ),
    "words no, or Norwegian": Bad(
        A + "--include-words no", "no", "`--include-words no` can mean", "--no-words"
    ),
    "replace no, or Norwegian": Bad(A + "--replace NO", "NO", "`--replace NO` can mean two", "--no-replace"),
    "words is neither yes nor no": Bad(A + "words=2", "2", "nothing that `words` can be", at=10),
    "no upload is neither yes nor no": Bad(A + "--no-upload=x", "x", "nothing that `--no-upload` can be"),
    "no upload with an empty value": Bad(A + "no_upload=", "no_upload", "`no_upload` needs a value"),
    "replace with an unknown policy": Bad(
        A + "--replace=some", "some", "nothing that `--replace`", "generated", 14
    ),
    "replace, two policies": Bad(
        A + "--replace --replace-generated", "--replace-generated", "contradict", at=14
    ),
    "replace and no replace": Bad(A + "--replace=all --no-replace", "--no-replace", "`--replace=all` and"),
    "replace ours and Mux's differ": Bad(
        A + "--no-replace replace_existing_tracks=replace_all", "replace_all", "`--no-replace` and"
    ),
    "replace both of Mux's": Bad(
        A + "replace_existing=true replace_existing_tracks=replace_all",
        "replace_all",
        "only one at a time",
        "keep `replace_existing_tracks`",
        50,
    ),
    "Mux's policy in our words": Bad(
        A + "replace_existing_tracks=all", "all", "`replace_existing_tracks` can be"
    ),
    "Mux's policy without a value": Bad(
        A + "--replace-existing-tracks", "--replace-existing-tracks", "needs a value", "=fail"
    ),
    "Mux's policy before an option": Bad(
        A + "--replace_existing_tracks --words", "--replace_existing_tracks", "needs a value"
    ),
    "nothing to replace without an upload": Bad(
        A + "--no-upload --replace", "--no-upload", "`--no-upload` makes no track, so `--replace` has", at=4
    ),
    "nothing to replace in Mux's words": Bad(
        A + "replace_existing=true upload_to_mux=false", "false", "`replace_existing=true` has", at=40
    ),
    "phrase needs a value": Bad(A + "--phrase", "--phrase", "`--phrase` needs a value"),
    "phrase followed by an option": Bad(A + "phrase= --speakers", "phrase", "`phrase` needs a value"),
    "phrases need a value": Bad(A + "--phrases", "--phrases", "`--phrases` needs a value", "Mux, HLS"),
    "phrase too long": Bad(
        A + "--phrase " + "x" * 51, "x" * 51, "51 characters; Mux takes at most 50", at=13
    ),
    "phrase in a list too long": Bad(A + "phrases=a," + "y" * 52, "y" * 52, "52 characters", at=14),
    "phrase with an angle bracket": Bad(
        A + '--phrase "a&lt;b"', "a<b", "contains `<`", "leave the `<` out", 13
    ),
    "phrase with a brace": Bad(A + '--phrase "ok" --phrase "{x}"', "{x}", "contains `{`", at=27),
    "phrases as a JSON list": Bad(A + 'phrases=["Mux","API"]', "[Mux", "contains `[`", at=12),
    "phrase with a backslash": Bad(A + "--phrase a\\b", "a\\b", "contains `\\`"),
    "phrases, more than a hundred": Bad(
        A + "phrases=" + ",".join(f"p{number}" for number in range(101)), "p100", "`p100` is phrase 101"
    ),
    "double quote never closed": Bad(A + 'en --name "Studio', '"Studio', "never closed", at=14),
    "curly quote never closed": Bad(A + "--name “Rough cut", '"Rough cut', "never closed", at=11),
    "double quote inside a word": Bad('abc"', '"', 'opens at `"` is never closed', at=3),
    "far too much text": Bad(A + "x" * MAX_CHARACTERS, "xxxx", "16004 characters; at most 16000", at=16_000),
}


def refused(text: str) -> BadCommand:
    with pytest.raises(BadCommand) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_bad_command_is_refused_with_its_place_its_value_and_a_way_out(bad: Bad) -> None:
    problem = refused(bad.text)
    line = normalise(bad.text)
    assert problem.value == bad.value
    assert bad.value[:SHOWN] in f"{problem} {line[problem.at :]}"
    assert bad.says in str(problem)
    assert problem.fix
    assert bad.fix in problem.fix
    assert problem.at == (line.find(bad.value) if bad.at is None else bad.at)


@pytest.mark.parametrize(
    "bad", [bad for bad in BAD.values() if len(bad.text) < MAX_CHARACTERS], ids=lambda b: b.text
)
def test_the_message_itself_names_the_value(bad: Bad) -> None:
    assert bad.value[:SHOWN] in str(refused(bad.text))


def test_no_two_bad_commands_get_the_same_message() -> None:
    messages = [str(refused(bad.text)) for bad in BAD.values()]
    assert len(messages) == len(set(messages)) == len(BAD)
    assert len(BAD) >= 60


def test_a_refusal_is_one_sentence() -> None:
    for bad in BAD.values():
        message = str(refused(bad.text))
        assert message[-1] == "."
        assert "\n" not in message
