"""What a person typed after `/caption`, understood or refused with a reason. Performs no I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.errors import BadCommand
from bot.rules import arguments, languages, steering
from bot.rules.links import Pointer
from bot.rules.options import OPTIONS
from bot.rules.request import CaptionRequest, Replace
from bot.rules.text import Word, normalise, quote, show, split

# Slack cuts messages far earlier; the longest command that `usage` can write stays below this.
MAX_CHARACTERS: Final = 16_000

_SYNTAX: Final = "<asset-id> [language] [options]"
_MEANING: Final = "Make captions for a video at Mux."
_EXAMPLE: Final = "YOUR_ASSET_ID en --speakers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """Captions are wanted; `warnings` are plain-text sentences for the person.

    `pointers` are all the videos as they were named, 1 to 25, none twice; `request` is about the first,
    whose id stands in it even where Mux is yet to say which asset that is.
    """

    request: CaptionRequest
    pointers: tuple[Pointer, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """The help is wanted; `topic` is what was typed behind the word, often nothing."""

    topic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenModal:
    """Nothing was typed: the form is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The form of the channel's settings is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doctor:
    """A check of the whole set-up is wanted."""


Command = (
    Caption
    | Help
    | OpenModal
    | Settings
    | Doctor
    | steering.Status
    | steering.Listing
    | steering.Cancel
    | steering.Retry
    | steering.Files
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subcommand:
    """A first word with a meaning of its own; `build` gets the words behind it.

    A row's `syntax` begins with the word. An asset whose id is such a word can be had in quotes.
    """

    words: tuple[str, ...]
    syntax: str
    meaning: str
    example: str
    build: Callable[[tuple[Word, ...]], Command]


def _help(words: tuple[Word, ...]) -> Command:
    return Help(topic=" ".join(word.value for word in words))


def _settings(words: tuple[Word, ...]) -> Command:
    if words:
        raise BadCommand(
            f"{show(words[0].value)} is one word too many: the settings are changed in a form.",
            at=words[0].at,
            value=words[0].raw,
            fix="write `settings` alone",
        )
    return Settings()


def _doctor(words: tuple[Word, ...]) -> Command:
    if words:
        raise BadCommand(
            f"{show(words[0].value)} is one word too many: everything is checked.",
            at=words[0].at,
            value=words[0].raw,
            fix="write `doctor` alone",
        )
    return Doctor()


SUBCOMMANDS: Final = (
    Subcommand(
        words=("help", "--help", "-h", "?"),
        syntax="help",
        meaning="Show this help.",
        example="help",
        build=_help,
    ),
    Subcommand(
        words=("status",),
        syntax="status [job|asset]",
        meaning="Say how your jobs in this channel stand, or one job, or the jobs of an asset.",
        example="status x7k2m9pq4d",
        build=steering.read_status,
    ),
    Subcommand(
        words=("list", "jobs"),
        syntax="list [mine|channel|all]",
        meaning="List jobs, newest first: yours, this channel's, or both.",
        example="list channel",
        build=steering.read_listing,
    ),
    Subcommand(
        words=("cancel", "stop"),
        syntax="cancel <job>",
        meaning="Stop a job that you asked for or wait for.",
        example="cancel x7k2m9pq4d",
        build=steering.read_cancel,
    ),
    Subcommand(
        words=("retry",),
        syntax="retry <job>",
        meaning="Run a job that brought no captions once more, as a new job.",
        example="retry x7k2m9pq4d",
        build=steering.read_retry,
    ),
    Subcommand(
        words=("files",),
        syntax="files <job>",
        meaning="Share the files of a finished job again, however long ago that was.",
        example="files x7k2m9pq4d",
        build=steering.read_files,
    ),
    Subcommand(
        words=("settings",),
        syntax="settings",
        meaning="Set what captions in this channel begin with: language, phrases and extras.",
        example="settings",
        build=_settings,
    ),
    Subcommand(
        words=("doctor",),
        syntax="doctor",
        meaning="Check how the app is set up, and how to mend what is wrong; for admins.",
        example="doctor",
        build=_doctor,
    ),
)
_BY_WORD: Final = {word: subcommand for subcommand in SUBCOMMANDS for word in subcommand.words}
_HELP_ANYWHERE: Final = frozenset({"--help", "-h"})


def parse(text: str) -> Command:
    """Return what the text of a `/caption` command asks for.

    `text` is Slack's `text` field as it came, escaped or not.

    Raises:
        BadCommand: The text is not understood, or Mux would refuse what it asks for. `at` counts in
            `bot.rules.text.normalise(text)`.
    """
    line = normalise(text)
    if not line:
        return OpenModal()
    if len(line) > MAX_CHARACTERS:
        raise BadCommand(
            f"The command has {len(line)} characters; at most {MAX_CHARACTERS} are read.",
            at=MAX_CHARACTERS,
            value=line[MAX_CHARACTERS:],
            fix="give fewer phrases",
        )
    words = split(line)
    subcommand = None if words[0].quoted else _BY_WORD.get(words[0].raw.casefold())
    if subcommand:
        return subcommand.build(words[1:])
    if any(word.raw in _HELP_ANYWHERE for word in words):
        return Help()
    checked = arguments.read(words)
    return Caption(request=checked.request, pointers=checked.pointers, warnings=checked.warnings)


_REPLACE_FLAG: Final = {
    Replace.FAIL: "",
    Replace.ALL: "--replace",
    Replace.GENERATED: "--replace-generated",
}


def usage(request: CaptionRequest) -> str:
    """Return the text to type after `/caption` for this request; `parse` of it gives it back."""
    asset_id = request.asset_id
    parts = [
        f'"{asset_id}"' if asset_id.casefold() in _BY_WORD else quote(asset_id),
        languages.typed(request.language_code) if request.language_code else "",
        _REPLACE_FLAG[request.replace],
        f"--name {quote(request.track_name)}" if request.track_name else "",
        "--speakers" if request.include_speakers else "",
        "--words" if request.include_words else "",
        "" if request.upload_to_mux else "--no-upload",
        *(f"--phrase {quote(phrase)}" for phrase in request.phrases),
    ]
    return " ".join(filter(None, parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpRow:
    """One line of the help, all plain text."""

    syntax: str
    meaning: str
    example: str


def help_rows(command: str = "/caption") -> tuple[HelpRow, ...]:
    """Return the help as rows: the command itself, its options, then its other first words."""
    usage_line = HelpRow(syntax=f"{command} {_SYNTAX}", meaning=_MEANING, example=f"{command} {_EXAMPLE}")
    option_rows = (
        HelpRow(syntax=option.syntax, meaning=option.meaning, example=option.example)
        for option in OPTIONS
        if option.syntax
    )
    subcommand_rows = (
        HelpRow(syntax=f"{command} {row.syntax}", meaning=row.meaning, example=f"{command} {row.example}")
        for row in SUBCOMMANDS
    )
    return (usage_line, *option_rows, *subcommand_rows)


def help_text(command: str = "/caption") -> str:
    """Return the help as plain text, one row a line."""
    return "\n".join(f"{row.syntax}: {row.meaning}" for row in help_rows(command))
