"""The app's Home tab, what a new workspace is told first, and the form that connects Mux. Performs no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.rules.jobs import Job, is_finished
from bot.ui import inputs
from bot.ui.blocks import actions, context, divider, header, message, section
from bot.ui.message import Block, Message
from bot.ui.mrkdwn import bold, clip, code, date, dotted, lines, mention, plain, prose, sentences
from bot.ui.pickers import plain_text
from bot.ui.pressing import button, confirmation
from bot.ui.wording import TITLE_LIMIT, state, units

CALLBACK_ID: Final = "mux_modal"
ACTION_PREFIX: Final = "home_"
CAPTION: Final = "home_caption"
CONNECT: Final = "home_connect"
DISCONNECT: Final = "home_disconnect"
TOKEN_ID, TOKEN_SECRET = "token_id", "token_secret"

_TITLE: Final = "Connect Mux"
_LONGEST_TOKEN: Final = 200
_STEPS: Final = (
    "In the Mux dashboard, under Settings and Access Tokens, make a token for the environment that holds "
    "your videos: with Robots permission and Mux Video read, and with System write if Mux shall tell by "
    "webhook when captions are done. Its secret is stored encrypted and never shown again."
)
_START: Final = (
    "`/caption YOUR_ASSET_ID` in a channel makes captions for a video; any link of Mux to it will do. "
    "`/caption` alone opens a form, and `/caption help` shows everything else. "
    "`/invite` me to a channel first."
)
_RETURN: Final = (
    "Commands are then refused with a word of advice. Jobs that are under way go on at Mux, and are told "
    "here once the same environment is connected again."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """The Mux environment that is connected; all of it is plain text.

    `polled` says why Mux does not tell by webhook, empty when it does. Without `by` the operator set it.
    """

    environment: str
    polled: str = ""
    by: str = ""
    at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What one person's Home shows: the connection, whether they may change it, and their own jobs."""

    connection: Connection | None
    may_connect: bool
    jobs: tuple[Job, ...] = ()


def build(shown: Shown) -> dict[str, Any]:
    """Return the Home tab of one person, which shows nobody else's jobs."""
    running = [job for job in shown.jobs if not is_finished(job.state)]
    over = [job for job in shown.jobs if is_finished(job.state)]
    ready = shown.connection is not None
    return {
        "type": "home",
        "blocks": [
            header("Captions for your videos at Mux"),
            section(_START),
            *([actions([_begin()])] if ready else []),
            divider(),
            *_connection(shown),
            divider(),
            *_listed("Your jobs under way", running, "None of your jobs is under way."),
            *_listed("Your latest jobs", over, "You have no finished jobs yet."),
            context("Captions are made by a machine: read them before they are published."),
        ],
    }


def connect_form(*, token_id: str = "", error: str = "") -> dict[str, Any]:
    """Return the form that asks for a token; `error` says what was wrong with the last one."""
    said = [section(lines(bold("Not connected."), prose(error)))] if error else []
    return {
        "type": "modal",
        "callback_id": CALLBACK_ID,
        "title": plain_text(_TITLE),
        "submit": plain_text("Connect"),
        "close": plain_text("Cancel"),
        "blocks": [
            *said,
            section(_STEPS),
            inputs.labelled(TOKEN_ID, "Token ID", inputs.text_field(token_id, _LONGEST_TOKEN)),
            inputs.labelled(TOKEN_SECRET, "Token secret", inputs.text_field("", _LONGEST_TOKEN)),
        ],
    }


def read(view: Mapping[str, Any]) -> tuple[str, str]:
    """Return the token's id and secret as they were typed, without the space around them."""
    values = view.get("state", {}).get("values", {})
    typed = (inputs.value_of(values, name, "value") for name in (TOKEN_ID, TOKEN_SECRET))
    token_id, secret = (value.strip() if isinstance(value, str) else "" for value in typed)
    return token_id, secret


def missing(token_id: str, secret: str) -> dict[str, str]:
    """Return what is wrong at which field when one was left blank."""
    said = {TOKEN_ID: "Paste the token's ID here.", TOKEN_SECRET: "Paste the token's secret here."}
    return {name: said[name] for name, typed in ((TOKEN_ID, token_id), (TOKEN_SECRET, secret)) if not typed}


