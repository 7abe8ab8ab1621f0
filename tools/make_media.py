"""Make the sandbox's own clips again: `python tools/make_media.py [--out DIR]`.

Needs espeak-ng and ffmpeg on the PATH, at development time only. Every sentence of
`tools/media_scripts.json` is spoken by itself, stripped of the silence around it, and put after the one
before with a pause; so the cue times are those of the sound, to the sample. Word times inside a sentence
are shared out by length.
"""

from __future__ import annotations

import argparse
import array
import hashlib
import json
import re
import shutil
import subprocess
import tempfile
import textwrap
import wave
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ROOT / "tools" / "media_scripts.json"
MEDIA = ROOT / "bot" / "sandbox" / "media"
SAMPLE_RATE_HZ = 22_050
LEAD_SECONDS = 0.8
PAUSE_SECONDS = 0.45
TAIL_SECONDS = 1.2
SILENCE_LEVEL = 250
LINE_CHARACTERS = 42
TAG = re.compile(r"</?i>")


@dataclass(kw_only=True)
class Spoken:
    """One sentence with its place in the sound, in seconds."""

    speaker: str
    text: str
    start: float
    end: float
    words: list[dict[str, Any]] = field(default_factory=list)


def _tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise SystemExit(f"{name} is needed on the PATH")
    return path


def _speak(text: str, voice: tuple[str, int, int], folder: Path) -> array.array[int]:
    name, words_per_minute, pitch = voice
    sound = folder / "sentence.wav"
    command = [_tool("espeak-ng"), "-v", name, "-s", str(words_per_minute), "-p", str(pitch)]
    subprocess.run([*command, "-w", str(sound), TAG.sub("", text)], check=True)  # noqa: S603 - our own words
    with wave.open(str(sound)) as reader:
        if (reader.getframerate(), reader.getnchannels()) != (SAMPLE_RATE_HZ, 1):
            raise SystemExit(f"espeak-ng made {reader.getparams()}")
        samples = array.array("h", reader.readframes(reader.getnframes()))
    loud = [at for at, sample in enumerate(samples) if abs(sample) > SILENCE_LEVEL]
    return samples[loud[0] : loud[-1] + 1]


def _words(text: str, start: float, end: float) -> list[dict[str, Any]]:
    words = TAG.sub("", text).split()
    ends = [0]
    for word in words:
        ends.append(ends[-1] + len(word) + 1)
    second = (end - start) / ends[-1]
    return [
        {"word": word, "start": round(start + first * second, 3), "end": round(start + last * second, 3)}
        for word, (first, last) in zip(words, pairwise(ends), strict=True)
    ]


def _speech(script: dict[str, Any], folder: Path) -> tuple[array.array[int], list[Spoken]]:
    sound = array.array("h", bytes(2 * int(LEAD_SECONDS * SAMPLE_RATE_HZ)))
    spoken: list[Spoken] = []
    for speaker, text in script["lines"]:
        start = len(sound) / SAMPLE_RATE_HZ
        sound.extend(_speak(text, tuple(script["voices"][speaker]), folder))
        end = len(sound) / SAMPLE_RATE_HZ
        words = _words(text, start, end)
        spoken.append(Spoken(speaker=speaker, text=text, start=start, end=end, words=words))
        sound.extend(array.array("h", bytes(2 * int(PAUSE_SECONDS * SAMPLE_RATE_HZ))))
    sound.extend(array.array("h", bytes(2 * int((TAIL_SECONDS - PAUSE_SECONDS) * SAMPLE_RATE_HZ))))
    return sound, spoken


def _stamp(seconds: float) -> str:
    millis = round(seconds * 1000)
    return f"{millis // 3_600_000:02}:{millis // 60_000 % 60:02}:{millis // 1000 % 60:02},{millis % 1000:03}"


