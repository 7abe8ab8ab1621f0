"""What is told of captions that were fixed, replaced or put back. Performs no I/O."""

from __future__ import annotations

from typing import Final

from bot.rules.cues import moment
from bot.rules.differing import Against, Difference
from bot.rules.edits import CaptionEdit
from bot.rules.jobs import Failure, Job, Outcome, State
from bot.rules.restoring import Problem, Restore, kept, lost
from bot.rules.saving import NO_TEXT, NOT_PUBLIC, SIGNED, UNREAD, SavedTrack, replaces
from bot.ui.blocks import context, message, section
from bot.ui.message import Block, Message
from bot.ui.mrkdwn import code, lines, listed, mention, plain, sentences
from bot.ui.refusals import Explanation, explain
from bot.ui.wording import ids, language, title

FIXED: Final = "The words in the captions for {} are fixed."
NOT_FIXED: Final = "The words in the captions for {} were not fixed."

_PUTTING_BACK: Final = "The previous captions are being put back."
_MOST_WORDS: Final = 5
_MOST_TRACKS: Final = 5
_NOT_FOUND: Final = 404
_NOT_TAKEN: Final = frozenset({400, 422})
_NO_WORKFLOW: Final = "robots_workflow_not_available"

_WHY_NOT: Final = {
    SIGNED: "the video plays with signed addresses only, and this bot has no signing key",
    NOT_PUBLIC: "the video has no public or signed playback ID",
    NO_TEXT: "it never had any text",
    UNREAD: "Mux did not hand it out",
}
_OPERATOR: Final = (
    "Whoever runs this bot can set `MUX_SIGNING_KEY_ID` and `MUX_SIGNING_PRIVATE_KEY`, so that it can next "
    "time."
)

_FAILED: Final[dict[str, tuple[str, str]]] = {
    Problem.NAME_TAKEN: (
        "The video has another track of the same name by now ({detail}), and Mux keeps one of each name.",
        "Rename or delete that track in the Mux dashboard, then press Restore previous captions again.",
    ),
    Problem.UNREADABLE: (
        "Mux could not read the saved captions from this bot's address.",
        "Ask whoever runs this bot whether Mux can reach `PUBLIC_URL`, then press Restore previous captions.",
    ),
    Problem.REFUSED: (
        "Mux refused it ({detail}).",
        "Look at the video's tracks in the Mux dashboard, then press Restore previous captions again.",
    ),
    Problem.TOO_LONG: (
        "Mux did not finish in 15 minutes.",
        "Look at the video's tracks in the Mux dashboard, then press Restore previous captions again.",
    ),
    Problem.NO_ADDRESS: (
        "Mux fetches captions from an address, and this bot has none.",
        "Ask whoever runs this bot to set `PUBLIC_URL`, then press Restore previous captions again.",
    ),
    Problem.NO_ASSET: (
        "Mux has no such video any more.",
        "The saved captions stay here: type {files} for the files.",
    ),
}


_COMPARED: Final = {
    Against.REPLACED: "Compared with the track “{name}” that was replaced",
    Against.EDITED: "Compared with the captions before the fix",
    Against.EARLIER: "Compared with the captions of job {name}",
}


def asked(edit: CaptionEdit) -> tuple[str, ...]:
    """Return in words what a fix is to do."""
    words = [f"{code(word.find, 60)} → {_new(word.replace)}" for word in edit.words]
    names = [f"{code(f'[{name.find}]', 60)} → {code(f'[{name.replace}]', 60)}" for name in edit.speakers]
    every = (
        f"words: {listed(words, most=_MOST_WORDS)}" if words else "",
        f"speakers: {listed(names, most=_MOST_WORDS)}" if names else "",
        "with upper and lower case as typed" if any(word.case_sensitive for word in edit.words) else "",
        f"in the track {code(edit.track_id)}",
    )
    return tuple(part for part in every if part)


def facts(job: Job, outcome: Outcome) -> tuple[str, ...]:
    """Return what a fix has done, in sentences."""
    if job.edit is None:
        return ()
    count = outcome.replacements
    places = "place was" if count == 1 else "places were"
    done = (
        "Mux did not say how many places were changed."
        if count is None
        else f"{count:,} {places} changed."
        if count
        else "Nothing was found to change, and Mux made a new track all the same."
    )
    what = "; ".join(asked(job.edit)[:-1])
    return (
        done,
        f"{what[:1].upper()}{what[1:]}.",
        f"These captions come from job {code(job.edit_of or '')}.",
    )


def failure(job: Job, why: Failure) -> Explanation:
    """Explain why a fix was not done; what a job for captions has too is explained as there."""
    said = explain(why, job.request, units_consumed=job.units_consumed)
    quoted = plain(why.message, 600).rstrip(". ")
    words = f"Mux's own words: “{quoted}”." if quoted else ""
    if why.status == _NOT_FOUND or why.code == _NO_WORKFLOW:
        return Explanation(
            parameter=None,
            said=sentences("Mux does not offer to fix words to this environment.", words),
            next_step="Ask an administrator to look into the plan at Mux, or to ask Mux's support.",
            charged=said.charged,
        )
    if why.status in _NOT_TAKEN:
        return Explanation(
            parameter=None,
            said=sentences("Mux did not accept this fix.", words),
            next_step="Look whether the track is still on the video, then press Fix words under the captions "
            "again.",
            charged=said.charged,
        )
    return said


