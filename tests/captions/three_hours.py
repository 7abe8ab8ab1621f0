"""Three hours of captions through everything that is done with them: what it takes, step by step.

Run `python -m tests.captions.three_hours` in the repository; docs/quality.md has a run of it.
"""

from __future__ import annotations

import random
import resource
import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import Any, Final

from bot.rules import srt
from bot.rules.compare import compare
from bot.rules.cues import Captions, Cue
from bot.rules.quality import check, profile
from bot.rules.rewrap import rewrap
from bot.ui import quality, timeline

HOURS: Final = 3
CUES: Final = 5_000
PHRASES: Final = (
    "Inter-Asterisk Exchange",
    "Digium",
    "PBX",
    "WebRTC",
    "speech recognition",
    "never spoken words",
)
# fmt: off
_WORDS: Final = (
    "the", "of", "and", "to", "in", "we", "that", "is", "you", "this", "it", "for", "on", "with", "are", "as",
    "what", "can", "have", "be", "or", "from", "captions", "video", "people", "every", "because", "before",
    "after", "speech", "recognition", "asterisk", "exchange", "enter", "network", "picture", "studio",
    "question", "answer", "understand", "important", "something", "somebody", "different", "everything",
    "between", "another", "through", "record", "sentence", "reading",
)
# fmt: on


def captions(count: int = CUES, hours: float = HOURS) -> tuple[Cue, ...]:
    """Return made-up speech, the same at every run; some of it is too fast, too long or too close."""
    chance = random.Random(5)  # noqa: S311 - made-up text needs no secrets
    each_ms = round(hours * 3_600_000 / count)
    return tuple(_cue(number, each_ms, chance) for number in range(count))


def _cue(number: int, each_ms: int, chance: random.Random) -> Cue:
    words = chance.choices(_WORDS, k=chance.randint(3, 14))
    half = len(words) // 2
    start_ms = number * each_ms + 200
    return Cue(
        index=number + 1,
        start_ms=start_ms,
        end_ms=start_ms + each_ms - chance.choice((0, 90, 300)),
        text=" ".join(words[:half]) + "\n" + " ".join(words[half:]),
    )


def steps(raw: bytes, phrases: tuple[str, ...] = PHRASES) -> dict[str, Callable[[], Any]]:
    """Return what is done with a finished job's file, by its name; each step is done from what is ready."""
    limits = profile("netflix-en", "en")
    read = srt.read(raw)
    length = HOURS * 3_600.0

    def checked() -> Any:
        return check(
            read, profile=limits, language="en", duration_seconds=length, phrases=phrases, speakers=False
        )

    report = checked()
    return {
        "read and check the format": lambda: srt.read(raw),
        "measure": checked,
        "store and load the report": lambda: report.from_json(report.to_json()),
        "write WebVTT": lambda: srt.to_vtt(read.cues),
        "write the transcript": lambda: srt.to_text(read.cues),
        "write the full report": lambda: quality.full(report),
        "write the blocks": lambda: quality.summary(report),
        "draw": lambda: timeline.draw(read.cues, limits, "Three hours", duration_seconds=length),
        "break the lines anew": lambda: rewrap(read, limits),
        "compare with itself": lambda: compare(read, Captions(cues=read.cues[1:])),
    }


def peak_bytes(call: Callable[[], Any]) -> int:
    """Return the most memory that Python held during a call, beyond what it held before."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak - before


def main() -> None:
    """Print a table of processor time and memory."""
    raw = srt.to_srt(captions()).encode()
    timeline.draw((), profile("netflix-en", "en"), "")
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    every = steps(raw)
    spent = {name: _seconds(call) for name, call in every.items()}
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - resident
    rows = [f"{CUES:,} captions, {len(raw) / 1024:,.0f} KB", ""]
    rows += ["| step | processor time, ms | peak memory, MB |", "|---|---|---|"]
    for name, call in every.items():
        rows.append(f"| {name} | {spent[name] * 1_000:.0f} | {peak_bytes(call) / 1024**2:.1f} |")
    # Linux counts in kilobytes, macOS in bytes.
    unit = 1024**2 if sys.platform == "darwin" else 1024
    rows.append(f"| all | {sum(spent.values()) * 1_000:.0f} | resident: {grown / unit:.0f} more |")
    sys.stdout.write("\n".join(rows) + "\n")


def _seconds(call: Callable[[], Any]) -> float:
    before = time.process_time()
    call()
    return time.process_time() - before


if __name__ == "__main__":
    main()
