"""The commands about jobs that are there already: how they stand, a list of them, stop, try again. No I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.errors import BadCommand
from bot.rules.effects import Effect
from bot.rules.jobs import Job
from bot.rules.text import Word, closest, show

MAX_NAME: Final = 255
"""How long an id may be; ours have ten characters, Mux's fewer than a hundred."""

_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+")


class Scope(StrEnum):
    """Whose jobs a list shows."""

    MINE = "mine"
    """Those that the person asked for, or waits for."""
    CHANNEL = "channel"
    """Those of the channel in which the list is asked for."""
    ALL = "all"
    """Every job that the person may see: both of the above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How a job stands is wanted; `name` is an id of ours, of a job at Mux or of an asset, often nothing."""

    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list of jobs is wanted."""

    scope: Scope = Scope.MINE


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """A job is to be stopped; `name` is our id of it, or Mux's."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """The same is to be tried again; `name` is our id of the old job, or Mux's."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The files of a job are wanted again; `name` is our id of it, or Mux's."""

    name: str


class Outcome(StrEnum):
    """What became of a wish to stop a job or to try it again."""

    UNKNOWN = "unknown"
    """There is no such job for this person; nothing was done, like after the four that follow."""
    DENIED = "denied"
    FINISHED = "finished"
    """The job has ended meanwhile, so there is nothing to stop, or nothing to try again."""
    UNFINISHED = "unfinished"
    """The job is still under way, so it cannot be tried again."""
    REPEATED = "repeated"
    """Somebody has done the same already: is stopping the job, or has tried it again."""
    STOPPED = "stopped"
    """The job was stopped before anything was sent."""
    ASKED = "asked"
    """Mux is asked to stop the job."""
    WAITING = "waiting"
    """The job is on its way to Mux just now, and is stopped as soon as Mux has it."""
    STARTED = "started"
    """A new job does what was wanted."""
    JOINED = "joined"
    """A job that is under way does what was wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steered:
    """What became of a wish; `job` is the job that it was about, `other` the one that does the work now.

    `unlikely` says that the same request will most likely fail again.
    """

    outcome: Outcome
    name: str = ""
    job: Job | None = None
    other: Job | None = None
    unlikely: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A job and what of it does not go as it should: effects that fail, were given up, or diverted.

    `may_steer` says whether the person who looks at it may do more than that.
    """

    job: Job
    effects: tuple[Effect, ...] = ()
    may_steer: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A part of a list, newest first; `before` is where the next older part begins, None at the end."""

    scope: Scope
    jobs: tuple[Job, ...]
    before: int | None = None
    is_first: bool = True


def read_status(words: tuple[Word, ...]) -> Status:
    """Read what stands behind `status`.

    Raises:
        BadCommand: More than one id, or something that cannot be one.
    """
    return Status(name=_name(_behind_job(words), "status"))


def read_listing(words: tuple[Word, ...]) -> Listing:
    """Read what stands behind `list`.

    Raises:
        BadCommand: Anything but one of the scopes.
    """
    if not words:
        return Listing()
    _only_one(words, "list")
    typed = words[0].value.casefold()
    if typed not in set(Scope):
        near = closest(typed, [scope.value for scope in Scope])
        raise BadCommand(
            f"{show(words[0].value)} is no list that there is.",
            at=words[0].at,
            value=words[0].raw,
            fix=f"did you mean `list {near}`?" if near else "write `list mine`, `list channel` or `list all`",
        )
    return Listing(scope=Scope(typed))


def read_cancel(words: tuple[Word, ...]) -> Cancel:
    """Read what stands behind `cancel`.

    Raises:
        BadCommand: No id, several, or something that cannot be one.
    """
    return Cancel(name=_required(words, "cancel"))


def read_retry(words: tuple[Word, ...]) -> Retry:
    """Read what stands behind `retry`.

    Raises:
        BadCommand: No id, several, or something that cannot be one.
    """
    return Retry(name=_required(words, "retry"))


def read_files(words: tuple[Word, ...]) -> Files:
    """Read what stands behind `files`.

    Raises:
        BadCommand: No id, several, or something that cannot be one.
    """
    return Files(name=_required(words, "files"))


def _behind_job(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Leave out a first word that only says what follows, as in `cancel job x7`."""
    says_job = len(words) > 1 and words[0].value.casefold() in {"job", "asset"}
    return words[1:] if says_job else words


def _required(words: tuple[Word, ...], verb: str) -> str:
    named = _behind_job(words)
    if not named:
        raise BadCommand(
            f"`{verb}` needs the id of a job.",
            fix=f"write `{verb} ` and the id that the job's card shows; `list` shows yours",
        )
    return _name(named, verb)


def _name(words: tuple[Word, ...], verb: str) -> str:
    if not words:
        return ""
    _only_one(words, verb)
    name = words[0].value
    if not _NAME.fullmatch(name) or len(name) > MAX_NAME:
        raise BadCommand(
            f"{show(name)} cannot be the id of a job.",
            at=words[0].at,
            value=words[0].raw,
            fix="copy the id from the job's card",
        )
    return name


def _only_one(words: tuple[Word, ...], verb: str) -> None:
    if len(words) > 1:
        raise BadCommand(
            f"`{verb}` takes one word, and {show(words[1].value)} is a second one.",
            at=words[1].at,
            value=words[1].raw,
            fix=f"leave it out; to caption an asset that is called {verb}, put its id in quotes",
        )