def saved(job: Job) -> str:
    """Return what became of the tracks that a finished job replaced: kept, or why not; empty without any."""
    gone = [] if job.outcome is None else [track.id for track in job.outcome.replaced]
    if job.state is not State.COMPLETED or not gone:
        return ""
    known = lost(job)
    back = kept(job)
    unseen = len(gone) - len(known)
    signed = any(track.problem == SIGNED for track in known)
    return sentences(
        f"Saved before that: {_tracks(back)}." if back else "",
        *(
            f"The text of {_track(track)} could not be saved: {_WHY_NOT.get(track.problem, track.problem)}."
            for track in known
            if not track.is_kept
        ),
        "What was not on the video when it was looked at could not be saved." if unseen > 0 else "",
        _OPERATOR if signed else "",
        _restored(job.restore),
    )


def warning(job: Job) -> str:
    """Return what people should know before a job deletes tracks: that some cannot be saved; else nothing."""
    if not replaces(job.request, job.edit) or job.state is State.COMPLETED:
        return ""
    lost_for_good = [track for track in job.saved if track.problem and track.problem != NO_TEXT]
    if not lost_for_good:
        return ""
    why = _WHY_NOT.get(lost_for_good[0].problem, lost_for_good[0].problem)
    return f"The text of {_tracks(tuple(lost_for_good))} cannot be saved before it is deleted: {why}."


def put_back(job: Job) -> tuple[str, ...]:
    """Return who had the captions before put back, if somebody had."""
    restore = job.restore
    if restore is None or not restore.is_done:
        return ()
    return (f"The captions before were put back by {mention(restore.by)}.",)


def changed(job: Job) -> str:
    """Return in a sentence or two how the captions differ from those before; empty while that is unknown."""
    found = job.changes
    return "" if found is None else sentences(_against(found), *_counts(found))


def difference(job: Job) -> list[Block]:
    """Return the blocks that show how the captions differ from those before."""
    found = job.changes
    if found is None:
        return []
    changes = found.changes
    examples = [
        f"{_quoted(example.before)} → {_quoted(example.after)} ({moment(example.at_ms)})"
        for example in changes.examples[:_MOST_WORDS]
    ]
    names = [f"{_label(before)} → {_label(after)}" for before, after in changes.names[:_MOST_WORDS]]
    return [
        section(lines(f"*{_against(found)}*", *_counts(found))),
        *([context(f"For example: {'; '.join(examples)}")] if examples else []),
        *([context(f"Speakers: {'; '.join(names)}")] if names else []),
    ]


def told(job: Job) -> Message:
    """Return the message that says what became of the wish to have replaced tracks back."""
    restore = job.restore
    if restore is None or not restore.is_over:
        return message(_PUTTING_BACK, [section(_PUTTING_BACK)])
    who = mention(restore.by)
    details: tuple[str, ...]
    back = kept(job)
    if restore.is_done:
        happened = f"The previous captions of {title(job)} are back."
        details = (
            f"On the video again, under {'a new ID' if len(back) == 1 else 'new IDs'}: {_tracks(back)}.",
            f"The track {code(restore.replacing)} was deleted. Mux charges nothing for this."
            if restore.replacing
            else "Mux charges nothing for this.",
        )
    else:
        happened = f"The previous captions of {title(job)} could not be put back."
        details = _failed(job, restore)
    return message(
        sentences(f"{who}:", happened, *details),
        [section(f"{who}: {happened}"), section(lines(*details)), context(ids(job))],
    )


def _failed(job: Job, restore: Restore) -> tuple[str, ...]:
    why, following = _FAILED.get(restore.problem, _FAILED[Problem.REFUSED])
    detail = plain(restore.detail, 300).rstrip(". ") or "without a reason"
    stands = (
        "The video has neither the old nor the new captions now; both are kept here as files."
        if restore.removed and not restore.made
        else ""
    )
    files = code(f"/caption status {job.id}")
    return (
        why.format(detail=detail),
        *([stands] if stands else []),
        f"*What to do next:* {following.format(files=files)}",
    )


def _restored(restore: Restore | None) -> str:
    if restore is None:
        return ""
    if not restore.is_over:
        return f"{mention(restore.by)} wants them back; they are being put back now."
    return f"Put back by {mention(restore.by)}." if restore.is_done else "They could not be put back yet."


def _against(found: Difference) -> str:
    return _COMPARED[found.against].format(name=plain(found.name, 100))


def _counts(found: Difference) -> tuple[str, ...]:
    changes = found.changes
    words = (
        "The words are the same."
        if changes.same_words
        else f"Words: {changes.changed:,} changed, {changes.added:,} added, {changes.removed:,} removed "
        f"(of {changes.words_before:,})."
    )
    cues = (
        f"Captions: {changes.cues_before:,} as before."
        if changes.cues_before == changes.cues_after
        else f"Captions: {changes.cues_before:,} before, {changes.cues_after:,} now."
    )
    return (words, cues, *_faults(found))


def _faults(found: Difference) -> tuple[str, ...]:
    before, after = found.faults_before, found.faults_after
    if before is None or after is None:
        return ()
    return (f"Findings in the quality report: {before:,} before, {after:,} now.",)


def _tracks(tracks: tuple[SavedTrack, ...]) -> str:
    return listed([_track(track) for track in tracks], most=_MOST_TRACKS)


def _track(track: SavedTrack) -> str:
    named = f"the track {code(plain(track.name, 100) or track.id, 100)}"
    return f"{named} ({language(track.language_code)})" if track.language_code else named


def _new(text: str) -> str:
    return code(text, 60) if text else "nothing"


def _quoted(text: str) -> str:
    return f"“{plain(text, 100)}”" if text else "nothing"


def _label(text: str) -> str:
    return code(f"[{text}]", 60) if text else "no name"
