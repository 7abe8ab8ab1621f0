"""What the stand-ins are told at start."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody in the workspace, as Slack names them."""

    id: str
    name: str
    real_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxConfig:
    """Both vendors' side of every secret, and how lively they are.

    `bot_url` is where the bot listens (`http://127.0.0.1:3000`); signed requests go to its
    `/slack/events` and `/mux/webhooks`. `public_url` is where the sandbox itself is reached, for the
    links it hands out. `job_seconds` is how long Mux takes over a job, `list_lag_seconds` how long a
    created job is missing from Mux's list. `caption_model` is the directory of a speech model for added
    files; without one `allow_model_download` lets the recogniser fetch its own. `limits` enforces
    Slack's real rate limits. `home_tab` says whether the app has a Home tab.
    """

    bot_url: str = "http://127.0.0.1:3000"
    public_url: str = "http://127.0.0.1:3030"
    slack_signing_secret: str = "sandbox-signing-secret"
    slack_bot_token: str = "xoxb-sandbox-0000000000"
    slack_app_token: str = "xapp-1-A0SANDBOX-0000000000-sandbox"
    slack_app_scopes: tuple[str, ...] = ("connections:write",)
    slack_scopes: tuple[str, ...] = (
        "commands",
        "chat:write",
        "files:read",
        "files:write",
        "channels:history",
        "groups:history",
        "im:history",
    )
    mux_token_id: str = "sandbox-token-id"
    mux_token_secret: str = "sandbox-token-secret"
    mux_webhook_secret: str = "sandbox-webhook-secret"
    mux_permissions: tuple[str, ...] = ("robots:*", "video:*", "system:*")
    team_id: str = "T0SANDBOX"
    app_id: str = "A0SANDBOX"
    bot_id: str = "B0CAPTION"
    bot_user_id: str = "U0CAPTION"
    people: tuple[Person, ...] = field(
        default=(
            Person(id="U0ANA", name="ana", real_name="Ana Costa"),
            Person(id="U0BEN", name="ben", real_name="Ben Okafor"),
        )
    )
    job_seconds: float = 3.0
    list_lag_seconds: float = 2.0
    limits: bool = True
    webhooks: bool = True
    home_tab: bool = True
    caption_model: Path | None = None
    allow_model_download: bool = False
