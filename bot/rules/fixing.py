"""The form that fixes words in captions: what it holds, and whether it makes an edit. Performs no I/O."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Self

from bot.errors import BadValue
from bot.rules import limits, preflight
from bot.rules.cues import Captions, label, seen, spoken
from bot.rules.edits import CaptionEdit, EditReport, SpeakerEdit, WordEdit
from bot.rules.form import FormErrors
from bot.rules.jobs import Failure, Job, ReplacedTrack, Report, State
from bot.rules.jobs import Outcome as JobOutcome
from bot.rules.text import plain
from bot.rules.video import ERRORED, PREPARING, TextTrack, Video, is_gone

FIRST_ROWS: Final = 3
MOST_ROWS: Final = 20
MOST_NAMES: Final = 15
"""How many speakers the form has a field for."""
# Mux states no longest text; these are ours, far above what a fix of words needs.
MOST_CHARACTERS: Final = 200
MOST_NAME_CHARACTERS: Final = 80

FIND: Final = "find"
REPLACE: Final = "replace"
NAME: Final = "name"

_BRACKETS: Final = "[]"
_SPACE: Final = re.compile(r"\s+")


class Outcome(StrEnum):
    """What became of a wish to fix words."""

    STARTED = "started"
    JOINED = "joined"
    """The very same fix is under way."""
    BUSY = "busy"
    """Another fix of the same track is under way; nothing was started, like after all that follow."""
    MOVED = "moved"
    """The captions have another track by now, so the form was about an old one."""
    NO_TRACK = "no_track"
    """There is no track on the video that could be fixed."""
    DENIED = "denied"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """What became of a wish; `job` is the one with the captions, `other` the one that fixes them."""

    outcome: Outcome
    job: Job | None = None
    other: Job | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the form as it was typed."""

    find: str = ""
    replace: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """A speaker: the label without brackets, what is said first, and the name that was typed."""

    label: str
    says: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixForm:
    """The form as somebody filled it in, unchecked; `job_id` is ours of the job with the captions."""

    job_id: str
    track_id: str
    rows: tuple[Row, ...] = (Row(),) * FIRST_ROWS
    match_case: bool = False
    speakers: tuple[Speaker, ...] = ()

    @property
    def may_grow(self) -> bool:
        """Whether another row fits."""
        return len(self.rows) < MOST_ROWS

    def grown(self) -> Self:
        """Return the form with one more row, as far as one fits."""
        return replace(self, rows=(*self.rows, Row())) if self.may_grow else self


def speakers(captions: Captions) -> tuple[Speaker, ...]:
    """Return who speaks in the captions, in the order of their first words, as many as the form takes."""
    found: dict[str, Speaker] = {}
    for cue in captions.cues:
        name = label(seen(cue.text))
        if name is not None and name not in found:
            found[name] = Speaker(label=name, says=_line(spoken(cue.text)))
    return tuple(found.values())[:MOST_NAMES]


def check(form: FixForm, captions: Captions | None, *, asset_id: str) -> CaptionEdit | FormErrors:
    """Return the edit that the form makes, or every mistake in it at once, by `find_0`, `name_1` and so on.

    With the captions it is also a mistake to look for words that are nowhere in them.
    """
    sentences = {**_bad_rows(form), **_bad_names(form)}
    words, names = _words(form), _names(form)
    if not sentences and not words and not names:
        sentences[f"{FIND}_0"] = "Nothing is to be changed yet. Type words to find here, or a speaker's name."
    if captions is not None:
        text = _line(" ".join(spoken(cue.text) for cue in captions.cues)).casefold()
        for at, row in enumerate(form.rows):
            if plain(row.find) and plain(row.find).casefold() not in text:
                sentences.setdefault(f"{FIND}_{at}", "These words are nowhere in the captions.")
    if sentences:
        return FormErrors(sentences=sentences)
    return CaptionEdit(asset_id=asset_id, track_id=form.track_id, words=words, speakers=names)


def can_fix(job: Job) -> bool:
    """Say whether a job has captions on its video in which words can be fixed."""
    restored = job.restore is not None and job.restore.is_done
    attached = job.outcome is not None and job.outcome.track_id is not None
    return job.state is State.COMPLETED and attached and not restored


def language_of(job: Job) -> str:
    """Return the language of a job's captions, empty when nobody has said it."""
    said = "" if job.outcome is None else job.outcome.language_code or job.outcome.detected_language
    return said or job.request.language_code or ""


def obstacle(video: Video, edit: CaptionEdit) -> Failure | None:
    """Return why Mux would fix nothing, None when nothing is known to be in the way."""
    track = _track(video, edit)
    if track is None:
        return Failure(code=preflight.TRACK_GONE, message=edit.track_id)
    return Failure(code=preflight.TRACK_ERRORED, message=track.said) if track.status == ERRORED else None