def _balanced(text: str) -> str:
    """Break `text` into at most two lines of about the same length."""
    if len(text) <= LINE_CHARACTERS:
        return text
    width = next(w for w in range(len(text) // 2, len(text)) if len(textwrap.wrap(text, w)) == 2)  # noqa: PLR2004 - two lines
    return "\n".join(textwrap.wrap(text, width))


def _srt(spoken: list[Spoken], *, speakers: bool) -> str:
    return "\n".join(
        f"{number}\n{_stamp(cue.start)} --> {_stamp(cue.end)}\n"
        f"{_balanced(f'[{cue.speaker}] {cue.text}' if speakers else cue.text)}\n"
        for number, cue in enumerate(spoken, 1)
    )


def _film(script: dict[str, Any], sound: Path, video: Path, poster: Path, *, seconds: float) -> None:
    font = "font='DejaVu Sans'"
    title = script["title"].replace(":", r"\:").replace("'", "")
    card = ",".join(
        (
            f"drawtext={font}:text='{title}':fontcolor=white:fontsize=26:x=(w-tw)/2:y=92",
            f"drawtext={font}:text='A clip of the sandbox':fontcolor=0xc8d0da:fontsize=15:x=(w-tw)/2:y=136",
            rf"drawtext={font}:text='%{{pts\:gmtime\:0\:%M\\\:%S}}':fontcolor=white:fontsize=18:x=w-tw-24:y=h-38",
        )
    )
    graph = (
        f"color=c={script['colour']}:s=640x360:r=10,{card}[card];"
        "[0:a]showwaves=s=560x110:mode=cline:r=10:colors=0xe8b04a,format=rgba,colorkey=black:0.1:0.1[wave];"
        "[card][wave]overlay=40:190:shortest=1,format=yuv420p[v]"
    )
    ffmpeg = [_tool("ffmpeg"), "-loglevel", "error", "-y", "-fflags", "+bitexact"]
    encode = [
        "-c:v",
        "libvpx-vp9",
        "-crf",
        "42",
        "-b:v",
        "0",
        "-row-mt",
        "1",
        "-c:a",
        "libopus",
        "-b:a",
        "32k",
    ]
    plain = ["-flags", "+bitexact", "-map_metadata", "-1", "-t", f"{seconds:.3f}"]
    maps = ["-map", "[v]", "-map", "0:a"]
    film = [*ffmpeg, "-i", str(sound), "-filter_complex", graph, *maps, *encode, *plain, str(video)]
    subprocess.run(film, check=True)  # noqa: S603 - our own arguments
    still = [
        *ffmpeg,
        "-ss",
        f"{seconds / 2:.3f}",
        "-i",
        str(video),
        "-frames:v",
        "1",
        "-q:v",
        "5",
        str(poster),
    ]
    subprocess.run(still, check=True)  # noqa: S603 - our own arguments


def _make(script: dict[str, Any], out: Path, folder: Path) -> dict[str, Any]:
    name = script["name"]
    sound, spoken = _speech(script, folder)
    wav = folder / f"{name}.wav"
    with wave.open(str(wav), "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(SAMPLE_RATE_HZ)
        writer.writeframes(sound.tobytes())
    seconds = len(sound) / SAMPLE_RATE_HZ
    files = {
        "video": f"{name}.webm",
        "poster": f"{name}.jpg",
        "srt": f"{name}.srt",
        "speakers_srt": f"{name}.speakers.srt",
        "words": f"{name}.words.json",
    }
    _film(script, wav, out / files["video"], out / files["poster"], seconds=seconds)
    (out / files["srt"]).write_text(_srt(spoken, speakers=False), encoding="utf-8")
    (out / files["speakers_srt"]).write_text(_srt(spoken, speakers=True), encoding="utf-8")
    words = [{**word, "speaker": cue.speaker} for cue in spoken for word in cue.words]
    (out / files["words"]).write_text(json.dumps({"words": words}, ensure_ascii=False, indent=1) + "\n")
    return {
        "name": name,
        "title": script["title"],
        "language_code": script["language_code"],
        "duration_seconds": round(seconds, 3),
        "misheard": script["misheard"],
        "files": files,
        "sha256": {file: hashlib.sha256((out / file).read_bytes()).hexdigest() for file in files.values()},
    }


def main() -> None:
    """Make every clip and the table of them."""
    parser = argparse.ArgumentParser(description="Make the sandbox's clips again.")
    parser.add_argument("--out", type=Path, default=MEDIA)
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    scripts = json.loads(SCRIPTS.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        clips = [_make(script, out, Path(folder)) for script in scripts]
    (out / "clips.json").write_text(json.dumps(clips, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
