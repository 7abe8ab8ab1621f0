"""Every error of the bot, by who must act.

CaptionBotError
├── UserError            the person who asked: shown to them where they look, never logged as an error
│   ├── BadCommand       a command's text cannot be understood; points at the value
│   ├── NotConnected     the workspace has not connected a Mux environment
│   ├── BadValue         one value is outside a limit of Mux or Slack
│   └── NotCaptions      a file that should hold captions does not; points at the line
├── OperatorError        whoever runs the bot (a setting, the database, a token): stops the start
│   ├── SettingsError
│   └── StoreError       the database does not answer, or refuses to commit
├── VendorError          nobody: Slack or Mux answered no, or not at all; `retry_in` says when to ask again
│   ├── NotDone          certainly without effect: asking again is safe
│   │   ├── Throttled    429
│   │   └── NotReached   no connection, nothing was sent
│   ├── OutcomeUnknown   sent, but the answer is missing or worthless: look before asking again
│   └── Refused          a definite no, with the vendor's own code and words
│       ├── MuxRefused
│       ├── FileRefused  a file behind a link of Mux cannot be had
│       └── SlackRefused
└── BotError             us: a bug
"""

from __future__ import annotations


class CaptionBotError(Exception):
    """The root: catching it catches what the bot raises on purpose and nothing else."""


class UserError(CaptionBotError):
    """Something the asking person can mend.

    `str(error)` is a plain-text sentence for them; it may quote what they typed, unescaped.
    """


class BadCommand(UserError):
    """The text of a command is not understood.

    `at` is the offset, in characters, of the offending value in the normalised text; `value` is that
    value as typed; `limit` names the rule it broke and `fix` says what to type instead (both plain text).
    """

    def __init__(self, message: str, *, at: int = 0, value: str = "", fix: str = "") -> None:
        super().__init__(message)
        self.at = at
        self.value = value
        self.fix = fix


class BadValue(UserError):
    """One parameter of a request is outside its limits.

    `parameter` is the field's name as Mux spells it (`phrases`, `track_name` ...), `value` the very value.
    """

    def __init__(self, message: str, *, parameter: str, value: str = "", fix: str = "") -> None:
        super().__init__(message)
        self.parameter = parameter
        self.value = value
        self.fix = fix


class NotConnected(UserError):
    """The workspace has no Mux environment to caption in; the message says how it gets one."""

    def __init__(self) -> None:
        super().__init__(
            "This workspace is not connected to Mux yet. In the Home tab of this app somebody who may do so "
            "chooses “Connect Mux”; then send the same again."
        )


class NotCaptions(UserError):
    """A file that should hold captions does not.

    `code` names the reason for programs: `empty` (nothing was said in the video, so the file is as it should
    be), `too_large`, `binary`, `encoding`, `markup`, `json`, `webvtt`, `other_format` or `no_cues`. `line`
    counts from 1; `excerpt` is the start of that line, unescaped.
    """

    def __init__(self, message: str, *, code: str, line: int = 1, excerpt: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.line = line
        self.excerpt = excerpt


class OperatorError(CaptionBotError):
    """Something only the operator can mend; `str(error)` says what was wrong and what to do next."""


class SettingsError(OperatorError):
    """One or more settings are missing or wrong; the message lists all of them, secrets masked.

    `problems` pairs the name of each, empty for several together, with what is wrong.
    """

    def __init__(self, message: str, problems: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class StoreError(OperatorError):
    """The database failed: nothing of the transaction was kept, and whoever asked may ask again."""


class VendorError(CaptionBotError):
    """Slack or Mux did not do what was asked.

    `retry_in` is the span in seconds that the vendor asked us to wait, or None when it did not say.
    """

    def __init__(self, message: str, *, retry_in: float | None = None) -> None:
        super().__init__(message)
        self.retry_in = retry_in


class NotDone(VendorError):
    """The request certainly had no effect, so the same request may be sent again."""


class Throttled(NotDone):
    """The vendor answered 429; `retry_in` holds its Retry-After when it sent one."""


class NotReached(NotDone):
    """No connection came about, so nothing was sent."""


class OutcomeUnknown(VendorError):
    """The request may or may not have had its effect: a time-out, a reset, a 5xx, an unreadable answer."""


class Refused(VendorError):
    """A definite no: sending the same request again gets the same answer.

    `code` is the vendor's machine-readable reason (`not_in_channel`, `invalid_parameters` ...).
    """

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class MuxRefused(Refused):
    """Mux answered 4xx. `status` is the HTTP status, `messages` Mux's own sentences, in its order."""

    def __init__(self, *, status: int, code: str, messages: tuple[str, ...]) -> None:
        super().__init__(" ".join(messages) or f"Mux answered {status} ({code})", code=code)
        self.status = status
        self.messages = messages


class FileRefused(Refused):
    """What is behind a link cannot be had, and asking again does not help; `host` is where it leads.

    `code` is `expired` (the link's time is over), `not_there`, `forbidden` (a signature or token is missing
    or wrong), `too_large`, `foreign_host` (not a place from which files are fetched), `web_page` (a page for
    people instead of the file), or `http_<status>`. The link itself is never part of the message.
    """

    def __init__(self, code: str, *, host: str) -> None:
        super().__init__(f"the file at {host or 'an odd address'} cannot be had: {code}", code=code)
        self.host = host


class SlackRefused(Refused):
    """Slack answered `ok: false`. `needed` and `provided` are set for `missing_scope`."""

    def __init__(self, code: str, *, method: str, needed: str = "", provided: str = "") -> None:
        super().__init__(f"Slack refused {method}: {code}", code=code)
        self.method = method
        self.needed = needed
        self.provided = provided


class BotError(CaptionBotError):
    """A bug of ours; logged with its traceback, and the person is told that it is not their fault."""