def refused(error: str) -> dict[str, str]:
    """Return what is wrong with the token, at the field of its secret."""
    return {TOKEN_SECRET: clip(error, inputs.TYPED_LIMIT)}


def checking() -> dict[str, Any]:
    """Return what stands in the form's place while Mux is asked whose token it is."""
    return _told("Asking Mux whose token this is. This takes a moment.")


def connected(connection: Connection) -> dict[str, Any]:
    """Return what stands in the form's place when the environment is connected."""
    return _told(
        sentences(f"Connected to {bold(connection.environment)}.", _heard(connection)),
        "Try it: `/caption YOUR_ASSET_ID` in a channel that I am a member of.",
    )


def not_allowed() -> dict[str, Any]:
    """Return what somebody sees who may not connect Mux."""
    return _told(
        "Only administrators of this workspace, and whoever installed this app, may connect Mux. "
        "Ask one of them to do it in the Home tab."
    )


def welcome(user_id: str) -> Message:
    """Return the one message to whoever installed the app in a workspace."""
    said = (
        f"Hello {mention(user_id)}, Caption Bot is installed.",
        "One thing is left: open my Home tab and choose “Connect Mux”, so that I find your videos.",
        "Then `/invite` me to a channel and type `/caption` there. I only write where I am asked.",
    )
    return message(" ".join(said), [section(lines(*said))])


def _connection(shown: Shown) -> list[Block]:
    found = shown.connection
    if found is None:
        return [
            section(lines(bold("Not connected to Mux"), _invitation(may_connect=shown.may_connect))),
            *([actions([_connect("Connect Mux", "primary")])] if shown.may_connect else []),
        ]
    words = [f"{bold('Connected to Mux')}: {plain(found.environment)}", _heard(found)]
    if not found.by:
        return [section(lines(*words)), context("Whoever runs this bot set it up.")]
    told = context(f"Connected by {mention(found.by)}, {date(found.at)}.")
    buttons = actions([_connect("Replace the token", ""), _disconnect(found)])
    return [section(lines(*words)), told, *([buttons] if shown.may_connect else [])]


def _invitation(*, may_connect: bool) -> str:
    if may_connect:
        return "Captions are made in a Mux environment of yours. Connect it with an access token."
    return "An administrator of this workspace, or whoever installed this app, connects it here."


def _heard(connection: Connection) -> str:
    if not connection.polled:
        return "Mux tells by webhook when captions are done."
    return f"Mux is asked about each job every few seconds, because {plain(connection.polled)}."


def _listed(heading: str, jobs: list[Job], nothing: str) -> list[Block]:
    if not jobs:
        return [section(lines(bold(heading), nothing))]
    return [section(bold(heading)), *map(_row, jobs)]


def _row(job: Job) -> Block:
    name = bold(job.title, TITLE_LIMIT) or bold(job.request.asset_id)
    used = f"{units(job.units_consumed)} used" if job.units_consumed else ""
    facts = filter(None, [state(job), used, date(job.created_at), code(job.id)])
    return section(lines(name, dotted(*facts)))


def _begin() -> Block:
    return button(
        "Caption a video", action_id=CAPTION, value="home", label="Open the caption form", style="primary"
    )


def _connect(text: str, style: str) -> Block:
    return button(text, action_id=CONNECT, value="home", label=f"{text}: opens a form", style=style)


def _disconnect(found: Connection) -> Block:
    return button(
        "Disconnect",
        action_id=DISCONNECT,
        value="home",
        label="Disconnect the Mux environment",
        style="danger",
        confirm=confirmation(
            "Disconnect Mux?",
            sentences(f"{plain(found.environment, 60)}.", _RETURN),
            yes="Disconnect",
            no="Keep it",
            danger=True,
        ),
    )


def _told(*said: str) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "mux_told",
        "title": plain_text(_TITLE),
        "close": plain_text("Close"),
        "blocks": [section(lines(*said))],
    }