def has_to_wait(video: Video, edit: CaptionEdit) -> bool:
    """Say whether Mux is still preparing the track."""
    track = _track(video, edit)
    return track is not None and track.status == PREPARING


def report_of(report: EditReport) -> Report:
    """Return what Mux says of a fix as what it says of any job; the track that was fixed is gone then."""
    ended = report.outcome
    outcome = None
    if ended is not None:
        gone = report.source_track_id if ended.track_id else ""
        outcome = JobOutcome(
            track_id=ended.track_id,
            vtt_url=ended.vtt_url,
            replacements=ended.replacements,
            replaced=(ReplacedTrack(id=gone),) if gone else (),
        )
    return Report(
        signal=report.signal,
        mux_id=report.mux_id,
        asset_id=report.asset_id,
        passthrough=report.passthrough,
        units_consumed=report.units_consumed,
        changed_at=report.changed_at,
        outcome=outcome,
        failure=report.failure,
    )


def phrases(edit: CaptionEdit) -> tuple[str, ...]:
    """Return the words and names that were put in and that Mux would take as phrases to recognise.

    Only what is surely within Mux's limits counts: short phrases of few words, without odd characters.
    """
    put_in = [*(word.replace for word in edit.words), *(name.replace for name in edit.speakers)]
    return tuple(dict.fromkeys(phrase for phrase in map(plain, put_in) if _is_sure(phrase)))


def _is_sure(phrase: str) -> bool:
    if not any(character.isalpha() for character in phrase):
        return False
    try:
        checked = limits.check(asset_id="0", phrases=[phrase])
    except BadValue:
        return False
    return not checked.warnings


def _bad_rows(form: FixForm) -> Mapping[str, str]:
    found: dict[str, str] = {}
    seen_before: dict[str, int] = {}
    same = str if form.match_case else str.casefold
    put_in = Counter(same(plain(row.replace)) for row in form.rows if plain(row.find))
    for at, row in enumerate(form.rows):
        find, new = plain(row.find), plain(row.replace)
        if not find:
            if new:
                found[f"{FIND}_{at}"] = "What is to be replaced is missing."
            continue
        found.update(_too_long(f"{FIND}_{at}", find, MOST_CHARACTERS))
        found.update(_too_long(f"{REPLACE}_{at}", new, MOST_CHARACTERS))
        if find == new:
            found[f"{REPLACE}_{at}"] = "This is the same text, so nothing would change."
        earlier = seen_before.setdefault(same(find), at)
        if earlier != at:
            found[f"{FIND}_{at}"] = f"Row {earlier + 1} looks for these words already."
        elif same(new) != same(find) and put_in[same(find)]:
            # In which order Mux applies them is not documented, so the outcome would be a matter of luck.
            found[f"{FIND}_{at}"] = "Another row puts these very words in. Fix one first, then the other."
    return found


def _bad_names(form: FixForm) -> Mapping[str, str]:
    found: dict[str, str] = {}
    renamed = {speaker.label for speaker in form.speakers if _is_new(speaker)}
    for at, speaker in enumerate(form.speakers):
        name = plain(speaker.name)
        if any(bracket in name for bracket in _BRACKETS):
            found[f"{NAME}_{at}"] = "Leave the brackets out; the captions get them by themselves."
        elif name in renamed - {speaker.label}:
            found[f"{NAME}_{at}"] = "A speaker who is renamed here is called that. Rename one first."
        found.update(_too_long(f"{NAME}_{at}", name, MOST_NAME_CHARACTERS))
    return found


def _too_long(field: str, text: str, most: int) -> Iterator[tuple[str, str]]:
    if len(text) > most:
        yield field, f"This has {len(text)} characters; at most {most} are taken."


def _words(form: FixForm) -> tuple[WordEdit, ...]:
    return tuple(
        WordEdit(find=plain(row.find), replace=plain(row.replace), case_sensitive=form.match_case)
        for row in form.rows
        if plain(row.find)
    )


def _names(form: FixForm) -> tuple[SpeakerEdit, ...]:
    return tuple(
        SpeakerEdit(find=speaker.label, replace=plain(speaker.name))
        for speaker in form.speakers
        if _is_new(speaker)
    )


def _is_new(speaker: Speaker) -> bool:
    name = plain(speaker.name)
    return bool(name) and name != speaker.label


def _track(video: Video, edit: CaptionEdit) -> TextTrack | None:
    there = (track for track in video.tracks if not is_gone(track))
    return next((track for track in there if track.id == edit.track_id), None)


def _line(text: str) -> str:
    return _SPACE.sub(" ", text).strip()
