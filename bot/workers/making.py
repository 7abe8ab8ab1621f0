"""Makes what is kept of a job out of Mux's files: conversions, measurements, a drawing. Performs no I/O.

It takes up to a second for three hours of captions, so it runs beside the event loop.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Final

from bot.errors import NotCaptions
from bot.rules import archive as rules
from bot.rules import srt
from bot.rules.compare import compare
from bot.rules.cues import Captions
from bot.rules.decoding import shortened
from bot.rules.differing import Difference
from bot.rules.jobs import Job, Outcome
from bot.rules.quality import Report, check, profile
from bot.rules.rewrap import rewrap
from bot.rules.vtt import read_vtt
from bot.services.archiving import Kept
from bot.services.differing import Before
from bot.store.files import Packed, pack
from bot.ui import quality
from bot.ui.timeline import draw

_PLAIN: Final = "text/plain; charset=utf-8"
_SUBRIP: Final = "application/x-subrip"
_WEBVTT: Final = "text/vtt; charset=utf-8"
_JSON: Final = "application/json"

_LONGEST_NAME: Final = 80
_UNFIT: Final = re.compile(r'[\s/\\:*?"<>|%#&;`$\'!]+')


def make(
    job: Job, *, raw: bytes, words: bytes | None, profile_name: str, before: Before | None = None
) -> Kept:
    """Return what is kept of a job; `raw` is the SRT file and `words` the word timings, as they came.

    Of a fix `raw` is WebVTT. `before` are the captions that the new ones are compared with.

    Raises:
        NotCaptions: One of them is not what it should be.
    """
    captions = srt.read(raw) if job.edit is None else read_vtt(raw)
    report = measure(job, captions, profile_name=profile_name)
    stem = stem_of(job)
    made = [
        pack(
            kind=rules.SRT,
            name=f"{stem}.srt",
            media_type=_SUBRIP,
            content=raw if job.edit is None else srt.to_srt(captions.cues).encode(),
        ),
        *derived(job, captions, report),
    ]
    if words is not None:
        made.append(_words(words, stem))
    difference = None if before is None else _difference(job, before, captions, report, profile_name)
    return Kept(files=tuple(made), report=report, difference=difference)


def _difference(
    job: Job, before: Before, captions: Captions, report: Report, profile_name: str
) -> Difference:
    was = measure(job, before.captions, profile_name=profile_name)
    return Difference(
        against=before.against,
        name=before.name,
        changes=compare(before.captions, captions),
        faults_before=sum(was.counts.values()),
        faults_after=sum(report.counts.values()),
    )


def derived(job: Job, captions: Captions, report: Report) -> tuple[Packed, ...]:
    """Return the files that are made of captions: conversions, a copy broken anew, report and timeline."""
    stem = stem_of(job)
    picture = draw(captions.cues, report.profile, job.title or stem, duration_seconds=job.duration_seconds)
    made = (
        (rules.VTT, f"{stem}.vtt", _WEBVTT, srt.to_vtt(captions.cues), ""),
        (rules.TEXT, f"{stem}.txt", _PLAIN, srt.to_text(captions.cues), ""),
        (rules.REPORT, f"{stem}.report.txt", _PLAIN, quality.full(report), ""),
        (rules.REWRAPPED, f"{stem}.rewrapped.srt", _SUBRIP, _rewrapped(captions, report), ""),
    )
    return (
        *(
            pack(kind=kind, name=name, media_type=media_type, content=text.encode(), alt=alt)
            for kind, name, media_type, text, alt in made
            if text
        ),
        pack(
            kind=rules.TIMELINE,
            name=f"{stem}.timeline.png",
            media_type="image/png",
            content=picture.png,
            alt=picture.alt,
        ),
    )


def measure(job: Job, captions: Captions, *, profile_name: str) -> Report:
    """Return what is measured of captions of a job, by the limits that its channel has chosen."""
    language = _language(job)
    return check(
        captions,
        profile=profile(profile_name, language),
        language=language,
        duration_seconds=job.duration_seconds,
        phrases=job.request.phrases,
        speakers=job.request.include_speakers,
    )


def _rewrapped(captions: Captions, report: Report) -> str:
    broken = rewrap(captions, report.profile)
    return "" if broken is None else srt.to_srt(broken)


def _words(raw: bytes, stem: str) -> Packed:
    try:
        json.loads(raw)
    except (ValueError, RecursionError) as error:
        said = "The file of word timings is not JSON."
        raise NotCaptions(
            said, code="json", excerpt=shortened(raw[:200].decode("utf-8", "replace"))
        ) from error
    return pack(kind=rules.WORDS, name=f"{stem}.words.json", media_type=_JSON, content=raw)


def _language(job: Job) -> str:
    outcome = job.outcome or Outcome()
    return outcome.language_code or outcome.detected_language or job.request.language_code or ""


def stem_of(job: Job) -> str:
    """Return the name of a job's files without its end: the title as far as file systems take it."""
    title = "".join(
        character for character in unicodedata.normalize("NFC", job.title) if character.isprintable()
    )
    named = (
        _UNFIT.sub("-", title).strip("-. ")[:_LONGEST_NAME].strip("-. ")
        or job.request.asset_id[:_LONGEST_NAME]
    )
    language = re.sub(r"[^A-Za-z0-9-]", "", _language(job))[:20]
    return f"{named}.{language}" if language else named
