"""The reply in a job's thread that tells how it ended. Performs no I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.errors import BotError
from bot.rules.archive import FilesState
from bot.rules.hosts import Hosts
from bot.rules.jobs import Failure, Job, Outcome, ReplacedTrack, State, is_finished
from bot.ui import buttons, mended, quality
from bot.ui.blocks import context, divider, message, section
from bot.ui.message import Block, Message
from bot.ui.mrkdwn import bold, code, date, lines, link, listed, plain, sentences, utc
from bot.ui.refusals import charged, explain
from bot.ui.shared import how_the_track_is, where_files_are
from bot.ui.unfit import FREE
from bot.ui.wording import LINK_DAYS, TITLE_LIMIT, history, ids, language, people, title, took, units

_SECONDS_A_DAY: Final = 86_400
_MOST_REPLACED: Final = 10
# A section holds 3,000 characters with the address; longer ones would be cut and lead nowhere.
_LONGEST_URL: Final = 2_500
_WHERE: Final = " (from the result)"
_MUX: Final = Hosts()
_REVIEW: Final = "These captions were made by a machine. Review them before you publish them."


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """How a job ended, without the people it is told to.

    `spoken` is the whole meaning as mrkdwn for screen readers; `headline` and `blocks` show the same,
    links included.
    """

    spoken: str
    headline: str
    blocks: tuple[Block | None, ...]


def result(job: Job, hosts: Hosts = _MUX) -> Message:
    """Return the reply for a finished job; it mentions the requester and every watcher once.

    Raises:
        BotError: The job is not finished.
    """
    told = tell(job, hosts)
    waiting = people(job, watchers=True)
    return message(f"{waiting}: {told.spoken}", [section(f"{waiting}: {told.headline}"), *told.blocks])


def tell(job: Job, hosts: Hosts = _MUX) -> Telling:
    """Return how the job ended; `hosts` are where Mux shows films.

    Raises:
        BotError: The job is not finished.
    """
    if not is_finished(job.state):
        raise BotError(f"job {job.id} is {job.state}, so there is no result to tell")
    return _completed(job, hosts) if job.state is State.COMPLETED else _TELLERS[job.state](job)


def _completed(job: Job, hosts: Hosts) -> Telling:
    outcome = job.outcome or Outcome()
    ended = "The captions for {} are done." if job.edit is None else mended.FIXED
    span = f"This took {took(job)}." if took(job) else ""
    first = [_language(job, outcome)] if job.edit is None else mended.facts(job, outcome)
    facts = [*first, _track(job, outcome), _replaced(outcome.replaced), mended.saved(job)]
    cost = f"{units(job.units_consumed)} used."
    where = where_files_are(job.archive)
    report = None if job.archive is None else job.archive.report
    # The links are said as well as shown: the words alone must do when Slack refuses the blocks. They come
    # last, because an address may be too long for the words and must not push anything else out.
    spoken_files = _muxs_files(job, outcome, utc)
    measured = "" if report is None else quality.spoken(report)
    return Telling(
        spoken=sentences(
            ended.format(title(job)),
            *facts,
            mended.changed(job),
            *history(job, utc),
            cost,
            _REVIEW,
            where,
            measured,
            *spoken_files,
        ),
        headline=_headline(job, ended),
        blocks=(
            section(lines(*facts)),
            *mended.difference(job),
            section(where),
            *_muxs_links(job, outcome),
            *([] if report is None else [divider(), *quality.summary(report, video_link=_film(job, hosts))]),
            *_steered(job),
            context(sentences(span, cost), ids(job)),
            context(_REVIEW),
            buttons.of_job(job, where=_WHERE),
        ),
    )


def _muxs_links(job: Job, outcome: Outcome) -> list[Block]:
    """Return Mux's own links, in small print once people have the files themselves."""
    files = _muxs_files(job, outcome, date)
    kept = job.archive is not None and job.archive.files is FilesState.KEPT
    return [context(*files)] if kept else [section(file) for file in files]


def _muxs_files(job: Job, outcome: Outcome, moment: Callable[[float], str]) -> list[str]:
    ends = moment(_link_ends(job))
    files = [(outcome.srt_url, "Download the SRT file")]
    if outcome.words_url:
        files.append((outcome.words_url, "Download the word timings (JSON)"))
    return [_file(url, label, ends, job) for url, label in files]


def _film(job: Job, hosts: Hosts) -> str:
    """Return the address to which seconds are added, empty where not everybody may watch."""
    public_id = None if job.video is None else job.video.public_id
    return "" if public_id is None else f"{hosts.watch(public_id)}?start-time="


