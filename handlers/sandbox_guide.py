"""How a bot in another process is pointed at the sandbox: settings to paste, for each way of running it.

Performs no I/O.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.sandbox.config import SandboxConfig
from bot.vault import new_key


def guide(config: SandboxConfig) -> str:
    """Return all of it: what every bot needs, then one block for each way of running it.

    Each block is text of a .env file; the key in it is a fresh one.
    """
    parts = (_everybody(config), _by_http(config), _by_socket(config), _several(config), _driven(config))
    return "\n".join(line for part in parts for line in (*part, ""))


def everybody(config: SandboxConfig) -> Iterator[str]:
    """Yield the settings with which any bot finds the stand-ins instead of Slack and Mux."""
    url = config.public_url
    yield f"SLACK_API_URL={url}/api/"
    yield f"SLACK_AUTHORIZE_URL={url}/oauth/v2/authorize"
    yield f"MUX_BASE_URL={url}"
    yield f"MUX_STREAM_URL={url}/stream"
    yield f"MUX_IMAGE_URL={url}/image"
    yield f"MUX_PLAYER_URL={url}/player"
    yield "ALLOW_PRIVATE_HOSTS=true"


def by_http(config: SandboxConfig) -> Iterator[str]:
    """Yield the settings of one workspace whose requests come signed over HTTP."""
    yield f"SLACK_BOT_TOKEN={config.slack_bot_token}"
    yield f"SLACK_SIGNING_SECRET={config.slack_signing_secret}"
    yield from _mux(config)
    yield f"MUX_WEBHOOK_SECRET={config.mux_webhook_secret}"
    yield f"PUBLIC_URL={config.bot_url}"


def by_socket(config: SandboxConfig) -> Iterator[str]:
    """Yield the settings of one workspace that is reached by socket, with Mux polled."""
    yield f"SLACK_BOT_TOKEN={config.slack_bot_token}"
    yield f"SLACK_APP_TOKEN={config.slack_app_token}"
    yield from _mux(config)


def several(config: SandboxConfig) -> Iterator[str]:
    """Yield the settings of an app that several workspaces install."""
    yield f"SLACK_CLIENT_ID={config.slack_client_id}"
    yield f"SLACK_CLIENT_SECRET={config.slack_client_secret}"
    yield f"SLACK_SIGNING_SECRET={config.slack_signing_secret}"
    yield f"ENCRYPTION_KEYS={new_key()}"
    yield f"PUBLIC_URL={config.bot_url}"


def _mux(config: SandboxConfig) -> Iterator[str]:
    yield f"MUX_TOKEN_ID={config.mux_token_id}"
    yield f"MUX_TOKEN_SECRET={config.mux_token_secret}"


def _everybody(config: SandboxConfig) -> Iterator[str]:
    yield f"# The local Slack and the local Mux. Their page: {config.public_url}"
    yield "# A bot finds them with these lines, and with those of ONE of the blocks below."
    yield from everybody(config)


def _by_http(config: SandboxConfig) -> Iterator[str]:
    yield f"# One workspace over signed HTTP; the bot listens on {config.bot_url}."
    yield from by_http(config)


def _by_socket(config: SandboxConfig) -> Iterator[str]:
    yield "# One workspace by Socket Mode, Mux polled: no address is needed. With MUX_WEBHOOK_SECRET and"
    yield "# PUBLIC_URL of the block above Mux sends webhooks as well."
    yield from by_socket(config)


def _several(config: SandboxConfig) -> Iterator[str]:
    yield f"# Several workspaces by OAuth: install the app at {config.bot_url}/slack/install."
    yield f"# With SLACK_APP_TOKEN={config.slack_app_token} they are reached by socket."
    yield from several(config)
    places = [f"{config.team_name} {config.team_id}", *(f"{one.name} {one.id}" for one in config.teams)]
    owners = dict.fromkeys(
        f"{one.enterprise_name} {one.enterprise_id} (an organization)"
        for one in config.teams
        if one.enterprise_id
    )
    yield "# Workspaces:"
    yield from (f"#   {name}" for name in (*places, *owners))
    yield "# Mux tokens (id, secret) to connect them with:"
    yield from _tokens(config)


def _tokens(config: SandboxConfig) -> Iterator[str]:
    for token in config.mux_tokens:
        may = "may do everything" if token.id == config.mux_token_id else ", ".join(token.permissions)
        yield f"#   {config.mux_environment_name}: {token.id}, {token.secret} ({may})"
    for environment in config.mux_environments:
        terms = "" if environment.terms_accepted else " (Robots terms not accepted yet)"
        for token in environment.tokens:
            yield f"#   {environment.name}: {token.id}, {token.secret}{terms}"


def _driven(config: SandboxConfig) -> Iterator[str]:
    yield f"# Tests drive it with JSON, below {config.public_url}/_sandbox/:"
    yield "#   journal (all that happened), faults, clock"
    yield "#   slack/state, command, press, submit, event, run_step, authorize, uninstall, disconnect ..."
    yield "#   mux/assets, jobs, webhooks, behaviour ... (?environment= names another one)"
