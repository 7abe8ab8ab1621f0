"""Speech to captions on this machine, for files that a person adds to the sandbox.

A stand-in for Mux's recogniser, not the same thing. It needs the extra `[local-captions]`
(https://github.com/SYSTRAN/faster-whisper) and a model: a directory that the user names, or faster-whisper's
own download once the user agreed to it. There is never a made-up transcript.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

Load: TypeAlias = Callable[[str], Any]

INSTALL_HINT: Final = "pip install 'caption-bot[local-captions]'"
DOWNLOADED_MODEL: Final = "base"
LONGEST_SECONDS: Final = 600.0
LINE_CHARACTERS: Final = 42
CUE_LINES: Final = 2
CUE_SECONDS: Final = 7.0
CUE_PAUSE_SECONDS: Final = 1.0
CHARACTERS_PER_SECOND: Final = 20.0
_GAP_SECONDS: Final = 0.084


class CannotTranscribeError(Exception):
    """This file cannot be captioned here; the message says what to do about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word with its times in seconds from the start."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One caption of at most two lines, with its times in seconds from the start."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was said. `confidence` (0 to 1) is that of the language, 1 when it was given."""

    language_code: str
    confidence: float
    duration_seconds: float
    words: tuple[Word, ...]
    cues: tuple[Cue, ...]


def available() -> bool:
    """Say whether the extra is installed; costs no import of it."""
    return importlib.util.find_spec("faster_whisper") is not None


async def transcribe(
    path: Path,
    *,
    model_dir: Path | None = None,
    allow_download: bool = False,
    language_code: str | None = None,
    hotwords: Sequence[str] = (),
    load: Load = importlib.import_module,
) -> Heard:
    """Transcribe a media file of at most ten minutes in a worker thread.

    `hotwords` bias the spelling of names. A language that is not given is detected; one that is given is
    taken without region, as the models know no regions. `load` finds the modules of the extra.

    Raises:
        CannotTranscribeError: without the extra or a model, for longer files, and for unreadable ones.
    """
    try:
        whisper, av = await asyncio.to_thread(lambda: (load("faster_whisper"), load("av")))
    except ModuleNotFoundError as error:
        raise CannotTranscribeError(
            f"This sandbox has no speech recogniser: {INSTALL_HINT}. Its own clips work without."
        ) from error
    if model_dir is None and not allow_download:
        raise CannotTranscribeError(
            "This sandbox has no speech model: start it with --caption-model DIR, or allow the download."
        )
    return await asyncio.to_thread(
        _listen,
        _Recogniser(whisper=whisper, av=av, model_dir=model_dir),
        path,
        language_code.lower().partition("-")[0] if language_code else None,
        ", ".join(hotwords) or None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recogniser:
    whisper: Any
    av: Any
    model_dir: Path | None

    def model(self) -> Any:
        if self.model_dir is not None and not self.model_dir.is_dir():
            # A name that is no directory would be looked up, and downloaded, without anybody having agreed.
            raise CannotTranscribeError(f"There is no speech model at {self.model_dir}.")
        name = str(self.model_dir) if self.model_dir else DOWNLOADED_MODEL
        return self.whisper.WhisperModel(name, device="cpu", compute_type="int8")


def _listen(recogniser: _Recogniser, path: Path, language: str | None, hotwords: str | None) -> Heard:
    _require_short(recogniser.av, path)
    try:
        segments, info = recogniser.model().transcribe(
            str(path),
            beam_size=5,
            word_timestamps=True,
            vad_filter=True,
            language=language,
            hotwords=hotwords,
        )
        words = tuple(_words(segments))
    except (ValueError, RuntimeError, OSError) as error:
        raise CannotTranscribeError(f"The recogniser could not use this file or model: {error}") from error
    return Heard(
        language_code=info.language,
        confidence=round(float(info.language_probability), 3),
        duration_seconds=float(info.duration),
        words=words,
        cues=tuple(cues_from_words(words)),
    )


def _require_short(av: Any, path: Path) -> None:
    try:
        with av.open(str(path)) as container:
            # The container counts in microseconds; a live recording may not know its length.
            seconds = (container.duration or 0) / 1_000_000
            has_sound = bool(container.streams.audio)
    except av.error.FFmpegError as error:
        raise CannotTranscribeError(f"This is no media file: {error.strerror}") from error
    if not has_sound:
        raise CannotTranscribeError("This file has no sound.")
    if seconds > LONGEST_SECONDS:
        raise CannotTranscribeError(
            f"This file plays {seconds:.0f} s; the sandbox takes at most {LONGEST_SECONDS:.0f} s."
        )


def _words(segments: Iterable[Any]) -> Iterator[Word]:
    for segment in segments:
        for word in segment.words or ():
            yield Word(text=word.word.strip(), start=float(word.start), end=float(word.end))


def cues_from_words(words: Sequence[Word]) -> list[Cue]:
    """Return readable captions: 42 characters a line, two lines, 7 seconds, 20 characters a second.

    A sentence's end and a long pause also end a cue. A cue that would be too fast stays on until the next
    one begins, as long as that helps; a single word is never split.
    """
    groups: list[list[Word]] = []
    for word in words:
        if groups and _fits(groups[-1], word):
            groups[-1].append(word)
        else:
            groups.append([word])
    starts = [*(group[0].start for group in groups), float("inf")][1:]
    return [_cue(group, next_start) for group, next_start in zip(groups, starts, strict=True)]


def srt(cues: Sequence[Cue]) -> str:
    """Return the cues as an SRT file."""
    return "\n".join(
        f"{number}\n{_stamp(cue.start)} --> {_stamp(cue.end)}\n{cue.text}\n"
        for number, cue in enumerate(cues, 1)
    )


def _fits(group: Sequence[Word], word: Word) -> bool:
    last = group[-1]
    text = " ".join([*(w.text for w in group), word.text])
    return (
        not last.text.endswith((".", "?", "!"))
        and word.start - last.end < CUE_PAUSE_SECONDS
        and word.end - group[0].start <= CUE_SECONDS
        and len(_lines(text)) <= CUE_LINES
    )


def _cue(group: Sequence[Word], next_start: float) -> Cue:
    text = _balanced(" ".join(word.text for word in group))
    start, end = group[0].start, group[-1].end
    wanted_end = max(end, start + len(text) / CHARACTERS_PER_SECOND)
    latest_end = max(end, min(next_start - _GAP_SECONDS, start + CUE_SECONDS))
    return Cue(start=start, end=min(wanted_end, latest_end), text=text)


def _lines(text: str) -> list[str]:
    return textwrap.wrap(text, LINE_CHARACTERS, break_long_words=False, break_on_hyphens=False)


def _balanced(text: str) -> str:
    """Break `text` where its two lines come closest in length; a word that is too long stays whole."""
    lines = _lines(text)
    if len(lines) != CUE_LINES or max(map(len, lines)) > LINE_CHARACTERS:
        return "\n".join(lines)
    words = text.split()
    cuts = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    fitting = [cut for cut in cuts if max(len(cut[0]), len(cut[1])) <= LINE_CHARACTERS]
    first, second = min(fitting, key=lambda cut: abs(len(cut[0]) - len(cut[1])))
    return f"{first}\n{second}"


def _stamp(seconds: float) -> str:
    millis = round(seconds * 1000)
    return f"{millis // 3_600_000:02}:{millis // 60_000 % 60:02}:{millis // 1000 % 60:02},{millis % 1000:03}"
