"""The Slack app's manifest: what the app declares to Slack, for each way of running the bot.

Performs no I/O. Fields: https://docs.slack.dev/reference/app-manifest
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PLACEHOLDER: Final = "https://YOUR-HOST"
"""Stands for PUBLIC_URL where that is not known yet."""

REQUIRED: Final = ("commands", "chat:write")
"""The scopes without which there is no Caption Bot."""


class Feature(StrEnum):
    """What an installation may go without; the value is the name on the command line."""

    READ_BACK = "read-back"
    """The bot reads its own messages back after a crash or a lost answer, so that nothing is said twice."""
    CAPTION_FILES = "caption-files"
    """The finished files are shared in the thread; without it our own links, or Mux's, lead to them."""
    SLACK_FILES = "slack-files"
    """Videos that people have uploaded to Slack itself can be captioned."""
    PEOPLE = "people"
    """Guests and people of other organizations are told from members."""


SCOPES: Final[dict[Feature, tuple[str, ...]]] = {
    Feature.READ_BACK: ("channels:history", "groups:history", "im:history", "mpim:history", "im:write"),
    Feature.CAPTION_FILES: ("files:write",),
    Feature.SLACK_FILES: ("files:read",),
    Feature.PEOPLE: ("users:read",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which manifest is wanted.

    `public_url` is where Slack reaches the bot, without a slash at its end. With `socket` Slack is reached
    by socket and the manifest names no address. With `workflow_step` Workflow Builder has a step of the app,
    which then cannot be distributed publicly. `oauth` is for an app that several workspaces install.
    """

    public_url: str = PLACEHOLDER
    socket: bool = False
    oauth: bool = False
    workflow_step: bool = False
    features: frozenset[Feature] = frozenset(Feature)


def text(wish: Wish) -> str:
    """Return the manifest as YAML; the same wish always gives the same bytes."""
    parts = (_head(wish), _FRONT, _command(wish), _step(wish), _scopes(wish), _settings(wish))
    return "\n".join(line for part in parts for line in part) + "\n"


_FRONT: Final = (
    "_metadata:",
    "  major_version: 2",
    "display_information:",
    "  name: Caption Bot",
    "  description: Makes premium captions for Mux videos, and brings the result back to the thread.",
    '  background_color: "#1f3a5f"',
    "features:",
    "  app_home:",
    "    home_tab_enabled: true",
    "    # A result that cannot be said in its channel goes to the person who asked, as a direct message.",
    "    messages_tab_enabled: true",
    "    messages_tab_read_only_enabled: true",
    "  bot_user:",
    "    display_name: Caption Bot",
    "    always_online: true",
    "  shortcuts:",
    "    - name: Caption a video",
    "      type: global",
    "      callback_id: caption_video",
    "      description: Make captions for a video at Mux.",
    "    - name: Generate captions",
    "      type: message",
    "      callback_id: caption_message",
    "      description: Caption the video that a message links to, and answer in its thread.",
)


_INPUTS: Final = (
    ("video", "string", '"Video at Mux: asset id or link"', "What /caption takes.", True),
    ("language", "string", "Language", "A code or a name; left out, Mux finds out.", False),
    ("channel", "slack#/types/channel_id", "Channel to report in", "Where card and captions go.", True),
    ("requester", "slack#/types/user_id", "Who asks", "Choose the person who used this workflow.", True),
)
_OUTPUTS: Final = (
    ("job_id", "string", "Job", "Our id of the job.", True),
    ("captions_url", "string", "Link to the captions", "The thread in which they are.", False),
    ("track_id", "string", "Track at Mux", "What viewers have, if one was attached.", False),
    ("language", "string", "Language", "The language of the captions, as a code.", False),
    ("units", "integer", "Units consumed", "What the job cost, in Mux's units.", False),
)


# https://docs.slack.dev/workflows/workflow-steps
def _step(wish: Wish) -> Iterator[str]:
    if not wish.workflow_step:
        return
    yield "functions:"
    yield "  generate_captions:"
    yield "    title: Generate captions"
    yield "    description: Makes captions for a video at Mux, and reports in a channel."
    for name, parameters in (("input_parameters", _INPUTS), ("output_parameters", _OUTPUTS)):
        yield f"    {name}:"
        yield "      properties:"
        for parameter, kind, title, description, _ in parameters:
            yield f"        {parameter}:"
            yield f"          type: {kind}"
            yield f"          title: {title}"
            yield f"          description: {description}"
        yield "      required:"
        yield from (f"        - {parameter}" for parameter, *_, required in parameters if required)


def _head(wish: Wish) -> Iterator[str]:
    yield "# The Slack app of Caption Bot: paste this at https://api.slack.com/apps > Create New App >"
    yield "# From a manifest."
    if wish.socket:
        yield "# For Socket Mode: Slack needs no address of yours."
    elif wish.public_url == PLACEHOLDER:
        yield "# Replace YOUR-HOST by the name under which Slack reaches your server, or let"
        yield "# `caption-bot manifest --public-url https://...` do it."
    yield "# Fields: https://docs.slack.dev/reference/app-manifest"


def _command(wish: Wish) -> Iterator[str]:
    yield "  slash_commands:"
    yield "    - command: /caption"
    if not wish.socket:
        yield f"      url: {wish.public_url}/slack/events"
    yield "      description: Make captions for a video at Mux."
    yield "      usage_hint: <asset-id> [language] [options]"
    yield '      # Escaped, "@name" in a phrase would arrive as an id; typed text is what Mux is to hear.'
    yield "      should_escape: false"


def scopes(wish: Wish) -> tuple[str, ...]:
    """Return every scope that is asked for, the necessary ones first."""
    return (*REQUIRED, *_optional(wish))


def _optional(wish: Wish) -> list[str]:
    return [scope for feature in Feature if feature in wish.features for scope in SCOPES[feature]]


def _scopes(wish: Wish) -> Iterator[str]:
    optional = _optional(wish)
    yield "oauth_config:"
    if wish.oauth:
        yield "  redirect_urls:"
        yield f"    - {wish.public_url}/slack/oauth_redirect"
    yield "  scopes:"
    yield "    bot:"
    yield from (f"      - {scope}" for scope in scopes(wish))
    if optional:
        yield "    # Whoever installs the app may refuse these; docs/connect.md says what each is for."
        yield "    # Slack wants optional scopes in both lists."
        yield "    bot_optional:"
        yield from (f"      - {scope}" for scope in optional)


def _settings(wish: Wish) -> Iterator[str]:
    yield "settings:"
    yield "  event_subscriptions:"
    if not wish.socket:
        yield f"    request_url: {wish.public_url}/slack/events"
    yield "    bot_events:"
    step = ("function_executed",) if wish.workflow_step else ()
    events = ["app_home_opened", *step, *(("app_uninstalled", "tokens_revoked") if wish.oauth else ())]
    yield from (f"      - {event}" for event in events)
    yield "  interactivity:"
    yield "    is_enabled: true"
    if not wish.socket:
        yield f"    request_url: {wish.public_url}/slack/events"
        yield f"    message_menu_options_url: {wish.public_url}/slack/events"
    if wish.workflow_step:
        yield "  function_runtime: remote"
    yield f"  org_deploy_enabled: {str(wish.oauth or wish.workflow_step).lower()}"
    yield f"  socket_mode_enabled: {str(wish.socket).lower()}"
    yield "  token_rotation_enabled: false"
