"""The private answers to `/caption`, seen only by the person who typed it. Performs no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.errors import BadCommand
from bot.rules.jobs import Job
from bot.rules.request import CaptionRequest, Replace
from bot.ui.blocks import context, header, message, section
from bot.ui.message import Block, Message
from bot.ui.mrkdwn import bold, code, date, lines, mention, plain, preformatted, prose, sentences, utc
from bot.ui.wording import TITLE_LIMIT, asked_for, ids, title

# Mux compares a detected language with the existing tracks only after the transcription.
HINT: Final = (
    "If the video has captions in its language already, that is found only after the work is paid for; with "
    "the language given it is found before, at no cost."
)

_EXCERPT: Final = 60
_MOST_COPIES: Final = 3
_ROWS_A_SECTION: Final = 8


def accepted(job: Job, *, added: int = 0) -> Message:
    """Return the answer to a request that is now a job of its own; `added` phrases are its channel's."""
    following = "The card in this channel shows how it goes, and the captions follow in its thread."
    asked = ", ".join(asked_for(job.request))
    return message(
        sentences(
            f"Captioning {title(job)}.", f"{asked}.", phrases_added(added), following, _hint(job.request)
        ),
        [
            section(lines(f"Captioning {_shown(job)}.", following)),
            context(sentences(f"{asked}.", phrases_added(added), _hint(job.request))),
            context(ids(job)),
        ],
    )


def phrases_added(count: int) -> str:
    """Say how many phrases a channel added, nothing when it added none."""
    if not count:
        return ""
    verb = "phrase of this channel was" if count == 1 else "phrases of this channel were"
    return f"{count} {verb} added."


def joined(job: Job, *, whose: str) -> Message:
    """Return the answer to a request for work that is under way already.

    `whose` is the user id of the person who asked first, empty when it was the same person.
    """
    first = mention(whose) if whose else "You"
    verb = "asked for the same captions" if whose else "asked for these captions already"
    following = no_second(job)
    return message(
        sentences(f"{title(job)}: {first} {verb} ({utc(job.created_at)}).", following),
        [
            section(lines(f"{_shown(job)}: {first} {verb} ({date(job.created_at)}).", following)),
            context(ids(job)),
        ],
    )


def no_second(job: Job) -> str:
    """Say that a job which is under way stands for the one that was asked for, and what comes next."""
    if job.stopped_by:
        who = mention(job.stopped_by)
        return f"{who} asked to cancel that job: no second one was started. Ask again when it has ended."
    return "No second job was started, so nothing is paid twice. You will be mentioned when it is done."


def bad_command(error: BadCommand, text: str, *, command: str = "/caption") -> Message:
    """Return the answer to a command that is not understood.

    It marks the value, says the limit and the fix, and gives the whole text back to be copied. `text` is
    the normalised text that `error.at` counts in, `command` the name under which the command is installed.
    """
    problem, fix = prose(str(error), 600), _fix(error)
    typed = f"{command} {text}".strip()
    copies = preformatted(typed)
    return message(
        sentences("Nothing was started.", problem, fix, f"You typed: {plain(typed, 1_500)}"),
        [
            section(lines(f"Nothing was started. {problem}", _marked(error, text), fix)),
            section("What you typed, to copy and correct:"),
            *[section(copy) for copy in copies[:_MOST_COPIES]],
            context("The rest of what you typed does not fit here.") if copies[_MOST_COPIES:] else None,
            context(f"{code(f'{command} help')} lists everything that can be typed."),
        ],
    )


def help_message(usage: str, rows: Sequence[tuple[str, str, str]]) -> Message:
    """Return the help: how a command is written, then one row for each (syntax, meaning, example)."""
    shown = [_row(*row) for row in rows]
    parts: list[Block] = [
        section(lines(*shown[start : start + _ROWS_A_SECTION]))
        for start in range(0, len(shown), _ROWS_A_SECTION)
    ]
    ending = "Slash commands do not work inside threads; type them in the channel itself."
    spoken = [f"{plain(syntax)}: {prose(meaning)}" for syntax, meaning, _ in rows]
    return message(
        lines(f"Captions for a Mux video: {plain(usage)}", *spoken, ending),
        [header("Captions for a Mux video"), section(code(usage, 500)), *parts, context(ending)],
    )


def not_in_channel(*, bot_name: str = "Caption Bot") -> Message:
    """Return the answer in a channel where the bot cannot post."""
    return _said(
        "Nothing was started: I am not a member of this channel, so the captions could not be posted here.",
        f"Type {code(f'/invite @{bot_name}')}, then run the command again.",
    )


def unexpected_error(reference: str) -> Message:
    """Return the answer when we made a mistake; `reference` is what the log calls it."""
    return _said(
        "Something went wrong inside Caption Bot. It is not your fault, and nothing was lost.",
        "Run the command again. If this comes back, give an administrator the reference "
        f"{code(reference, 100)}.",
    )


def denied(reason: str) -> Message:
    """Return the answer to a person who may not do this; `reason` is a plain sentence of ours."""
    return _said(f"Nothing was started. {prose(reason)}", "An administrator of Caption Bot can change that.")


def refused(reason: str, *, typed: str = "") -> Message:
    """Return the answer to what cannot be done as things are; what was typed is repeated for another try."""
    again = f"You typed {code(f'/caption {typed}', 1_500)}." if typed.strip() else ""
    return _said(plain(reason, 500), again)


def busy() -> Message:
    """Return the answer when the request could not be written down in time."""
    return _said(
        "Nothing was started: Caption Bot has more to do than it can take in at the moment.",
        "Run the command again in a minute.",
    )


def _hint(request: CaptionRequest) -> str:
    """Return what somebody should know who leaves the language to Mux, empty when it makes no difference."""
    at_risk = request.language_code is None and request.upload_to_mux and request.replace is Replace.FAIL
    return HINT if at_risk else ""


def _said(happened: str, following: str) -> Message:
    return message(sentences(happened, following), [section(lines(happened, following))])


def _shown(job: Job) -> str:
    return bold(job.title, TITLE_LIMIT) or bold(job.request.asset_id)


def _fix(error: BadCommand) -> str:
    """Return the fix as a sentence: errors give it as a clause."""
    fix = prose(error.fix, 600)
    return f"{fix[0].upper()}{fix[1:]}{'' if fix[-1] in '.?' else '.'}" if fix else ""


def _marked(error: BadCommand, line: str) -> str:
    """Return the value as code between the words around it; empty when it is not where the error says."""
    value, at = error.value, error.at
    if not value or line[at : at + len(value)] != value:
        at = line.find(value)
    if not value or at < 0:
        return ""
    end = at + len(value)
    before = plain(line[max(at - _EXCERPT, 0) : at])
    after = plain(line[end : end + _EXCERPT])
    start_cut, end_cut = "…" if at > _EXCERPT else "", "…" if len(line) > end + _EXCERPT else ""
    return f"Here: {sentences(start_cut + before, code(value), after + end_cut)}"


def _row(syntax: str, meaning: str, example: str) -> str:
    shown = f"{code(syntax, 100)} {prose(meaning, 300)}"
    return f"{shown} Example: {code(example, 150)}" if example else shown