def _errored(job: Job) -> Telling:
    ended = "Mux made no captions for {}." if job.edit is None else mended.NOT_FIXED
    return _failed(job, ended, job.units_consumed)


def _refused(job: Job) -> Telling:
    ended = "Captions for {} were not started." if job.edit is None else mended.NOT_FIXED
    return _failed(job, ended, 0)


def _failed(job: Job, ended: str, units_consumed: int) -> Telling:
    failure = job.failure or Failure(code="unknown", message="")
    why = (
        explain(failure, job.request, units_consumed=units_consumed)
        if job.edit is None
        else mended.failure(job, failure)
    )
    return Telling(
        spoken=sentences(ended.format(title(job)), why.said, why.charged, why.next_step, *history(job, utc)),
        headline=_headline(job, ended),
        blocks=(
            section(why.said),
            section(f"*What to do next:* {why.next_step}"),
            *_steered(job),
            context(why.charged, ids(job)),
            buttons.of_job(job, where=_WHERE),
        ),
    )


def _cancelled(job: Job) -> Telling:
    ended = "Captions for {} were cancelled."
    cost = charged(job.units_consumed) if job.mux_id else FREE
    again = f"If you want them after all, press Retry or type {code(f'/caption retry {job.id}')}."
    following = "" if job.next_job else again
    return Telling(
        spoken=sentences(ended.format(title(job)), *history(job, utc), cost, following),
        headline=_headline(job, ended),
        blocks=(
            section(following) if following else None,
            *_steered(job),
            context(cost, ids(job)),
            buttons.of_job(job, where=_WHERE),
        ),
    )


def _abandoned(job: Job) -> Telling:
    ended = "How the captions for {} ended is not known."
    why = "Mux keeps jobs for 30 days, and this one is gone."
    following = (
        f"Look at the text tracks of the asset {code(job.request.asset_id)} in the Mux dashboard. If the "
        "captions are there, all is well; if not, run the command again."
    )
    cost = "What it cost is shown in the Mux dashboard."
    return Telling(
        spoken=sentences(ended.format(title(job)), why, following, cost),
        headline=_headline(job, ended),
        blocks=(
            section(why),
            section(f"*What to do next:* {following}"),
            context(cost, ids(job)),
        ),
    )


def _steered(job: Job) -> list[Block]:
    steered = history(job, date)
    return [context(*steered)] if steered else []


_TELLERS: Final[dict[State, Callable[[Job], Telling]]] = {
    State.ERRORED: _errored,
    State.REFUSED: _refused,
    State.CANCELLED: _cancelled,
    State.ABANDONED: _abandoned,
}


def _headline(job: Job, ended: str) -> str:
    return ended.format(bold(job.title, TITLE_LIMIT) or bold(job.request.asset_id))


def _language(job: Job, outcome: Outcome) -> str:
    tag = outcome.language_code or outcome.detected_language or job.request.language_code or ""
    if not tag:
        return "Language: Mux did not say."
    named = f"Language: {language(tag)} ({code(tag, 40)})"
    if job.request.language_code is not None:
        return f"{named}."
    # Mux reports 1 for a language that was given, so the figure is a finding only here.
    sure = (
        "" if outcome.language_confidence is None else f", {round(outcome.language_confidence * 100)} % sure"
    )
    return f"{named}, detected{sure}."


def _track(job: Job, outcome: Outcome) -> str:
    if outcome.track_id:
        return how_the_track_is(job.archive, outcome.track_id)
    if job.request.upload_to_mux:
        return "Mux named no track, so check in the Mux dashboard that the asset has one."
    return "No track was attached to the asset, as asked: the captions are only in the file."


def _replaced(tracks: tuple[ReplacedTrack, ...]) -> str:
    if not tracks:
        return ""
    named = [sentences(code(track.id), _described(track)) for track in tracks]
    return f"Replaced and deleted: {listed(named, most=_MOST_REPLACED)}."


def _described(track: ReplacedTrack) -> str:
    known = [part for part in (plain(track.name, 60), plain(track.language_code, 20)) if part]
    return f"({', '.join(known)})" if known else ""


def _file(url: str | None, label: str, ends: str, job: Job) -> str:
    if not url:
        return "Mux sent no link to an SRT file."
    target = link(url, label)
    if not target.startswith("<") or len(target) > _LONGEST_URL:
        return f"{label}: the link does not fit into a Slack message. Mux still has it: {ids(job)}."
    return f"{target} until {ends}. Anyone who has this link can open the file."


def _link_ends(job: Job) -> float:
    finished_at = job.updated_at if job.finished_at is None else job.finished_at
    return finished_at + LINK_DAYS * _SECONDS_A_DAY
